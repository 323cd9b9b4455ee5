import fc from 'fast-check';
import {
  chainOf,
  expiriesOf,
  keptUntil,
  newestRestorable,
  ofThePast,
  parentsFor,
  sortHistory,
} from '../../lib/runner/chain';
import type { StoredManifest } from '../../lib/runner/manifest';
import { DAY, START, manifestOf } from './manifests';

const full = manifestOf(0, 'full', 30);
const first = manifestOf(1, 'incremental', 7, full);
const second = manifestOf(2, 'incremental', 7, first);
const differential = manifestOf(3, 'differential', 14, full);
const history = sortHistory([second, differential, full, first]);

test('a history is sorted by slot', () => {
  expect(history.map((one) => one.sha256)).toEqual([full, first, second, differential].map((one) => one.sha256));
});

test('of one slot, a full comes before what may follow it', () => {
  const log = manifestOf(0, 'log', 7, full);
  expect(sortHistory([log, full])).toEqual([full, log]);
  expect(sortHistory([full, log])).toEqual([full, log]);
});

test('a chain follows hashes back to its full', () => {
  expect(chainOf(history, second)?.members).toEqual([full, first, second]);
  expect(chainOf(history, differential)?.members).toEqual([full, differential]);
});

test('a chain with a missing member is none, whatever the names say', () => {
  expect(chainOf([full, second], second)).toBeUndefined();
  const impostor = manifestOf(1, 'incremental', 8, full);
  expect(chainOf([full, impostor, second], second)).toBeUndefined();
});

/** Parents in a circle, which no hash allows. */
const circle = [
  { ...first, sha256: 'a', manifest: { ...first.manifest, parent: { ...first.manifest.parent!, sha256: 'b' } } },
  { ...second, sha256: 'b', manifest: { ...second.manifest, parent: { ...second.manifest.parent!, sha256: 'a' } } },
];

test('parents in a circle are no chain, and each is held as long as the other', () => {
  expect(chainOf(circle, circle[1]!)).toBeUndefined();
  expect([...expiriesOf(circle).values()]).toEqual([START + 9 * DAY, START + 9 * DAY]);
});

test('an increment without a parent is no chain', () => {
  const orphan = manifestOf(4, 'incremental', 7);
  expect(chainOf([orphan], orphan)).toBeUndefined();
});

test('runs follow what their type can follow', () => {
  expect(parentsFor('full', history)).toEqual([]);
  expect(parentsFor('incremental', history)).toEqual([second]);
  expect(parentsFor('differential', history)).toEqual([full]);
  expect(parentsFor('log', history)).toEqual([full]);
});

test('a degraded backup is the newest one only where nothing better is there', () => {
  const degraded = manifestOf(5, 'full', 30, undefined, { degraded: [{ name: 'a', why: 'unreadable' }] });
  expect(newestRestorable(sortHistory([...history, degraded]))?.members.at(-1)).toBe(differential);
  expect(newestRestorable([degraded])?.members).toEqual([degraded]);
});

describe('a link that a restore would refuse', () => {
  const DEGRADED = { degraded: [{ name: 'a', why: 'unreadable' }] };
  const before = { pointInTime: new Date(START).toISOString() };

  test('is in no newest chain where one without is there, however old', () => {
    const base = manifestOf(5, 'full', 30);
    const crossed = manifestOf(6, 'differential', 30, base, before);
    expect(newestRestorable([base, crossed])?.members).toEqual([base]);
  });

  test('is worse than a backup that is degraded', () => {
    const base = manifestOf(5, 'full', 30, undefined, DEGRADED);
    const crossed = manifestOf(6, 'differential', 30, base, before);
    expect(newestRestorable([base, crossed])?.members).toEqual([base]);
  });
});

