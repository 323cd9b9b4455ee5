import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import type { RunSchedule, TaskManifest } from '../../lib/contract';
import { onCalendar, renderTimerInstaller } from '../../lib/hosts/timers';
import { hostTimers, startsByTimers } from '../../lib/plan/host-timers';
import { spec } from '../plan/support';
import { planOf } from '../plan/support';

const RUNNER = 'the runner\n';
const sha256 = createHash('sha256').update(RUNNER).digest('hex');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-timers-'));
  mkdirSync(path.join(folder, 'hosts/docs'), { recursive: true });
  writeFileSync(path.join(folder, 'hosts/runner.js'), RUNNER);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function task(types: string, local = ''): TaskManifest {
  const [found] = planOf(
    spec({
      types,
      filesystem: `docs: { paths: ["/srv/docs"] storage: { ${local} gcs: { bucket: "acme-docs" location: "europe-west3" path: "docs/" } } }`,
    }),
  ).tasks;
  if (!found) throw new Error('no task');
  return found;
}

function install(of: TaskManifest, ...words: readonly string[]) {
  const file = path.join(folder, 'hosts/docs/install.sh');
  writeFileSync(file, renderTimerInstaller({ word: 'docs', task: of, timers: hostTimers(of), runnerSha256: sha256 }));
  const env = { PATH: process.env.PATH, HYPDR_ROOT: path.join(folder, 'root') };
  const { status, stdout, stderr } = spawnSync('bash', [file, ...words], { env, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

const units = () => readdirSync(path.join(folder, 'root/etc/systemd/system')).sort();

/** What the script makes of a moment: it stops where it would begin with the run. */
function slotOf(does: string, at: string): string {
  const script = path.join(folder, 'root/usr/local/sbin/hypdr-task-docs');
  const text = readFileSync(script, 'utf8');
  const end = text.indexOf('if [ "${2:-}" != once ]');
  writeFileSync(script, `${text.slice(0, end)}echo "$run $slot"\nexit\n${text.slice(end)}`);
  const now = String(Date.parse(at) / 1000);
  const run = spawnSync('bash', [script, does], { env: { PATH: process.env.PATH, HYPDR_NOW: now }, encoding: 'utf8' });
  writeFileSync(script, text);
  return run.stdout.trim() || run.stderr.trim();
}

const WEEKLY =
  'full: { frequency: "weekly" day: "sunday" retention: 30 } incremental: { frequency: "daily" retention: 14 }';

test('only hosts that no service of their cloud reaches have timers', () => {
  const of = (change: Partial<TaskManifest>) => startsByTimers({ ...task(WEEKLY), ...change });
  expect(of({})).toBe(true);
  expect([of({ cloud: 'aws' }), of({ host: 'container' }), of({ cloud: 'azure' })]).toEqual([false, false, true]);
  expect(of({ cloud: 'azure', engine: 'sqlserver', local: null })).toBe(false);
});

test('everything is in its place, may be put there again, and what the spec no longer has goes', () => {
  expect(install(task(WEEKLY))).toMatchObject({ status: 0 });
  expect(units()).toEqual([
    'hypdr-task-docs-full.timer',
    'hypdr-task-docs-incremental.timer',
    'hypdr-task-docs@.service',
  ]);
  const manifest = readFileSync(path.join(folder, 'root/etc/hypnoscript-dr/tasks/docs.json'), 'utf8');
  expect(JSON.parse(manifest)).toEqual(JSON.parse(JSON.stringify(task(WEEKLY))));
  const { status, said } = install(task('full: { frequency: "daily" retention: 30 }'));
  expect([status, said]).toEqual([0, expect.stringContaining('removed hypdr-task-docs-incremental.timer')]);
  expect(units()).toEqual(['hypdr-task-docs-full.timer', 'hypdr-task-docs@.service']);
  expect(install(task(WEEKLY), '--remove')).toMatchObject({ status: 0 });
  expect(units()).toEqual([]);
  expect(existsSync(path.join(folder, 'root/usr/local/lib/hypnoscript-dr/docs'))).toBe(false);
});

test('a folder on the host is pruned there, after the window', () => {
  install(task(WEEKLY, 'local: { path: "/srv/backups/docs" max_size: "50GB" }'));
  expect(units()).toContain('hypdr-task-docs-prune.timer');
  // When all that begins right after the window has begun: the ledger knows what was verified by then.
  const kept = task(WEEKLY, 'local: { path: "/srv/backups/docs" }');
  const schedule = hostTimers(kept).find(({ does }) => does === 'prune')?.schedule;
  const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const after = schedule?.kind === 'calendar' ? (minutes(schedule.at) - minutes(kept.window.end) + 1440) % 1440 : 0;
  expect([after >= 120, after < 240]).toEqual([true, true]);
});

test('a runner that is not the one that it was written with is refused, and nothing is changed', () => {
  writeFileSync(path.join(folder, 'hosts/runner.js'), 'another one\n');
  expect(install(task(WEEKLY))).toMatchObject({
    status: 78,
    said: expect.stringContaining('copy the whole folder') as string,
  });
  expect(existsSync(path.join(folder, 'root'))).toBe(false);
});

test('a run has the slot of its plan, whenever its timer comes', () => {
  install(task(WEEKLY));
  const timer = readFileSync(path.join(folder, 'root/etc/systemd/system/hypdr-task-docs-full.timer'), 'utf8');
  const at = /OnCalendar=sun \*-\*-\* (\d\d):(\d\d):00 UTC/.exec(timer);
  const [, hour = '', minute = ''] = at ?? [];
  const slot = (date: string) => `${date}T${hour}${minute}00Z`;
  const moment = (date: string, more: number) =>
    new Date(Date.parse(`${date}T${hour}:${minute}:00Z`) + more).toISOString();
  expect(slotOf('full', moment('2026-11-29', 0))).toBe(`backup full ${slot('20261129')}`);
  expect(slotOf('full', moment('2026-11-29', -30_000))).toBe(`backup full ${slot('20261129')}`);
  // The machine was off over the weekend: it is Sunday's all the same.
  expect(slotOf('full', moment('2026-12-01', 3_600_000))).toBe(`backup full ${slot('20261129')}`);
  expect(slotOf('incremental', moment('2026-12-01', 3_600_000))).toBe(`backup incremental ${slot('20261201')}`);
  expect(slotOf('differential', moment('2026-12-01', 0))).toContain('say one of: full, incremental');
});

test('what may work in a while is tried again, and ends with what it ended with', () => {
  install(task(WEEKLY));
  const script = path.join(folder, 'root/usr/local/sbin/hypdr-task-docs');
  const text = readFileSync(script, 'utf8');
  const tries = path.join(folder, 'tries');
  const end = text.indexOf('slot="$3"');
  for (const [codes, ends, count] of [
    ['75 75 0', 0, 3],
    ['75 75 75 75', 75, 4],
    ['3', 3, 1],
    ['78', 78, 1],
  ] as const) {
    rmSync(tries, { force: true });
    const body = `echo "$3" >>${tries}\ncodes=(${codes})\nexit "\${codes[$(($(wc -l <${tries}) - 1))]}"\n`;
    writeFileSync(script, text.slice(0, end) + body);
    chmodSync(script, 0o755);
    const { status } = spawnSync(script, ['full'], { env: { PATH: process.env.PATH, HYPDR_PAUSE: '0' } });
    const slots = readFileSync(tries, 'utf8').trim().split('\n');
    expect([status, slots.length, new Set(slots).size]).toEqual([ends, count, 1]);
  }
});

describe('calendars', () => {
  test.each<[RunSchedule, readonly string[]]>([
    [
      { kind: 'calendar', at: '02:15', timeZone: 'Europe/Berlin', days: { kind: 'all' } },
      ['*-*-* 02:15:00 Europe/Berlin'],
    ],
    [
      { kind: 'calendar', at: '02:15', timeZone: 'UTC', days: { kind: 'weekdays', weekdays: ['monday', 'friday'] } },
      ['mon,fri *-*-* 02:15:00 UTC'],
    ],
    [
      { kind: 'calendar', at: '02:15', timeZone: 'UTC', days: { kind: 'month_day', monthDay: 1 } },
      ['*-*-01 02:15:00 UTC'],
    ],
    [
      { kind: 'calendar', at: '02:15', timeZone: 'UTC', days: { kind: 'not_month_day', monthDay: 2 } },
      ['*-*-01..01,03..31 02:15:00 UTC'],
    ],
    [{ kind: 'interval', everySeconds: 3600, offsetSeconds: 420 }, ['*-*-* *:07:00 UTC']],
    [{ kind: 'interval', everySeconds: 21_600, offsetSeconds: 4200 }, ['*-*-* 01,07,13,19:10:00 UTC']],
  ])('%j', (schedule, lines) => {
    expect(onCalendar(schedule)).toEqual(lines);
  });

  test('an interval starts as often as it says, and never twice', () => {
    const divisors = [60, 300, 900, 1800, 3600, 7200, 10_800, 14_400, 28_800, 43_200, 86_400];
    fc.assert(
      fc.property(fc.constantFrom(...divisors), fc.nat({ max: 86_399 }), (everySeconds, offsetSeconds) => {
        const starts = onCalendar({ kind: 'interval', everySeconds, offsetSeconds }).flatMap((line) => {
          const [, hours = '', minute, second] = /^\*-\*-\* ([\d,*]+):(\d\d):(\d\d) UTC$/.exec(line) ?? [];
          const list = hours === '*' ? Array.from({ length: 24 }, (_, hour) => hour) : hours.split(',').map(Number);
          return list.map((hour) => hour * 3600 + Number(minute) * 60 + Number(second));
        });
        const wanted = Array.from(
          { length: 86_400 / everySeconds },
          (_, index) => (offsetSeconds % everySeconds) + index * everySeconds,
        );
        expect(starts.sort((a, b) => a - b)).toEqual(wanted);
      }),
    );
  });
});
