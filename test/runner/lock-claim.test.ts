import { EXIT } from '../../lib/runner/exit-code';
import { lockClaim } from '../../lib/runner/lock-claim';
import { decodeManifest } from '../../lib/runner/manifest';
import { plannedRun, takeInto } from './fake-run';
import { manifestOf } from './manifests';
import { MemoryStore } from './memory-store';
import { testMachine } from './test-machine';

const LOCKED_UNTIL = new Date(Date.UTC(2026, 10, 25, 2, 15));

it('a manifest says which stores did not lock what they were asked to lock, and the outcome says it', async () => {
  const stores = [
    new MemoryStore({ id: 'locks' }),
    new MemoryStore({ id: 'refuses', locks: 'refused' }),
    new MemoryStore({ id: 'by-policy', locks: 'container' }),
    new MemoryStore({ id: 'folder', locks: 'none' }),
  ];
  const machine = testMachine();
  const outcome = await takeInto(stores, machine);
  expect(outcome.exit).toBe(EXIT.success);
  expect(outcome.manifest?.manifest).toMatchObject({
    lockedUntil: LOCKED_UNTIL.toISOString(),
    unlocked: ['refuses'],
  });
  expect(outcome.why).toBe('not locked in refuses, which has no object lock: it can be deleted there');
  expect(machine.logged.at(-1)).toMatchObject({ level: 'warning', event: 'backup_stored' });
  const manifest = outcome.manifest!.manifest;
  expect(stores.map((store) => lockClaim(manifest, store))).toEqual(['locked', 'unlocked', undefined, undefined]);
  for (const store of stores) {
    for await (const { retainUntil } of store.list('')) {
      expect(retainUntil).toEqual(store.id === 'locks' ? LOCKED_UNTIL : undefined);
    }
  }
});

it('a run that is not to be locked asks for no lock and claims none', async () => {
  const store = new MemoryStore({ locks: 'refused' });
  const outcome = await takeInto([store], testMachine(), { planned: plannedRun({ lockDays: 0 }) });
  expect([outcome.exit, outcome.why]).toEqual([EXIT.success, undefined]);
  const manifest = outcome.manifest!.manifest;
  expect([manifest.unlocked, lockClaim(manifest, store)]).toEqual([[], undefined]);
});

it('a manifest of a program that did not look claims nothing, and is read', () => {
  const old = manifestOf(0, 'full', 3, undefined, { lockedUntil: LOCKED_UNTIL.toISOString() });
  expect(old.manifest.unlocked).toBeUndefined();
  expect(decodeManifest(old.bytes)).toMatchObject({ sha256: old.sha256 });
  expect(lockClaim(old.manifest, { id: 'local', locks: 'objects' })).toBeUndefined();
});

it('of a store that a copier filled, a manifest claims nothing', () => {
  const [stream] = manifestOf(0, 'full', 3).manifest.streams;
  const written = { ...stream!, encodings: stream!.encodings.map((one) => ({ ...one, stores: ['a'] })) };
  const elsewhere = { ...stream!, encodings: stream!.encodings.map((one) => ({ ...one, stores: ['b'] })) };
  const claim = { slot: '20261122T021500Z', lockedUntil: LOCKED_UNTIL.toISOString(), unlocked: [] };
  const store = { id: 'a', locks: 'objects' } as const;
  expect(lockClaim({ ...claim, streams: [written, written] }, store)).toBe('locked');
  expect(lockClaim({ ...claim, streams: [written, elsewhere] }, store)).toBeUndefined();
});
