import { isUnder } from '../diagnostics';
import type { Diagnostic, Report } from '../diagnostics';
import type { DeploymentSpec } from '../spec';

/**
 * Marks findings that the spec accepts, with its reason. Errors are never accepted. An acknowledgement that is over,
 * or accepts nothing, is a finding itself.
 * @param today `YYYY-MM-DD`
 */
export function acknowledge(
  diagnostics: readonly Diagnostic[],
  deployment: DeploymentSpec | undefined,
  today: string,
  report: Report,
): readonly Diagnostic[] {
  const accepted = deployment?.acknowledge ?? [];
  const used = new Set<number>();
  const marked = diagnostics.map((one) => {
    if (one.severity === 'error') return one;
    const index = accepted.findIndex(
      ({ code, path, until }) =>
        code === one.code && (path === '*' || isUnder(one.path, path)) && (until === undefined || today <= until),
    );
    const found = accepted[index];
    if (!found) return one;
    used.add(index);
    return { ...one, acknowledged: found.reason };
  });
  accepted.forEach(({ code, until }, index) => {
    if (used.has(index)) return;
    const over = until !== undefined && until < today;
    report({
      code: 'DR3050',
      path: `deployment.acknowledge[${index}]`,
      message: over
        ? `the acknowledgement of ${code} ended on ${until}`
        : `the acknowledgement of ${code} accepts nothing`,
      fix: over ? 'mend the finding, or give the acknowledgement a later day and a reason' : 'remove it',
    });
  });
  return marked;
}
