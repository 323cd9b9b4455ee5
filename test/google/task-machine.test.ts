import { CONFIG_BUCKET, fullReadWords, renderTaskMachine, testRestoreWords } from '../../lib/google/task-machine';
import type { RunArgument } from '../../lib/google/task-machine';
import { Raised, runWorkflow } from './workflow-interpreter';
import type { Value } from './workflow-expression';

/** The workflow around a run, executed with every exit code that a container may leave. */

const RUN: RunArgument = {
  task: 'shop',
  command: 'backup',
  type: 'incremental',
  manifest: 'tasks/acme-shop/abc.json',
  writer: 'acme-shop-w',
  verifier: 'acme-shop-v',
  pruner: 'acme-shop-p',
  at: 3 * 60 + 15,
  zone: 'Europe/Berlin',
};
const RUN_API = 'https://run.googleapis.com/v2/';

/** What a container left: an exit code, that it was killed, or that it never started. */
type End = number | 'killed' | 'never started' | 'no attempt';

interface Scene {
  /** Ends of the executions of each job, in their order; the last one stands for all later ones. */
  readonly ends: Readonly<Record<string, readonly End[]>>;
  /** Laid over the argument of every night; what is undefined is left out. */
  readonly argument?: Readonly<Record<string, unknown>>;
  readonly now?: string;
  /** Answers of the API that fail, by the number of the request from 1. */
  readonly faults?: Readonly<Record<number, number>>;
}

function play({ ends, argument, now = '2026-11-22T02:15:07Z', faults = {} }: Scene) {
  const started: { job: string; args: readonly string[] | undefined }[] = [];
  const logs: Record<string, Value>[] = [];
  let slept = 0;
  let requests = 0;
  const looks = new Map<string, number>();
  const seconds = () => Date.parse(now) / 1000 + slept + 0.25;

  const request = () => {
    requests += 1;
    const code = faults[requests];
    if (code !== undefined) throw new Raised({ code, message: `HTTP server responded with error code ${code}` });
  };
  const endOf = (execution: string): End => {
    const [job = '', number = '1'] = execution.split('/jobs/')[1]?.split('/executions/') ?? [];
    const list = ends[job.replace(/^acme-shop/, '')] ?? [];
    return list[Math.min(Number(number), list.length) - 1] ?? 'never started';
  };
  const post = ({ url, body, auth }: Readonly<Record<string, Value>>) => {
    request();
    expect(auth).toEqual({ type: 'OAuth2' });
    const [, name = ''] = /^https:\/\/run\.googleapis\.com\/v2\/(projects\/p\/locations\/l\/jobs\/[^/]+):run$/.exec(
      String(url),
    ) as unknown as string[];
    const job = name.split('/jobs/')[1] ?? '';
    const overrides = (body as { overrides?: { containerOverrides: { args: string[] }[] } }).overrides;
    started.push({ job, args: overrides?.containerOverrides[0]?.args });
    const number = started.filter((one) => one.job === job).length;
    return { body: { metadata: { name: `${name}/executions/${number}` } } };
  };
  const get = ({ url }: Readonly<Record<string, Value>>) => {
    request();
    const path = String(url).slice(RUN_API.length);
    if (!path.endsWith('/tasks')) {
      const look = (looks.get(path) ?? 0) + 1;
      looks.set(path, look);
      const end = endOf(path);
      // The first look comes too early.
      if (look < 2) return { body: { name: path, runningCount: 1 } };
      return { body: { name: path, completionTime: now, ...(end === 0 ? { succeededCount: 1 } : { failedCount: 1 }) } };
    }
    const end = endOf(path.replace(/\/tasks$/, ''));
    if (end === 'never started') return { body: {} };
    if (end === 'no attempt') return { body: { tasks: [{ name: 't' }] } };
    // JSON of the API leaves out what is zero.
    const lastAttemptResult = end === 'killed' ? { termSignal: 9 } : end === 0 ? { status: {} } : { exitCode: end };
    return { body: { tasks: [{ name: 't', lastAttemptResult }] } };
  };

  let value: Value;
  let raised: Value;
  try {
    value = runWorkflow(renderTaskMachine(), JSON.parse(JSON.stringify({ ...RUN, ...argument })), {
      calls: {
        'http.post': post,
        'http.get': get,
        'sys.sleep': (args) => void (slept += Number(args.seconds)),
        'sys.log': ({ json, severity }) => void logs.push({ ...(json as object), severity }),
      },
      functions: {
        'sys.now': seconds,
        'sys.get_env': (name) =>
          ({ GOOGLE_CLOUD_PROJECT_ID: 'p', GOOGLE_CLOUD_LOCATION: 'l', [CONFIG_BUCKET]: 'config' })[String(name)],
        int: (from) => Math.trunc(Number(from)),
        if: (condition, yes, no) => (condition === true ? yes : no),
        default: (given, otherwise) => given ?? otherwise,
        'map.get': (map, key) => (map as Readonly<Record<string, Value>>)[String(key)] ?? null,
        'json.encode_to_string': (given) => JSON.stringify(given),
        'text.substring': (text, start, end) => String(text).slice(Number(start), Number(end)),
        'time.format': (at, zone) => formatted(Number(at), zone === undefined ? 'UTC' : String(zone)),
      },
    });
  } catch (error) {
    if (!(error instanceof Raised)) throw error;
    raised = error.value;
  }
  const [log, ...more] = logs;
  expect(more).toEqual([]);
  return {
    failed: raised !== undefined,
    ended: value ?? raised,
    log,
    slept,
    jobs: started.map(({ job }) => job.replace(/^acme-shop/, '')).join(' '),
    args: started.map(({ args }) => args),
  };
}

