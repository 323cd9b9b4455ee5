import { mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT } from '../../lib/runner/exit-code';
import { run } from '../../lib/runner/program';
import { testMachine } from '../suites/runner/engine-machine';
import { fileTask } from '../suites/runner/file-task';

/** `--store`, and `copy` on the command line: a task with a bucket that nobody may ask, and a folder. */

const BUCKET = 'aws.bucket.nobody-asks';
let folder: string;
let task: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-store-option-'));
  mkdirSync(path.join(folder, 'docs'));
  writeFileSync(path.join(folder, 'docs/a'), 'a');
  task = path.join(folder, 'docs.json');
  const node = { id: 'n', from: [] };
  const local = { ...node, path: path.join(folder, 'backups') };
  const asked = fileTask('docs', path.join(folder, 'docs'), { local });
  writeFileSync(task, JSON.stringify(asked));
  expect((await call('backup', '--metrics', 'emf')).exit).toBe(EXIT.success);
  const bucket = { ...node, store: BUCKET, cloud: 'aws', region: 'us-east-1', bucket: 'b', path: 'docs/' } as const;
  writeFileSync(task, JSON.stringify({ ...asked, stores: [bucket] }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

let now = '2027-01-03T02:15:00Z';

async function call(command: string, ...more: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  // An endpoint that answers nobody: asking the bucket is a failure, and takes no network.
  const environment = { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
  const machine = { ...testMachine(environment, () => new Date(now)), stateFolder: folder };
  const output = { stdout: (text: string) => void out.push(text), stderr: (text: string) => void err.push(text) };
  const exit = await run([command, '--task', task, ...more], machine, output);
  return { exit, out: out.join(''), err: err.join('') };
}

test('a place that the task does not have is a bad invocation, and names those that it has', async () => {
  for (const command of [['verify', '--quick'], ['list'], ['prune'], ['copy']]) {
    const [name = '', ...more] = command;
    const { exit, err } = await call(name, ...more, '--store', 'local', '--store', 'aws.bucket.typo');
    expect([exit, err]).toEqual([
      EXIT.badInvocation,
      `hypdr-runner: task docs has no store aws.bucket.typo; it has ${BUCKET}, local\n`,
    ]);
  }
});

test('a backup goes into every place', async () => {
  const { exit, err } = await call('backup', '--store', 'local');
  expect([exit, err]).toEqual([EXIT.badInvocation, expect.stringContaining('a backup goes into every store')]);
});

test('only the places that are named are asked', async () => {
  expect((await call('verify', '--quick', '--store', 'local')).out).toBe(
    '1 newly verified, 0 verified before, 0 findings\n',
  );
  expect(await call('list', '--store', 'local')).toMatchObject({
    exit: EXIT.success,
    out: expect.stringMatching(/local\n$/),
  });
  expect((await call('prune', '--store', 'local')).exit).toBe(EXIT.success);
  const all = await call('list');
  expect(all).toMatchObject({
    exit: EXIT.retry,
    out: expect.stringContaining('local'),
    err: expect.stringContaining(BUCKET),
  });
});

test('an increment without its full is a hole, which is no damage', async () => {
  now = '2027-01-04T02:15:00Z';
  await call('backup', '--type', 'incremental', '--slot', '20270104T021500Z', '--metrics', 'emf');
  const full = readdirSync(path.join(folder, 'backups')).filter((name) => name.startsWith('20270103'));
  const ledger = readdirSync(path.join(folder, 'backups/_verified/docs')).filter((name) => name.startsWith('20270103'));
  for (const name of full) rmSync(path.join(folder, 'backups', name), { recursive: true });
  for (const name of ledger) rmSync(path.join(folder, 'backups/_verified/docs', name));
  const { exit, out } = await call('verify', '--quick', '--store', 'local');
  expect([exit, out]).toEqual([
    EXIT.degraded,
    "1 newly verified, 0 verified before, 1 findings\nlocal : the full of 20270103T021500Z is not verified here, and without it 20270104T021500Z-incremental can't be restored from here\n",
  ]);
  expect((await call('list', '--store', 'local')).out).toContain('broken');
});

test('a folder is not filled from a store', async () => {
  const { exit, err } = await call('copy', '--store', 'local');
  expect([exit, err]).toEqual([EXIT.badInvocation, expect.stringContaining('filled by the next full')]);
});

test('a destination that does not answer is a failure with its name', async () => {
  const { exit, out } = await call('copy');
  // The SDK hides from Jest, whose errors are of another realm, that it was the network: then it is permanent.
  expect([EXIT.retry, EXIT.permanent]).toContain(exit);
  expect(out).toContain(`failed      ${BUCKET}`);
});
