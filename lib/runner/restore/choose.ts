import { isFromFuture } from '../chain';
import { EXIT } from '../exit-code';
import type { ExitCode } from '../exit-code';
import { readManifestKey } from '../object-key';
import { slotOf } from '../slot';
import { nameOf } from './link';
import type { BrokenPoint, Point, Points } from './point';
import type { Wish } from './wish';

/** What will be restored. */
export interface Choice {
  readonly point: Point;
  /** Where the replay of logs ends: before this moment. @default - at the end of the last log */
  readonly until?: Date;
  readonly notes: readonly string[];
  /** What somebody should look at, although it can be restored. */
  readonly warnings: readonly string[];
}

/** Why nothing is restored. */
export interface Refusal {
  readonly exit: ExitCode;
  readonly why: string;
  /** The nearest point that can be restored, as `--from` takes it. @default - there is none */
  readonly nearest?: Nearest;
}

export interface Nearest {
  readonly from: string;
  readonly at: string;
}

export interface ChoiceOptions {
  readonly now: Date;
  /** Whether every moment is promised, by logs. */
  readonly continuous: boolean;
  /** Keys of manifests that nobody verified, for the message. */
  readonly unverified: readonly string[];
}

/**
 * Finds the point that is meant. What is newer than it and lost is never passed over in silence: then nothing is
 * restored, and whoever wants the older point says so.
 */
export function choose(wish: Wish, points: Points, options: ChoiceOptions): Choice | Refusal {
  switch (wish.kind) {
    case 'latest':
      return newest(points, { ...options, before: undefined });
    case 'backup':
      return named(wish, points, options);
    case 'moment':
      return momentOf(wish.at, points, options);
  }
}

function newest(
  { points, broken }: Points,
  { now, unverified, before }: ChoiceOptions & { readonly before: Date | undefined },
): Choice | Refusal {
  const past = points.filter((one) => !isFuture(one, now) && (!before || one.at <= before));
  const point = [...past].reverse().find(isWhole) ?? past.at(-1);
  const lostOnes = lostAfter(point, points, broken, now).filter(
    ({ stored }) => !before || (stored && Date.parse(stored.manifest.pointInTime) <= before.getTime()),
  );
  const worst = lostOnes.at(-1);
  if (!point) {
    const cause = worst ? `${nameOf(worst as Named)} in ${worst.store}: ${worst.why}` : undefined;
    const hint =
      unverified.length > 0 ? `; ${unverified.length} are published and not verified: run verify --quick first` : '';
    const what = before ? `nothing of ${before.toISOString()} or before` : 'nothing';
    return refuse(
      cause ? EXIT.damaged : EXIT.permanent,
      `${what} can be restored${cause ? `: ${cause}` : ''}${hint}`,
      points,
      before,
    );
  }
  if (worst) {
    const why = `${nameOf(worst as Named)} is newer than what can be restored, and lost in ${worst.store}: ${worst.why}`;
    return { exit: EXIT.damaged, why, nearest: nearestOf(point) };
  }
  const better = past.filter((one) => one.at > point.at && !isWhole(one));
  const passed = better.map(
    ({ manifest }) => `${nameOf(manifest)} is newer and degraded: --from names it if it is wanted`,
  );
  const waiting = unverified.filter((key) => (readManifestKey(key)?.slot ?? '') > point.manifest.slot);
  const unread = `${waiting.at(-1)} is newer and was never verified: no restore follows it before verify --quick does`;
  return { point, notes: passed, warnings: [...warningsOf(point), ...(waiting.length > 0 && !before ? [unread] : [])] };
}

type Named = Parameters<typeof nameOf>[0];

/** Backups that are newer than a point and can be restored from nowhere, the newest last. */
function lostAfter(
  point: Point | undefined,
  points: readonly Point[],
  broken: readonly BrokenPoint[],
  now: Date,
): readonly BrokenPoint[] {
  const held = new Set(points.map(({ manifest }) => nameOf(manifest)));
  return broken
    .filter(({ slot, type, stored }) => {
      if (held.has(`${slot}-${type}`) || slot > slotOf(now)) return false;
      if (!point) return true;
      if (!stored) return slot > point.manifest.slot;
      if (isFromFuture(stored, now) || Date.parse(stored.manifest.pointInTime) > now.getTime()) return false;
      return slot > point.manifest.slot || Date.parse(stored.manifest.pointInTime) > point.at.getTime();
    })
    .sort((a, b) => (a.slot < b.slot ? -1 : 1));
}