/** As the service writes it: with microseconds, and the offset of the zone. */
function formatted(seconds: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  }).formatToParts(seconds * 1000);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}.000000+00:00`;
}

const OK: readonly End[] = [0];

test.each([
  ['success', { '-w': OK, '-v': OK }, '-w -v', 'success', false],
  ['degraded: verified, and told', { '-w': [3], '-v': OK }, '-w -v', 'degraded', false],
  ['another run holds the lock, or the slot is published', { '-w': [5] }, '-w', 'overlap', false],
  ['worth another try, and then it works', { '-w': [75, 75, 0], '-v': OK }, '-w -w -w -v', 'success', false],
  ['worth another try, and it never works', { '-w': [75] }, '-w -w -w -w', 'failed', true],
  ['permanent', { '-w': [78] }, '-w', 'failed', true],
  ['a bug', { '-w': [1] }, '-w', 'failed', true],
  ['a bad invocation', { '-w': [2] }, '-w', 'failed', true],
  ['interrupted', { '-w': [130] }, '-w', 'failed', true],
  ['killed', { '-w': ['killed'] }, '-w', 'failed', true],
  ['never started', { '-w': ['never started'] }, '-w', 'failed', true],
  ['no attempt at all', { '-w': ['no attempt'] }, '-w', 'failed', true],
  ['verification finds damage', { '-w': OK, '-v': [4] }, '-w -v', 'damaged', true],
  ['verification finds a hole in a chain', { '-w': OK, '-v': [3] }, '-w -v', 'degraded', false],
  ['verification works later', { '-w': OK, '-v': [75, 75, 0] }, '-w -v -v -v', 'success', false],
  ['verification never works', { '-w': OK, '-v': [75] }, '-w -v -v -v', 'failed', true],
  ['verification of a degraded backup finds damage', { '-w': [3], '-v': [4] }, '-w -v', 'damaged', true],
] as const)('a backup: %s', (_, ends, jobs, outcome, failed) => {
  const played = play({ ends });
  expect([played.jobs, played.failed]).toEqual([jobs, failed]);
  expect(played.ended).toMatchObject({ outcome, slot: '20261122T021500Z' });
  const severity = failed ? 'ERROR' : outcome === 'degraded' ? 'WARNING' : 'INFO';
  expect(played.log).toMatchObject({ event: 'backup_outcome', outcome, severity, task: 'shop', type: 'incremental' });
});

test.each([
  [0, 'success', false],
  [3, 'degraded', false],
  [5, 'overlap', false],
  [75, 'failed', true],
  [78, 'failed', true],
] as const)('pruning that ends with %s', (code, outcome, failed) => {
  const played = play({ ends: { '-p': [code] }, argument: { command: 'prune', type: '' } });
  expect([played.jobs, played.failed, played.log?.outcome]).toEqual(['-p', failed, outcome]);
});

test.each([
  [[0], '-v', 'success', false],
  [[4], '-v', 'damaged', true],
] as const)('what a host stored is verified, and nothing is taken: %s', (ends, jobs, outcome, failed) => {
  const played = play({ ends: { '-v': ends }, argument: { command: 'watch', type: '', every: 3600, offset: 420 } });
  expect([played.jobs, played.failed, played.log?.outcome]).toEqual([jobs, failed, outcome]);
});

test.each([
  ['everything is there', { '-w': OK, '-v': OK }, '-w -v', 'success', false],
  ['not everything is everywhere', { '-w': [3], '-v': OK }, '-w -v', 'degraded', false],
  ['a source is damaged', { '-w': [4] }, '-w', 'damaged', true],
  ['a store is down for a while', { '-w': [75, 0], '-v': OK }, '-w -w -v', 'success', false],
  ['a store stays down', { '-w': [75] }, '-w -w -w -w', 'failed', true],
  ['nobody lets it in', { '-w': [78] }, '-w', 'failed', true],
  ['verification finds damage', { '-w': OK, '-v': [4] }, '-w -v', 'damaged', true],
] as const)('a copy: %s', (_, ends, jobs, outcome, failed) => {
  const played = play({ ends, argument: { command: 'copy', type: '' } });
  expect([played.jobs, played.failed, played.log?.outcome]).toEqual([jobs, failed, outcome]);
  // As its job says, without a type and a slot.
  expect(played.args.every((one) => one === undefined)).toBe(true);
});

test.each([
  ['all is as it was stored', [0], '-v', 'success', false],
  ['nothing is damaged, and something lacks', [3], '-v', 'degraded', false],
  ['damage that was read once is damage', [4], '-v', 'damaged', true],
  ['a store is away for a while', [75, 0], '-v -v', 'success', false],
  ['a store stays away', [75], '-v -v -v -v', 'failed', true],
  ['it was killed', ['killed'], '-v', 'failed', true],
] as const)('a full re-read: %s', (_, ends, jobs, outcome, failed) => {
  const words = fullReadWords(['google.bucket.acme', 'google.bucket.acme-all']);
  const played = play({ ends: { '-v': ends }, argument: { command: 'verify', type: '', words } });
  expect([played.jobs, played.failed, played.log?.outcome]).toEqual([jobs, failed, outcome]);
  for (const args of played.args) {
    expect(args).toEqual([
      ...['verify', '--full', '--task', 'gs://config/tasks/acme-shop/abc.json'],
      ...['--store', 'google.bucket.acme', '--store', 'google.bucket.acme-all'],
    ]);
  }
});

test.each([
  ['it passed', [0], '-r', 'success', false],
  ['it passed, with warnings', [3], '-r', 'degraded', false],
  ['a backup that is stale or damaged, or a check that failed', [4], '-r', 'damaged', true],
  ['a thaw that is awaited', [75, 75, 0], '-r -r -r', 'success', false],
  ['a store that stays away', [75], '-r -r -r -r', 'failed', true],
  ['more data than memory', ['killed'], '-r', 'failed', true],
  ['nobody lets it in', [78], '-r', 'failed', true],
] as const)('a test restore: %s', (_, ends, jobs, outcome, failed) => {
  const words = testRestoreWords(['google.bucket.acme']);
  const argument = { command: 'test-restore', type: '', restorer: 'acme-shop-r', words };
  const played = play({ ends: { '-r': ends }, argument });
  expect([played.jobs, played.failed, played.log?.outcome]).toEqual([jobs, failed, outcome]);
  for (const args of played.args) {
    expect(args).toEqual([
      ...['test-restore', '--task', 'gs://config/tasks/acme-shop/abc.json', '--slot', '20261122T021500Z'],
      ...['--metrics', 'log', '--store', 'google.bucket.acme'],
    ]);
  }
});

test('the writer is told type and slot; verifier and pruner run as their jobs say', () => {
  const { args } = play({ ends: { '-w': OK, '-v': OK } });
  expect(args).toEqual([
    [
      ...['backup', '--task', 'gs://config/tasks/acme-shop/abc.json', '--type', 'incremental'],
      ...['--slot', '20261122T021500Z', '--metrics', 'log'],
    ],
    undefined,
  ]);
});

test('another try takes its slot along, and waits five minutes', () => {
  const { args, slept } = play({ ends: { '-w': [75, 0], '-v': OK } });
  expect(args.slice(0, 2).map((list) => list?.[6])).toEqual(['20261122T021500Z', '20261122T021500Z']);
  expect(slept).toBe(300 + 3 * 2 * 30);
});

test.each([
  ['at once', '2026-11-22T02:15:00Z', '20261122T021500Z'],
  ['at the end of its minute', '2026-11-22T02:15:59Z', '20261122T021500Z'],
  ['an hour late', '2026-11-22T03:15:30Z', '20261122T021500Z'],
  ['in summer time', '2026-07-05T01:15:02Z', '20260705T011500Z'],
  ['by hand, far from its time', '2026-11-22T12:34:56Z', '20261122T123400Z'],
])('a start that comes %s has the slot of the plan', (_, now, slot) => {
  expect(play({ ends: { '-w': OK, '-v': OK }, now }).ended).toMatchObject({ slot });
});

test.each([
  ['a window across midnight', { at: 5, zone: 'America/Chicago' }, '2026-11-22T06:05:20Z', '20261122T060500Z'],
  ['late across midnight', { at: 23 * 60 + 50, zone: 'UTC' }, '2026-11-22T00:10:00Z', '20261121T235000Z'],
  [
    'eight and nine, which are no octal numbers',
    { at: 8 * 60 + 9, zone: 'UTC' },
    '2026-11-22T08:09:00Z',
    '20261122T080900Z',
  ],
  ['a zone of half hours', { at: 3 * 60, zone: 'Asia/Kolkata' }, '2026-11-21T21:30:01Z', '20261121T213000Z'],
  ['an interval', { at: undefined, every: 900, offset: 720 }, '2026-11-22T10:29:10Z', '20261122T102700Z'],
  ['an interval, at once', { at: undefined, every: 21_600, offset: 3600 }, '2026-11-22T13:00:01Z', '20261122T130000Z'],
  ['no plan: a start by hand', { at: undefined }, '2026-11-22T10:29:10Z', '20261122T102900Z'],
])('the slot of %s', (_, argument, now, slot) => {
  const { ended } = play({ ends: { '-w': OK, '-v': OK }, argument, now });
  expect(ended).toMatchObject({ slot });
});

test('an API that is busy is asked again; a run is not started twice by an answer that may have come of it', () => {
  expect(play({ ends: { '-w': OK, '-v': OK }, faults: { 1: 503, 4: 503 } }).log?.outcome).toBe('success');
  const lost = play({ ends: { '-w': OK, '-v': OK }, faults: { 1: 500 } });
  expect([lost.jobs, lost.failed, lost.log?.outcome]).toEqual(['', true, 'failed']);
  expect(lost.log?.why).toContain('500');
});
