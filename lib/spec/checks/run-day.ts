import { cadenceText } from '../../units';
import type { SpecCheck } from './check';

/** A weekly run has a weekday, a monthly one a day of the month, others none. */
export const runDays: SpecCheck = ({ backup }, report) => {
  for (const [name, type] of Object.entries(backup?.general.types ?? {})) {
    if (!type || type.day === undefined) continue;
    const wanted = { weekly: 'string', monthly: 'number' }[type.frequency.kind as string];
    if (typeof type.day === wanted) continue;
    report({
      code: 'DR2031',
      path: `backup.general.types.${name}.day`,
      message: `day ${JSON.stringify(type.day)} does not fit frequency "${cadenceText(type.frequency).replace(/^every /, '')}"`,
      fix:
        wanted === 'string'
          ? 'write a weekday such as "sunday"'
          : wanted === 'number'
            ? 'write a day of the month from 1 to 28'
            : 'leave day out: only weekly and monthly runs have one',
    });
  }
};

/** A window needs a length. */
export const windowLength: SpecCheck = ({ backup }, report) => {
  const window = backup?.general.backup_window;
  if (!window || window.start.minutes !== window.end.minutes) return;
  report({
    code: 'DR2032',
    path: 'backup.general.backup_window.end',
    message: `the window starts and ends at ${window.start.toString()}`,
    fix: 'end it later; an end before the start means on the next day',
  });
};
