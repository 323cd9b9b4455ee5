import type { BackupManifest } from '../../../lib/contract';
import { encodeManifest } from '../../../lib/runner/manifest';
import { StoreError } from '../../../lib/runner/store/store';
import { verifyPlace } from '../../../lib/runner/verify-place';
import { testTask } from '../../suites/runner/engine-machine';
import { PATH, SEGMENT_BYTES, machineAt, manifestKeyOf, takeBackup, task, worldOf } from '../copy/world';
import type { MemoryStore } from '../memory-store';

/** What one place is verified to hold, and what is said of it. */

async function verified(store: MemoryStore, day = 1) {
  const { verified: backups, findings } = await verifyPlace({ store, path: PATH }, task, machineAt(day));
  return {
    backups: backups.map(({ slot, already, lock }) => [slot.slice(6, 8), already ? 'before' : 'now', lock]),
    findings: findings.map(({ kind, key }) => `${kind} ${key.slice(PATH.length)}`),
  };
}

const ledgerOf = (store: MemoryStore, key: string) =>
  JSON.parse(store.bytesOf(`_verified/test/${key}`).toString()) as Record<string, unknown>;

test('the ledger says of each object what the store said of it', async () => {
  const { a } = worldOf();
  const full = await takeBackup([a], { day: 0 });
  expect(await verified(a)).toEqual({ backups: [['22', 'now', undefined]], findings: [] });
  const versions = new Map<string, string | undefined>();
  for await (const { key, version } of a.list(PATH)) versions.set(key, version);
  const entry = ledgerOf(a, manifestKeyOf(full)) as { objects: { key: string; version: string; checksum?: string }[] };
  expect(entry).toMatchObject({ store: 'a', manifestSha256: full.sha256, method: 'head' });
  expect(new Map(entry.objects.map((one) => [one.key, one.version]))).toEqual(versions);
  for (const { checksum } of entry.objects.slice(1)) expect(checksum).toMatch(/^sha256:/);
  expect(a.calls('read')).toBe(1);
});

test('whether objects are locked is said beside them', async () => {
  const { a } = worldOf();
  const { manifest } = await takeBackup([a], { day: 0, lockDays: 9 });
  expect(manifest.unlocked).toBeUndefined();
  const other = worldOf().a;
  await store(other, { ...manifest, unlocked: [] });
  expect((await verified(other)).backups).toEqual([['22', 'now', 'locked']]);
});

/** The manifest of a backup whose data lie under it already, or not. */
async function store(at: MemoryStore, manifest: BackupManifest, name = `${manifest.slot}-${manifest.type}`) {
  await takeBackup([at], { day: 0, lockDays: 9 });
  for await (const { key, version } of at.list(PATH)) if (key.endsWith('.json')) await at.remove(key, version);
  await at.create(`${PATH}${name}.manifest.json`, encodeManifest(manifest).bytes, {});
}

test.each([
  ['type', '20261122T021500Z-incremental'],
  ['slot', '20261123T021500Z-full'],
])('a manifest under the name of another %s is told of, and verified by no one', async (_, name) => {
  const { a } = worldOf();
  const { manifest } = await takeBackup([worldOf().a], { day: 0 });
  await store(a, manifest, name);
  expect(await verified(a)).toEqual({ backups: [], findings: [`tampered ${name}.manifest.json`] });
  expect(a.keys.filter((key) => key.startsWith('_'))).toEqual([]);
});

test("another task's backups under the same path are not this one's to verify", async () => {
  const { a } = worldOf();
  await takeBackup([a], { day: 0 });
  const { verified: backups, findings } = await verifyPlace(
    { store: a, path: PATH },
    testTask({ name: 'other' }),
    machineAt(1),
  );
  expect([backups, findings]).toEqual([[], []]);
});

test('a ledger entry that can not be read is told of', async () => {
  const { a } = worldOf();
  const full = await takeBackup([a], { day: 0 });
  await verified(a);
  a.spoil(`_verified/test/${manifestKeyOf(full)}`, () => Buffer.from('{}'));
  const { findings } = await verifyPlace({ store: a, path: PATH }, task, machineAt(1));
  expect(findings).toEqual([
    {
      store: 'a',
      key: `_verified/test/${manifestKeyOf(full)}`,
      kind: 'unreadable',
      message: expect.stringContaining('no ledger entry'),
    },
  ]);
});

test('a manifest that is none is told of, and the next one is verified', async () => {
  const { a } = worldOf();
  await a.create(`${PATH}20261121T021500Z-full.manifest.json`, Buffer.from('{}'), {});
  await takeBackup([a], { day: 0 });
  expect(await verified(a)).toEqual({
    backups: [['22', 'now', undefined]],
    findings: ['unreadable 20261121T021500Z-full.manifest.json'],
  });
});

