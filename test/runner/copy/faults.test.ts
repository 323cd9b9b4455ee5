import { EXIT } from '../../../lib/runner/exit-code';
import { IDENTITY_VARIABLE } from '../../../lib/runner/stream/age';
import { readDataKey } from '../../../lib/runner/object-key';
import { StoreError } from '../../../lib/runner/store/store';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DAY, START } from '../manifests';
import { MemoryStore } from '../memory-store';
import type { StoreMoment } from '../memory-store';
import { testMachine } from '../test-machine';
import {
  SEGMENT_BYTES,
  contentOf,
  fillFrom,
  machineAt,
  manifestKeyOf,
  restore,
  runCopy,
  takeBackup,
  verify,
  worldOf,
  writesOf,
} from './world';

/** Copies that are interrupted, and stores in which somebody has been. */

const RECIPIENT = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';
const IDENTITY = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';

/** A copier's rights in its destination, by the rights of a writer: neither data nor the ledger may be read. */
const asWriter = ({ step, key }: StoreMoment) => {
  if (step === 'head' || step === 'remove') throw new StoreError('denied', 'no');
  if (step === 'read' && !(key.endsWith('.manifest.json') && !key.startsWith('_')))
    throw new StoreError('denied', 'no');
  if (step === 'list' && key.startsWith('_')) throw new StoreError('denied', 'no');
};

/** The far store, whose rights and faults a test changes while it lives. */
async function oneFull(day = 0) {
  const rule: { fault: (moment: StoreMoment) => void } = { fault: () => undefined };
  const world = worldOf({ far: { fault: (moment) => rule.fault(moment) } });
  const full = await takeBackup([world.a, world.b], { day });
  const increment = await takeBackup([world.a, world.b], { day: day + 1, type: 'incremental', parent: full });
  for (const store of [world.a, world.b]) await verify(store, day + 2);
  return { world, full, increment, rule };
}

const attemptsIn = (store: MemoryStore, stored: Parameters<typeof manifestKeyOf>[0]) =>
  new Set(
    store.keys
      .map((key) => readDataKey(key))
      .filter((one) => one?.slot === stored.manifest.slot)
      .map((one) => one?.attempt),
  );

describe('a copy that is killed', () => {
  const STEPS = ['upload', 'write', 'finish', 'create'] as const;
  const moments = STEPS.flatMap((step) =>
    [1, 2, 5, 8].flatMap((call) => (['before', 'after'] as const).map((phase) => ({ step, call, phase }))),
  );

  test.each(moments)(
    '$phase $step $call: nothing looks whole that is not, and the next one ends it',
    async (moment) => {
      const { world, full, increment, rule } = await oneFull();
      const [killed, dead] = [new Error('killed'), { is: false }];
      const calls = new Map<string, number>();
      rule.fault = ({ step, phase }) => {
        // What follows in the same process does nothing any more.
        if (dead.is) throw killed;
        if (phase === 'before') calls.set(step, (calls.get(step) ?? 0) + 1);
        if (step !== moment.step || calls.get(step) !== moment.call || phase !== moment.phase) return;
        dead.is = true;
        throw killed;
      };
      const ended = await runCopy(world, { day: 2, only: ['far'] }).catch((error: unknown) => error);
      expect(ended === killed).toBe(dead.is);
      rule.fault = () => undefined;
      for (const stored of [full, increment]) {
        if (!world.far.keys.includes(manifestKeyOf(stored))) continue;
        await verify(world.far, 2);
        expect(await restore(world.far, stored)).toEqual(contentOf(stored === full ? 0 : 1));
      }
      expect((await runCopy(world, { day: 2, only: ['far'], machine: again() })).exit).toBe(EXIT.success);
      expect((await verify(world.far, 2)).findings).toEqual([]);
      expect(await restore(world.far, full)).toEqual(contentOf(0));
      expect(await restore(world.far, increment)).toEqual(contentOf(1));
      expect(Math.max(...(await writesOf(world.far)).values())).toBe(1);
    },
  );

  /** Another process has other random numbers. */
  function again() {
    const machine = machineAt(2);
    for (let at = 0; at < 20; at += 1) machine.randomHex(8);
    return machine;
  }

  async function interrupted() {
    const found = await oneFull();
    let finished = 0;
    found.rule.fault = ({ step, phase }) => {
      if (step === 'finish' && phase === 'before' && (finished += 1) === 3) throw new Error('killed');
    };
    await expect(runCopy(found.world, { day: 2, only: ['far'] })).rejects.toThrow('killed');
    found.rule.fault = () => undefined;
    return found;
  }

  test('what it left is read, and what agrees is not sent again', async () => {
    const { world, full } = await interrupted();
    const sent = world.far.calls('finish');
    const { lines } = await runCopy(world, { day: 2, only: ['far'], machine: again() });
    expect(lines[0]?.why).toBe('from a; 2 of 4 objects lay there');
    expect(world.far.calls('finish') - sent).toBe(2 + 4);
    await verify(world.far, 2);
    expect(await restore(world.far, full)).toEqual(contentOf(0));
  });

  test('by a writer, who may read nothing of it, all is sent again under another attempt', async () => {
    const { world, full, rule } = await interrupted();
    rule.fault = asWriter;
    const { exit, lines } = await runCopy(world, { day: 2, only: ['far'], machine: again() });
    expect([exit, lines[0]?.why]).toEqual([EXIT.success, 'from a']);
    expect(attemptsIn(world.far, full).size).toBe(2);
    expect((await runCopy(world, { day: 2, only: ['far'], machine: again() })).short).toEqual([]);
    rule.fault = () => undefined;
    expect(await verify(world.far, 2)).toEqual({ added: 2, before: 0, findings: [] });
    expect(await restore(world.far, full)).toEqual(contentOf(0));
  });
});

