import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256Of } from '../../../lib/runner/manifest';
import { recoveryBundles } from '../../../lib/runner/recovery/bundle';
import { writeRecovery } from '../../../lib/runner/recovery/write';
import { StoreError } from '../../../lib/runner/store/store';
import { verify } from '../../../lib/runner/verify';
import { PATH, machineAt, takeBackup, task, worldOf } from '../copy/world';
import type { MemoryStore } from '../memory-store';

/** What a restore without us needs, beside what was verified. */

let folder: string;
let program: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-recovery-'));
  program = path.join(folder, 'runner.js');
  writeFileSync(program, 'the program');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const recoveryOf = ({ keys }: MemoryStore) => keys.filter((key) => key.startsWith('_recovery/'));
const machine = () => ({ ...machineAt(1), program });

async function verifyIn(store: MemoryStore, at = machine()) {
  const open = () => Promise.resolve({ places: [{ store, path: PATH }], dropped: [], worthRetry: false });
  return verify(task, at, { only: undefined, depth: 'quick', open });
}

test('stands there after the first verified backup, once, under the hash of its hashes', async () => {
  const { a } = worldOf();
  await verifyIn(a);
  expect(recoveryOf(a)).toEqual([]);
  await takeBackup([a], { day: 0 });
  await verifyIn(a);
  const keys = recoveryOf(a);
  expect(keys.map((key) => key.replace(/^_recovery\/[0-9a-f]{64}\//, '')).sort()).toEqual([
    'SHA256SUMS',
    'fetch.sh',
    'recipe.md',
    'runner.js',
    'task.json',
  ]);
  const list = keys.find((key) => key.endsWith('SHA256SUMS')) ?? '';
  expect(list).toBe(`_recovery/${sha256Of(a.bytesOf(list))}/SHA256SUMS`);
  const lines = a.bytesOf(list).toString().trimEnd().split('\n');
  for (const line of lines) {
    const [hash, name = ''] = line.split('  ');
    const key = path.join(path.dirname(list), name);
    expect([key, sha256Of(a.bytesOf(key))]).toEqual([key, hash]);
  }
  const created = a.calls('create');
  await verifyIn(a);
  expect([recoveryOf(a), a.calls('create')]).toEqual([keys, created]);
});

test('what an interrupted run left is completed: the list of hashes comes last', async () => {
  const { a } = worldOf();
  await takeBackup([a], { day: 0 });
  const place = { kind: 's3', bucket: 'b', ledger: `_verified/test/${PATH}` } as const;
  const input = { task, place, runner: { bytes: Buffer.from('the program'), version: machine().version } };
  const [, own] = recoveryBundles(input);
  const [first] = own?.files ?? [];
  if (!own || !first) throw new Error('no bundle');
  await a.create(`${own.folder}${first.name}`, first.bytes, {});
  await writeRecovery({ store: a, path: PATH }, task, machine());
  expect(recoveryOf(a)).toHaveLength(5);
  expect(recoveryOf(a).filter((key) => key.startsWith(own.folder))).toHaveLength(4);
});

test('another task manifest or program has a folder of its own, and the old one stays', async () => {
  const { a } = worldOf();
  await writeRecovery({ store: a, path: PATH }, task, machine());
  await writeRecovery({ store: a, path: PATH }, { ...task, hardStop: true }, machine());
  expect(recoveryOf(a)).toHaveLength(9);
  const other = path.join(folder, 'newer.js');
  writeFileSync(other, 'a newer program');
  await writeRecovery({ store: a, path: PATH }, task, { ...machine(), program: other });
  expect(recoveryOf(a)).toHaveLength(14);
});

test('where it may not be written the verification is what it was, and the log says so', async () => {
  const { a } = worldOf({
    a: {
      fault: ({ step, key }) => {
        if (step === 'create' && key.startsWith('_recovery/')) throw new StoreError('denied', 'no right');
      },
    },
  });
  await takeBackup([a], { day: 0 });
  const at = machineAt(1);
  const { exit, verified } = await verifyIn(a, Object.assign(at, { program }));
  expect([exit, verified.length, recoveryOf(a)]).toEqual([0, 1, []]);
  expect(at.logged.find(({ event }) => event === 'recovery_not_written')).toMatchObject({ level: 'warning' });
});

test('a program whose file is not known, or is gone, writes none', async () => {
  const { a } = worldOf();
  await writeRecovery({ store: a, path: PATH }, task, machineAt(1));
  await writeRecovery({ store: a, path: PATH }, task, { ...machineAt(1), program: path.join(folder, 'none.js') });
  expect(recoveryOf(a)).toEqual([]);
});