describe('what was verified and is gone', () => {
  async function emptied(retention: number) {
    const { a } = worldOf();
    await takeBackup([a], { day: 0, retention });
    await verified(a);
    for await (const { key, version } of a.list(PATH)) await a.remove(key, version);
    return a;
  }

  test('is missing as long as it should be there', async () => {
    const { backups, findings } = await verified(await emptied(9), 5);
    expect(backups).toEqual([['22', 'before', undefined]]);
    expect(findings).toHaveLength(5);
    expect(findings.every((one) => one.startsWith('missing'))).toBe(true);
  });

  test('was pruned where its time has passed', async () => {
    expect(await verified(await emptied(3), 5)).toEqual({ backups: [], findings: [] });
  });

  test('is missing in part although its time has passed: whoever prunes removes the manifest first', async () => {
    const { a } = worldOf();
    await takeBackup([a], { day: 0, retention: 3 });
    await verified(a);
    const [lost = ''] = a.keys.filter((key) => key.endsWith('.0002'));
    await a.remove(lost, (await a.head(lost))?.version);
    expect(await verified(a, 5)).toEqual({
      backups: [['22', 'before', undefined]],
      findings: [`missing ${lost.slice(PATH.length)}`],
    });
  });
});

describe('objects by HEAD', () => {
  test('of another size are told of once, and no backup is verified', async () => {
    const { a } = worldOf();
    await takeBackup([a], { day: 0 });
    const [cut = ''] = a.keys.filter((key) => key.endsWith('.0002'));
    a.spoil(cut, (bytes) => bytes.subarray(1));
    expect(await verified(a)).toEqual({ backups: [], findings: [`size ${cut.slice(PATH.length)}`] });
    const { findings } = await verifyPlace({ store: a, path: PATH }, task, machineAt(1));
    expect(findings[0]?.message).toBe(`it has ${SEGMENT_BYTES - 1} bytes and should have ${SEGMENT_BYTES}`);
  });

  test('are compared by checksum only where the store said one when it took them', async () => {
    const silent = worldOf({ a: { receipt: ({ bytes, version }) => ({ bytes, ...(version && { version }) }) } }).a;
    await takeBackup([silent], { day: 0 });
    expect(await verified(silent)).toMatchObject({ findings: [], backups: [['22', 'now', undefined]] });
    const other = worldOf({ a: { receipt: (receipt) => ({ ...receipt, checksum: 'sha256:other' }) } }).a;
    await takeBackup([other], { day: 0 });
    const { backups, findings } = await verified(other);
    expect([backups, findings.map((one) => one.split(' ')[0])]).toEqual([[], Array(4).fill('checksum')]);
  });

  test('are compared with what this store said of them, not with what another one did', async () => {
    const { a, b } = worldOf({ a: { receipt: (receipt) => ({ ...receipt, checksum: 'md5:of a' }) } });
    await takeBackup([a, b], { day: 0 });
    expect(await verified(b)).toMatchObject({ findings: [], backups: [['22', 'now', undefined]] });
  });

  test('that are gone when they are looked at, and delete markers alone, are missing', async () => {
    const { a } = worldOf();
    await takeBackup([a], { day: 0 });
    const lost = a.keys.filter((key) => /\.000[12]$/.test(key));
    const [gone = '', marked = ''] = lost;
    await a.remove(marked, undefined);
    await a.remove(marked, 'v2');
    const head = a.head.bind(a);
    const looked = Object.assign(a, {
      head: (key: string, version?: string) => (key === gone ? Promise.resolve(undefined) : head(key, version)),
    });
    expect(await verified(looked)).toEqual({
      backups: [],
      findings: lost.map((key) => `missing ${key.slice(PATH.length)}`),
    });
  });

  test('are not read in full because copies of them lie there too', async () => {
    const { a } = worldOf();
    await takeBackup([a], { day: 0 });
    const [piece = ''] = a.keys.filter((key) => key.endsWith('.0001'));
    await a.create(piece.replace(/-a+0\//, `-${'b'.repeat(16)}/`), a.bytesOf(piece), {});
    expect(await verified(a)).toMatchObject({ findings: [], backups: [['22', 'now', undefined]] });
    expect(a.calls('read')).toBe(1);
  });

  test('that are lost are found in a copier’s folder, by reading', async () => {
    const { a } = worldOf();
    const full = await takeBackup([a], { day: 0 });
    const [piece = ''] = a.keys.filter((key) => key.endsWith('.0002'));
    const copied = piece.replace(/-a+0\//, `-${'b'.repeat(16)}/`);
    await a.create(copied, a.bytesOf(piece), {});
    await a.remove(piece, (await a.head(piece))?.version);
    expect(await verified(a)).toMatchObject({ findings: [], backups: [['22', 'now', undefined]] });
    expect(ledgerOf(a, manifestKeyOf(full))).toMatchObject({
      method: 'full',
      objects: expect.arrayContaining([expect.objectContaining({ key: copied })]),
    });
  });

  test('a store that fails in between is an error of the place', async () => {
    const fault = ({ step }: { readonly step: string }) => {
      if (step === 'head') throw new StoreError('retry', 'no answer');
    };
    const { a } = worldOf({ a: { fault } });
    await takeBackup([a], { day: 0 });
    await expect(verified(a)).rejects.toThrow('no answer');
  });
});

test('a hole is told of beside what is verified', async () => {
  const { a, b } = worldOf();
  const full = await takeBackup([b], { day: 0 });
  await takeBackup([a], { day: 1, type: 'incremental', parent: full });
  expect(await verified(a, 2)).toEqual({ backups: [['23', 'now', undefined]], findings: ['hole '] });
});
