import { automationRecurrences, offsetsLocal } from '../../../lib/azure/automation-start';
import { inTerraform } from './terraform';

/** The expression of the first start of a schedule, computed by Terraform itself for days around changes of clocks. */
const CASES = [
  ['Europe/Berlin', '03:10'],
  ['America/New_York', '23:30'],
  ['Australia/Lord_Howe', '04:00'],
  ['Asia/Kolkata', '00:05'],
] as const;
/** Two days before and after each change of 2027, and days between. */
const DAYS = [
  ...['2027-01-15', '2027-03-12', '2027-03-26', '2027-03-27', '2027-04-02', '2027-10-01', '2027-10-29', '2027-11-05'],
];

test('the start is the time of the clock in its zone, on any day', () => {
  const locals = Object.fromEntries(CASES.map(([zone]) => [offsetsLocal(zone).name, offsetsLocal(zone).value]));
  const asked = CASES.flatMap(([timeZone, at]) => {
    const [only] = automationRecurrences({ kind: 'calendar', at, timeZone, days: { kind: 'all' } });
    const startTime = only?.startTime ?? '';
    return DAYS.map((day) => ({ timeZone, at, text: startTime.replaceAll('plantimestamp()', `"${day}T09:00:00Z"`) }));
  });
  const expression = `jsonencode([${asked.map(({ text }) => `"${text}"`).join(', ')}])`;
  const { stdout, stderr } = inTerraform({ locals }, (run) => run(['console'], `${expression}\n`));
  expect(stderr).toBe('');
  const answers = JSON.parse(JSON.parse(stdout) as string) as readonly string[];
  expect(answers).toHaveLength(asked.length);
  answers.forEach((answer, index) => {
    const { timeZone, at } = asked[index] ?? { timeZone: '', at: '' };
    const shown = new Intl.DateTimeFormat('sv-SE', { timeZone, timeStyle: 'short' }).format(new Date(answer));
    expect([answer, shown]).toEqual([answer, at]);
  });
});