function named(
  { slot, type }: Extract<Wish, { kind: 'backup' }>,
  { points, broken }: Points,
  { unverified }: ChoiceOptions,
): Choice | Refusal {
  const isMeant = (one: { readonly slot: string; readonly type: string }) =>
    one.slot === slot && (type === undefined || one.type === type);
  const meant = points.filter(({ manifest }) => isMeant(manifest));
  const [point, other] = meant;
  const name = type === undefined ? slot : `${slot}-${type}`;
  if (point && other) {
    if (point.manifest.type !== other.manifest.type) {
      const names = meant.map(({ manifest }) => nameOf(manifest)).join(' or ');
      return { exit: EXIT.badInvocation, why: `there are several backups of ${slot}: say --from ${names}` };
    }
    const stores = meant.map(({ chains }) => chains[0]?.place.store.id).join(' and ');
    return {
      exit: EXIT.damaged,
      why: `${stores} hold different backups under the name ${name}: choose one by --store`,
    };
  }
  if (point) return { point, notes: [], warnings: warningsOf(point) };
  const at = momentOfSlot(slot);
  const lost = broken.find(isMeant);
  if (lost) return refuse(EXIT.damaged, `${name} in ${lost.store} can't be restored: ${lost.why}`, points, at);
  const waiting = unverified.find((key) => key.includes(name));
  if (waiting !== undefined)
    return refuse(
      EXIT.permanent,
      `${waiting} was not verified, and no restore follows it: run verify --quick first`,
      points,
      at,
    );
  return refuse(EXIT.permanent, `there is no backup ${name}`, points, at);
}

function momentOf(at: Date, points: Points, options: ChoiceOptions): Choice | Refusal {
  if (at > options.now) return refuse(EXIT.badInvocation, `${at.toISOString()} is still to come`, points.points, at);
  const reached = points.points
    .filter(({ at: end, since }) => end.getTime() === at.getTime() || (since && since <= at && at < end))
    .filter((one) => !isFuture(one, options.now))
    .sort((a, b) => (seenAt(a) < seenAt(b) ? -1 : Number(seenAt(a) > seenAt(b))));
  const logs = options.continuous ? (reached.find(isWhole) ?? reached[0]) : undefined;
  if (logs) {
    const exact = logs.at.getTime() === at.getTime();
    return { point: logs, ...(!exact && { until: at }), notes: [], warnings: warningsOf(logs) };
  }
  if (options.continuous) {
    const after = points.points.find((one) => (one.since ?? one.at) > at);
    const lost = points.broken.filter(
      ({ stored }) => stored && Date.parse(stored.manifest.pointInTime) >= at.getTime(),
    );
    const cause = lost[0] ? `: ${nameOf(lost[0] as Named)} in ${lost[0].store}: ${lost[0].why}` : '';
    const next = after ? `; the next moment after it is ${(after.since ?? after.at).toISOString()}` : '';
    return refuse(
      cause ? EXIT.damaged : EXIT.permanent,
      `no logs reach ${at.toISOString()}${cause}${next}`,
      points.points,
      at,
    );
  }
  const chosen = newest(points, { ...options, before: at });
  if (!('point' in chosen)) return chosen;
  const note = `there are no logs between backups: this is the state of ${chosen.point.at.toISOString()}`;
  return { ...chosen, notes: [...chosen.notes, note] };
}

function refuse(exit: ExitCode, why: string, points: readonly Point[], at: Date | undefined): Refusal {
  const nearest = nearestPoint(points, at);
  return { exit, why, ...(nearest && { nearest: nearestOf(nearest) }) };
}

/** The newest one up to a moment, else the first after it. */
export function nearestPoint(points: readonly Point[], at: Date | undefined): Point | undefined {
  if (!at) return points.at(-1);
  return [...points].reverse().find((one) => one.at <= at) ?? points[0];
}

export function nearestOf({ manifest, at }: Point): Nearest {
  return { from: nameOf(manifest), at: at.toISOString() };
}

function momentOfSlot(slot: string): Date {
  return new Date(slot.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

export function isWhole({ chains: [chain] }: Point): boolean {
  return (chain?.members ?? []).every(({ manifest }) => manifest.degraded.length === 0);
}

/** Where one of its verifiers saw it too early, all that hold it hold the same. */
function isFuture({ at, chains }: Point, now: Date): boolean {
  return at > now || chains.some(({ members }) => members.slice(-1).some((one) => isFromFuture(one, now)));
}

/** When the first of its verifiers saw it: who forges a backup over a moment comes later. */
function seenAt({ chains }: Point): string {
  const [first = ''] = chains.flatMap(({ members }) => members.slice(-1).map(({ entry }) => entry.verifiedAt)).sort();
  return first;
}

function warningsOf(point: Point): readonly string[] {
  if (isWhole(point)) return [];
  const names = (point.chains[0]?.members ?? []).flatMap(({ manifest }) => manifest.degraded.map(({ name }) => name));
  const some = names.slice(0, 5).join(', ');
  return [
    `the backup is degraded: ${some}${names.length > 5 ? ` and ${names.length - 5} more` : ''} are not in it as they were`,
  ];
}
