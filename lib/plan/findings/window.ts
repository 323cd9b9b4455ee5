import { TimeOfDay, clockChangesAt } from '../../units';
import type { PlanCheck } from './finding';

/** Years whose clock changes are looked at: fixed, so that the same spec gives the same findings on any day. */
const YEARS = { from: 2026, to: 2035 } as const;

/** Clocks are put forward and back; schedulers skip what does not exist and repeat what exists twice. */
export const clockChanges: PlanCheck = ({ context }) => {
  const { start, end, timezone } = context.backup.general.backup_window;
  const changes = clockChangesAt(timezone, start, YEARS.from, YEARS.to);
  const [skipped] = changes.filter((one) => one.kind === 'skipped');
  const [repeated] = changes.filter((one) => one.kind === 'repeated');
  const path = 'backup.general.backup_window.start';
  if (skipped) {
    const whole = isWithinGap(timezone, start, end, skipped.date);
    context.report({
      code: whole ? 'DR3046' : 'DR3045',
      path,
      message: whole
        ? `the whole window does not exist in ${timezone} on days such as ${skipped.date}, when clocks go forward`
        : `${start} does not exist in ${timezone} on days such as ${skipped.date}, when clocks go forward: runs are placed in the part of the window that exists on every day`,
      fix: whole ? 'widen the window' : '',
    });
  } else if (repeated) {
    context.report({
      code: 'DR3045',
      path,
      message: `${start} occurs twice in ${timezone} on days such as ${repeated.date}, when clocks go back: runs are placed outside of that hour where anything else is left`,
      fix: '',
    });
  }
};

function isWithinGap(zone: string, start: TimeOfDay, end: TimeOfDay, date: string): boolean {
  const length = (end.minutes - start.minutes + 1440) % 1440;
  if (length > 120) return false;
  const year = Number(date.slice(0, 4));
  const last = TimeOfDay.minutes(start.minutes + length - 1);
  return clockChangesAt(zone, last, year, year).some((one) => one.kind === 'skipped' && one.date === date);
}