describe('two copiers at once', () => {
  test.each([
    ['with the right to read', undefined],
    ['as writers', asWriter],
  ])('%s do no harm', async (_name, rights) => {
    const { world, full, increment, rule } = await oneFull();
    if (rights) rule.fault = rights;
    const other = machineAt(2);
    for (let at = 0; at < 20; at += 1) other.randomHex(8);
    const both = await Promise.all([
      runCopy(world, { day: 2, only: ['far'] }),
      runCopy(world, { day: 2, only: ['far'], machine: other }),
    ]);
    expect(both.map((one) => one.exit)).toEqual([EXIT.success, EXIT.success]);
    rule.fault = () => undefined;
    expect(await verify(world.far, 2)).toEqual({ added: 2, before: 0, findings: [] });
    expect(await restore(world.far, full)).toEqual(contentOf(0));
    expect(await restore(world.far, increment)).toEqual(contentOf(1));
    expect(Math.max(...(await writesOf(world.far)).values())).toBe(1);
  });
});

describe('somebody was there first', () => {
  /** Data of the right sizes and names, which is not the backup's; whoever may write there may do it. */
  function forge(store: MemoryStore, stored: Parameters<typeof manifestKeyOf>[0], bytes = SEGMENT_BYTES) {
    const { manifest } = stored;
    const folder = manifestKeyOf(stored).replace('.manifest.json', `-${manifest.attempt}`);
    for (const { name, bytes: size } of manifest.streams[0]?.encodings[0]?.segments ?? []) {
      store.overwrite(`${folder}/${name}`, Buffer.alloc(Math.min(size, bytes)), new Date(START));
    }
  }

  test.each([
    ['of the right size', SEGMENT_BYTES],
    ['cut short', 10],
  ])('data %s under the names of the backup is neither trusted nor in the way', async (_name, bytes) => {
    for (const rights of [undefined, asWriter]) {
      const { world, full, rule } = await oneFull();
      forge(world.far, full, bytes);
      if (rights) rule.fault = rights;
      expect((await runCopy(world, { day: 2, only: ['far'] })).exit).toBe(EXIT.success);
      rule.fault = () => undefined;
      const { added, findings } = await verify(world.far, 2);
      expect([added, new Set(findings)]).toEqual([2, new Set(bytes === SEGMENT_BYTES ? ['tampered'] : [])]);
      expect(await restore(world.far, full)).toEqual(contentOf(0));
      expect((await verify(world.far, 2)).findings).toEqual([]);
    }
  });

  test('with the true manifest over false data: no verifier vouches for it, and the copier heals it a day later', async () => {
    const { world, full } = await oneFull();
    forge(world.far, full);
    await world.far.create(manifestKeyOf(full), full.bytes, {});
    await runCopy(world, { day: 2, only: ['far'] });
    const refused = await verify(world.far, 2);
    expect(refused).toMatchObject({ added: 1, findings: expect.arrayContaining(['checksum', 'hole']) });
    const { exit, short } = await runCopy(world, { day: 4, only: ['far'] });
    expect([exit, short]).toEqual([EXIT.success, ['copied far 22-full']]);
    expect((await verify(world.far, 4)).added).toBe(1);
    expect(await restore(world.far, full)).toEqual(contentOf(0));
    expect((await verify(world.far, 4)).findings).toEqual([]);
  });

  test('the same for a copier who may not read data: it is said, and nothing is sent for ever', async () => {
    const { world, full, rule } = await oneFull();
    forge(world.far, full);
    await world.far.create(manifestKeyOf(full), full.bytes, {});
    rule.fault = (moment) => {
      if (!moment.key.startsWith('_')) asWriter(moment);
    };
    const { exit, short } = await runCopy(world, { day: 4, only: ['far'] });
    expect([exit, short]).toEqual([EXIT.degraded, ['left out far 22-full', 'left out far 23-incremental']]);
    expect(world.far.calls('upload')).toBe(0);
  });

  test('a forged manifest under the name is damage, nothing is sent, and what follows stays out', async () => {
    const { world, full } = await oneFull();
    const forged = { ...full.manifest, tools: { forged: 'yes' } };
    await world.far.create(manifestKeyOf(full), Buffer.from(JSON.stringify(forged)), {});
    const { exit, short } = await runCopy(world, { day: 2, only: ['far'] });
    expect([exit, short]).toEqual([EXIT.damaged, ['damaged far 22-full', 'left out far 23-incremental']]);
    expect(world.far.calls('upload')).toBe(0);
  });

  test('the true manifest without its data is filled up', async () => {
    const { world, full } = await oneFull();
    await world.far.create(manifestKeyOf(full), full.bytes, {});
    const { exit, short } = await runCopy(world, { day: 2, only: ['far'] });
    expect([exit, short]).toEqual([EXIT.success, ['copied far 22-full', 'copied far 23-incremental']]);
    expect((await verify(world.far, 2)).findings).toEqual([]);
    expect(await restore(world.far, full)).toEqual(contentOf(0));
  });

  test('a parent that is only a manifest there, and that no source vouches for, is not relied on', async () => {
    const world = worldOf();
    const full = await takeBackup([worldOf().b], { day: 0 });
    await takeBackup([world.a], { day: 1, type: 'incremental', parent: full });
    await verify(world.a, 2);
    await world.far.create(manifestKeyOf(full), full.bytes, {});
    const { exit, short } = await runCopy(world, { day: 2, only: ['far'] });
    expect([exit, short]).toEqual([EXIT.degraded, ['left out far 23-incremental']]);
  });

  test('one that comes while the data is on its way is seen at the commit', async () => {
    const { world, full, rule } = await oneFull();
    let done = false;
    rule.fault = ({ step, phase }) => {
      if (step !== 'finish' || phase !== 'after' || done) return;
      done = true;
      world.far.overwrite(manifestKeyOf(full), Buffer.from('{}'));
    };
    const { exit, short } = await runCopy(world, { day: 2, only: ['far'] });
    expect([exit, short]).toEqual([EXIT.damaged, ['damaged far 22-full', 'left out far 23-incremental']]);
  });

  test('an object that is gone before the commit is no backup', async () => {
    const { world, full, rule } = await oneFull();
    rule.fault = ({ step, key, phase }) => {
      if (step === 'finish' && phase === 'after' && key.endsWith('.0002')) void world.far.remove(key, undefined);
    };
    expect((await runCopy(world, { day: 2, only: ['far'] })).exit).toBe(EXIT.retry);
    expect(world.far.keys).not.toContain(manifestKeyOf(full));
  });
});

