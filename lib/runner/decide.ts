import type { BackupType, TaskManifest } from '../contract';
import { parentsFor, sortHistory } from './chain';
import type { History } from './chain';
import type { PreparedSource } from './engine/engine';
import { historyOf, readManifests } from './history';
import type { Place } from './history';
import type { Machine } from './machine';
import type { StoredManifest } from './manifest';
import { readDataKey } from './object-key';
import type { Dropped } from './outcome';
import type { Owned } from './published-notes';
import { brokenLink } from './restore/link';
import { StoreError } from './store/store';

/** A place, and the backups that it holds. */
export interface PlaceHistory {
  readonly place: Place;
  readonly history: History;
  /** Names of manifests there under which something lies that is no backup of the task. */
  readonly strangers: readonly string[];
  /** Runs of which it holds data, published or not: keys of manifests without their ending. @default - none is known */
  readonly begun?: ReadonlySet<string>;
}

export interface Histories {
  readonly histories: readonly PlaceHistory[];
  readonly dropped: readonly Dropped[];
  /** Whether one of them may be read in a while. */
  readonly worthRetry: boolean;
}

/** What each place holds; one that cannot be read is left out and named. */
export async function readHistories(
  places: readonly Place[],
  task: TaskManifest,
  machine: Machine,
): Promise<Histories> {
  const histories: PlaceHistory[] = [];
  const dropped: Dropped[] = [];
  let worthRetry = false;
  for (const place of places) {
    try {
      const read = await readManifests(place, task.name);
      for (const { key, why } of read.unreadable) {
        const message = `${place.store.url}/${key}: ${why}`;
        machine.log({ level: 'warning', event: 'manifest_unreadable', message, task: task.name });
      }
      const begun = new Set(read.objects.flatMap(({ key }) => readDataKey(key)?.run ?? []));
      histories.push({ place, history: historyOf(read), strangers: read.strangers, begun });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      dropped.push({ store: place.store.id, why: error.message });
      worthRetry ||= error.kind === 'retry';
    }
  }
  return { histories, dropped, worthRetry };
}

/** What a run takes, and what it follows. */
export interface Decision {
  readonly type: BackupType;
  readonly parent: StoredManifest | undefined;
  readonly fullBecause: string | undefined;
}

/** What can be taken: an increment where there is something to follow and the source agrees, else a full. */
export async function decide(
  type: BackupType,
  source: PreparedSource,
  { histories, disowned }: Owned,
  now: Date,
): Promise<Decision> {
  if (type === 'full') return { type, parent: undefined, fullBecause: undefined };
  const full = (fullBecause: string): Decision => ({ type: 'full', parent: undefined, fullBecause });
  const own = histories.map(({ history }) => history);
  const past = own.map((history) => startedBy(history, now));
  const fromTheFuture = unsettledFuture(own.flat(), past.flat());
  if (fromTheFuture !== undefined) return full(fromTheFuture);
  const [best = [], others = []] = [0, 1].map((rank) =>
    past
      .flatMap((history) => parentsFor(type, linked(history))[rank] ?? [])
      .sort((a, b) => (a.manifest.slot < b.manifest.slot ? 1 : -1)),
  );
  const candidates = new Map([...best, ...others].map((one) => [one.sha256, one]));
  let why =
    disowned.length > 0 && own.every((history) => history.length === 0)
      ? 'no store holds a backup that this host published'
      : 'no store holds a complete chain that this run could follow';
  for (const [index, parent] of [...candidates.values()].entries()) {
    const answer = await source.canFollow(type, parent.manifest);
    if (answer.ok) return { type, parent, fullBecause: undefined };
    if (index === 0) why = answer.why;
  }
  return full(why);
}

/** Without what no restore could put on its parent: what follows it would be restored by nobody either. */
function linked(history: History): History {
  const byHash = new Map(history.map((one) => [one.sha256, one]));
  return history.filter(({ manifest }) => {
    const parent = manifest.parent && byHash.get(manifest.parent.sha256);
    return !parent || brokenLink(parent.manifest, manifest) === undefined;
  });
}

/** Not by slots, which are planned and may be given by hand: a clock that was wrong wrote both. */
function startedBy(history: History, now: Date): History {
  return history.filter(({ manifest }) => Date.parse(manifest.startedAt) <= now.getTime());
}

/**
 * Why a backup from the future makes this run a full: nobody knows what a clock that was wrong did to what lies before.
 * Once: what follows that full follows no state of the wrong time.
 */
function unsettledFuture(all: History, past: History): string | undefined {
  const newest = sortHistory(all.filter((one) => !past.includes(one))).at(-1);
  if (!newest) return undefined;
  const why = `the backup of ${newest.manifest.slot} is from the future: a clock was wrong`;
  return past.some(({ manifest }) => manifest.fullBecause === why) ? undefined : why;
}
