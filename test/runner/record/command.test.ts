import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT } from '../../../lib/runner/exit-code';
import { run } from '../../../lib/runner/program';
import { writeRecord } from '../../../lib/runner/record/write';
import { openLocal } from '../../../lib/runner/store/open';
import { testMachine } from '../../suites/runner/engine-machine';
import { fileTask } from '../../suites/runner/file-task';
import { makeKeys } from './keys';
import { opened, recordOf } from './records';

/** `verify --record-key` on the command line, of a folder. */

const keys = makeKeys();
let folder: string;
let task: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-record-'));
  mkdirSync(path.join(folder, 'docs'));
  writeFileSync(path.join(folder, 'docs/a'), 'a');
  task = path.join(folder, 'docs.json');
  const local = { id: 'n', from: [], path: path.join(folder, 'backups') };
  writeFileSync(task, JSON.stringify(fileTask('docs', path.join(folder, 'docs'), { local })));
  expect((await call({}, 'backup')).exit).toBe(EXIT.success);
  const store = await openLocal(local.path, testMachine());
  const record = recordOf({ task: 'docs', result: 'passed', startedAt: '2027-01-02T05:00:00Z' });
  const key = await opened(keys.ed25519.privatePath);
  await writeRecord(record, { store, slot: '20270102T050000Z', key, machine: testMachine() });
  await store.close();
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  keys.stop();
});

async function call(environment: Record<string, string>, command: string, ...more: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const machine = { ...testMachine(environment, () => new Date('2027-01-03T02:15:00Z')), stateFolder: folder };
  const output = { stdout: (text: string) => void out.push(text), stderr: (text: string) => void err.push(text) };
  const exit = await run([command, '--task', task, ...more], machine, output);
  return { exit, out: out.join(''), err: err.join('') };
}

const LINE = 'local: test-restore of 2027-01-02T05:00:00Z passed\n';

test('the key is the one that is said, or the environment’s', async () => {
  const said = await call({}, 'verify', '--quick', '--record-key', keys.ed25519.publicPath);
  expect([said.exit, said.out]).toEqual([EXIT.success, expect.stringContaining(LINE)]);
  const given = await call({ HYPDR_RECORD_KEY: keys.ed25519.publicPath }, 'verify', '--quick');
  expect([given.exit, given.out]).toEqual([EXIT.success, expect.stringContaining(LINE)]);
});

test('without a key records are not spoken of', async () => {
  const { exit, out } = await call({ HYPDR_RECORD_KEY: '' }, 'verify', '--quick');
  expect([exit, out]).toEqual([EXIT.success, expect.not.stringContaining('test-restore')]);
});

test('a key that was meant and left empty is a mistake', async () => {
  const { exit, err } = await call({}, 'verify', '--quick', '--record-key', '');
  expect([exit, err]).toEqual([EXIT.badInvocation, expect.stringContaining('--record-key names no key')]);
});

test('what can be restored comes with the newest restore on record, for people and for programs', async () => {
  const key = ['--record-key', keys.ed25519.publicPath];
  const told = await call({}, 'restorable', ...key);
  expect(told.out).toContain(LINE);
  const json = async (...more: string[]) =>
    JSON.parse((await call({}, 'restorable', '--format', 'json', ...more)).out) as { lastRestore?: object };
  expect((await json(...key)).lastRestore).toMatchObject({
    store: 'local',
    record: { kind: 'test-restore', startedAt: '2027-01-02T05:00:00Z', result: 'passed' },
  });
  expect((await json('--record-key', keys.p256.publicPath)).lastRestore).toBeUndefined();
  expect((await json('--record-key', '/nowhere/key.pem')).lastRestore).toBeUndefined();
  expect((await json()).lastRestore).toBeUndefined();
});

test('the environment may name several keys, and each knows its own', async () => {
  const HYPDR_RECORD_KEY = ` ${keys.p256.publicPath}\n\t${keys.ed25519.publicPath} `;
  const given = await call({ HYPDR_RECORD_KEY }, 'verify', '--quick');
  expect([given.exit, given.out]).toEqual([EXIT.success, expect.stringContaining(LINE)]);
});

test('what another key signed is for somebody to look at, and does not count', async () => {
  const { exit, out } = await call({}, 'verify', '--quick', '--record-key', keys.p256.publicPath);
  expect([exit, out]).toEqual([
    EXIT.degraded,
    expect.stringMatching(/local: no restore is on record here\n.*not known/),
  ]);
});