describe('a source that is damaged', () => {
  const firstSegment = (store: MemoryStore) => store.keys.find((key) => /22T.*-full-a.*0002/.test(key)) ?? '';

  test('is named, and the bytes come from the next one', async () => {
    const { world, full } = await oneFull();
    world.a.spoil(firstSegment(world.a), (bytes) => {
      bytes[5]! ^= 1;
      return bytes;
    });
    const { exit, short, lines } = await runCopy(world, { day: 2, only: ['far'] });
    expect(exit).toBe(EXIT.damaged);
    expect(short).toEqual(['damaged a 22-full', 'copied far 22-full', 'copied far 23-incremental']);
    expect(lines[0]?.why).toContain('its bytes are not those that were stored');
    await verify(world.far, 2);
    expect(await restore(world.far, full)).toEqual(contentOf(0));
  });

  test('what was pruned there, and has a marker over nothing, is no source', async () => {
    const { world, full, increment } = await oneFull();
    for (const stored of [full, increment]) {
      const key = manifestKeyOf(stored);
      await world.a.remove(key, (await world.a.head(key))?.version);
      await world.a.remove(key, undefined);
    }
    expect(await runCopy(world, { day: 2, only: ['far'] })).toMatchObject({ exit: EXIT.success, lines: [] });
  });

  test('is not asked again for what its destination does not take', async () => {
    const { world, rule } = await oneFull();
    rule.fault = ({ step }) => {
      if (step === 'finish') throw new StoreError('full', 'no room');
    };
    const { state, lines } = await fillFrom(world.far, [world.a, world.b]);
    expect([state, lines.map((one) => one.fate)]).toEqual(['retry', ['failed', 'left out']]);
    expect(world.far.calls('upload')).toBe(1);
  });

  test('and is the only one: nothing is published', async () => {
    const { world } = await oneFull();
    for (const store of [world.a, world.b]) store.spoil(firstSegment(store), (bytes) => bytes.subarray(1));
    const { exit, short } = await runCopy(world, { day: 2, only: ['far'] });
    expect([exit, short]).toEqual([
      EXIT.damaged,
      ['damaged a 22-full', 'damaged b 22-full', 'failed far 22-full', 'left out far 23-incremental'],
    ]);
    expect(world.far.keys.filter((key) => key.endsWith('.manifest.json'))).toEqual([]);
    expect(world.far.openUploads).toBe(0);
  });
});

