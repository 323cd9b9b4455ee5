import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import path from 'node:path';
import { automationRecurrences, offsetsLocal } from '../../../lib/azure/automation-start';

/** The expression of the first start of a schedule, computed by Terraform itself for days around changes of clocks. */
const TOOLS = path.resolve(__dirname, '../../../scripts/lib/tools.mjs');

function terraform(): readonly string[] {
  const code = `import { terraformCommand } from ${JSON.stringify(TOOLS)}; console.log(JSON.stringify(terraformCommand()));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout) as string[];
}

const CASES = [
  ['Europe/Berlin', '03:10'],
  ['America/New_York', '23:30'],
  ['Australia/Lord_Howe', '04:00'],
  ['Asia/Kolkata', '00:05'],
] as const;
/** Two days before and after each change of 2027, and days between. */
const DAYS = [
  '2027-01-15',
  '2027-03-12',
  '2027-03-26',
  '2027-03-27',
  '2027-04-02',
  '2027-10-01',
  '2027-10-29',
  '2027-11-05',
];

test('the start is the time of the clock in its zone, on any day', () => {
  const [command = '', ...prefix] = terraform();
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-start-'));
  try {
    const locals = Object.fromEntries(CASES.map(([zone]) => [offsetsLocal(zone).name, offsetsLocal(zone).value]));
    writeFileSync(path.join(folder, 'main.tf.json'), JSON.stringify({ locals }));
    const asked = CASES.flatMap(([timeZone, at]) => {
      const [only] = automationRecurrences({ kind: 'calendar', at, timeZone, days: { kind: 'all' } });
      return DAYS.map((day) => ({
        timeZone,
        at,
        text: (only?.startTime ?? '').replaceAll('plantimestamp()', `"${day}T09:00:00Z"`),
      }));
    });
    const { stdout, stderr } = spawnSync(command, [...prefix, `-chdir=${folder}`, 'console'], {
      input: `jsonencode([${asked.map(({ text }) => `"${text}"`).join(', ')}])\n`,
      encoding: 'utf8',
      env: { ...process.env, CHECKPOINT_DISABLE: '1', TF_CLI_CONFIG_FILE: devNull },
    });
    const answers = JSON.parse(JSON.parse(stdout) as string) as readonly string[];
    expect([stderr, answers.length]).toEqual(['', asked.length]);
    answers.forEach((answer, index) => {
      const { timeZone, at } = asked[index] ?? { timeZone: '', at: '' };
      const shown = new Intl.DateTimeFormat('sv-SE', { timeZone, timeStyle: 'short' }).format(new Date(answer));
      expect([answer, shown]).toEqual([answer, at]);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