test('what has no complete chain is not restorable, however new it is', () => {
  const lost = manifestOf(5, 'incremental', 7, manifestOf(4, 'full', 9));
  expect(newestRestorable(sortHistory([...history, lost]))?.members.at(-1)).toBe(differential);
  expect(newestRestorable([lost])).toBeUndefined();
});

test('a backup is from the future by its slot, and by its start', () => {
  const now = new Date(START + DAY);
  const early = manifestOf(2, 'full', 9, undefined, { startedAt: full.manifest.startedAt });
  const late = manifestOf(0, 'full', 9, undefined, { startedAt: second.manifest.startedAt });
  expect(ofThePast([full, first, early, late], now)).toEqual([full, first]);
});

test('a chain with a degraded member is not whole, whatever follows it', () => {
  const base = manifestOf(5, 'full', 30, undefined, { degraded: [{ name: 'a', why: 'unreadable' }] });
  const follower = manifestOf(6, 'incremental', 30, base);
  expect(newestRestorable(sortHistory([...history, base, follower]))?.members.at(-1)).toBe(differential);
});

test('a member lives until the last point that needs it has passed its retention', () => {
  const expiries = expiriesOf(history);
  expect(expiries.get(full.sha256)).toBe(START + 30 * DAY);
  expect(expiries.get(first.sha256)).toBe(START + 9 * DAY);
  const short = manifestOf(0, 'full', 2);
  const late = manifestOf(6, 'incremental', 7, short);
  expect(expiriesOf([short, late]).get(short.sha256)).toBe(START + 13 * DAY);
});

test('no point ever outlives something that it needs', () => {
  const chains = fc.array(
    fc.record({ retention: fc.integer({ min: 1, max: 60 }), back: fc.nat(4), full: fc.boolean() }),
    {
      minLength: 1,
      maxLength: 20,
    },
  );
  fc.assert(
    fc.property(chains, (drafts) => {
      const made: StoredManifest[] = [];
      drafts.forEach((draft, day) => {
        const parent = made[made.length - 1 - draft.back];
        made.push(
          draft.full || !parent
            ? manifestOf(day, 'full', draft.retention)
            : manifestOf(day, 'incremental', draft.retention, parent),
        );
      });
      const expiries = expiriesOf(made);
      for (const one of made) {
        for (const member of chainOf(made, one)?.members ?? []) {
          expect(expiries.get(member.sha256)).toBeGreaterThanOrEqual(Date.parse(one.manifest.expiresAt));
        }
      }
    }),
  );
});

test('logs taken while a full was under way are not followed for ever: the full is, and then its own logs', () => {
  const before = manifestOf(0, 'full', 30);
  const log = manifestOf(1, 'log', 7, before);
  const full = manifestOf(2, 'full', 30);
  const during = manifestOf(3, 'log', 7, log);
  expect(parentsFor('log', [before, log, full, during])).toEqual([full, during]);
  const after = manifestOf(4, 'log', 7, full);
  expect(parentsFor('log', [before, log, full, during, after])).toEqual([after]);
});

test('what does not go back to a full is followed by nobody', () => {
  const full = manifestOf(0, 'full', 30);
  const lost = manifestOf(1, 'incremental', 7, full);
  const late = manifestOf(2, 'incremental', 7, lost);
  expect(parentsFor('incremental', [full, late])).toEqual([full]);
});

test('a store keeps for longer by the day of the slot, and a slot that is no day is kept by its type', () => {
  const expiresAt = '2027-02-01T00:00:00.000Z';
  const kept = (slot: string, days?: number) =>
    keptUntil({ ...manifestOf(0, 'full', 30).manifest, slot, expiresAt }, days).toISOString();
  expect(kept('20270101T000000Z', 365)).toBe('2028-01-01T00:00:00.000Z');
  expect(kept('20270101T000000Z', 7)).toBe(expiresAt);
  expect(kept('20270101T000000Z')).toBe(expiresAt);
  expect(kept('20271399T000000Z', 365)).toBe(expiresAt);
});