describe('a folder with bytes for a recipient', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'hypdr-copy-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is read where nothing else holds a backup, and what came of it is told by its sizes', async () => {
    const world = worldOf();
    const local = new MemoryStore({
      id: 'local',
      encryption: 'none',
      locks: 'none',
      now: () => new Date(START + 2 * DAY),
    });
    const full = await takeBackup([local], { day: 0, recipient: RECIPIENT });
    const both = await takeBackup([local, world.a], {
      day: 1,
      type: 'incremental',
      parent: full,
      recipient: RECIPIENT,
    });
    for (const store of [local, world.a]) await verify(store, 2);
    const { exit, short } = await runCopy(world, { day: 2, local, only: ['a', 'far'] });
    expect([exit, short]).toEqual([
      EXIT.success,
      ['copied a 22-full', 'copied far 22-full', 'copied far 23-incremental'],
    ]);
    for (const store of [world.a, world.far]) expect((await verify(store, 2)).findings).toEqual([]);
    const file = path.join(folder, 'identity');
    writeFileSync(file, IDENTITY, { mode: 0o600 });
    const machine = testMachine({ PATH: process.env.PATH, [IDENTITY_VARIABLE]: file });
    expect(await restore(world.a, full, machine)).toEqual(contentOf(0));
    // The increment came from the store's own plain bytes.
    expect(await restore(world.far, both)).toEqual(contentOf(1));
  });

  test('a try in one encoding that failed does not spoil another one of the same size', async () => {
    const world = worldOf();
    const local = new MemoryStore({
      id: 'local',
      encryption: 'none',
      locks: 'none',
      now: () => new Date(START + 2 * DAY),
    });
    const full = await takeBackup([world.a, local], { day: 0, recipient: RECIPIENT });
    for (const store of [world.a, local]) await verify(store, 2);
    // The last object of the store is bad: two good plain segments lie in the destination already.
    const last = world.a.keys.find((key) => key.endsWith('.0004')) ?? '';
    world.a.spoil(last, (bytes) => bytes.subarray(1));
    const { exit, short } = await runCopy(world, { day: 2, local, only: ['far'] });
    expect([exit, short]).toEqual([EXIT.damaged, ['damaged a 22-full', 'copied far 22-full']]);
    expect(await verify(world.far, 2)).toEqual({ added: 1, before: 0, findings: [] });
    const file = path.join(folder, 'identity');
    writeFileSync(file, IDENTITY, { mode: 0o600 });
    const machine = testMachine({ PATH: process.env.PATH, [IDENTITY_VARIABLE]: file });
    expect(await restore(world.far, full, machine)).toEqual(contentOf(0));
  });
});
