import { childPath, itemPath } from '../../diagnostics';
import type { SpecCheck } from './check';

/** Steps are numbered in their order, each number once. */
export const stepOrder: SpecCheck = ({ disaster_recovery: recovery }, report) => {
  for (const [name, scenario] of recovery?.scenarios ?? []) {
    const at = `${childPath('disaster_recovery.scenarios', name)}.recovery_steps`;
    scenario.recovery_steps.forEach((step, index) => {
      const before = scenario.recovery_steps[index - 1];
      if (!before || step.step > before.step) return;
      report({
        code: 'DR2034',
        path: `${itemPath(at, index)}.step`,
        message: `step ${step.step} stands after step ${before.step}`,
        fix: 'number the steps in their order, each number once',
      });
    });
  }
};
