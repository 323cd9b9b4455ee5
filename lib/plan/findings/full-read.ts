import { cadenceText } from '../../units';
import { frequencyOf, isRounded } from '../slots';
import type { PlanCheck } from './finding';

/** Bytes decay, and keys are lost, without anybody asking: what is never read again is believed in. */
export const neverReadAgain: PlanCheck = ({ context, dataSets, plan }) => {
  for (const { name, validation } of plan.tasks) {
    if (validation.fullRead) continue;
    const dataSet = dataSets.find((one) => one.name === name);
    const spec = dataSet?.spec.set.validation;
    const key = spec?.enabled === false ? 'enabled' : 'verify_checksum';
    context.report({
      code: 'DR3072',
      path: `${dataSet?.path ?? ''}.validation.${key}`,
      message: `what is stored of "${name}" is never read again by itself`,
      fix: `set ${key}: true, or let somebody run hypdr-runner verify --full`,
    });
  }
};

/** A re-read starts on days of a calendar, after the window. */
export const roundedFullRead: PlanCheck = ({ context, dataSets, plan }) => {
  for (const { name, validation } of plan.tasks) {
    const { kind } = frequencyOf(validation.cadence);
    if (!validation.fullRead || (kind !== 'interval' && !isRounded(validation.cadence))) continue;
    context.report({
      code: 'DR3073',
      path: `${dataSets.find((one) => one.name === name)?.path ?? ''}.validation.frequency`,
      message: `what is stored of "${name}" is read again after the window, ${kind === 'interval' ? 'daily' : kind} and not ${cadenceText(validation.cadence)}`,
      fix: 'say daily, weekly or monthly',
    });
  }
};
