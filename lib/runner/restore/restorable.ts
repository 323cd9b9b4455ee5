import type { TaskManifest } from '../../contract';
import { keptUntil } from '../chain';
import { EXIT } from '../exit-code';
import type { ExitCode } from '../exit-code';
import type { Machine } from '../machine';
import { isArchived } from '../store/archive';
import type { ThawWait } from '../store/archive';
import { gapsIn, isContinuous } from './gap';
import { coldIn, expectedWait, tierFor } from './cold';
import { expectedOf } from './expected';
import type { Expected } from './expected';
import { lastRestore } from './last-restore';
import type { LastRestore } from './last-restore';
import { surveyPlaces } from './places';
import type { OpenForReading, SurveyedPlaces } from './places';
import { pointsOf } from './point';
import type { PlacedChain, Points } from './point';
import { storedBytes } from './stored-bytes';

/** What of a data set can be restored; times are RFC 3339 in UTC. */
export interface Restorable {
  readonly task: string;
  /** Oldest first. */
  readonly points: readonly RestorablePoint[];
  /** With logs: moments between points that can't be restored. */
  readonly gaps: readonly { readonly from: string; readonly to: string }[];
  readonly broken: readonly {
    readonly store: string;
    readonly slot: string;
    readonly type: string;
    readonly why: string;
  }[];
  readonly suspected: readonly { readonly store: string; readonly key: string; readonly why: string }[];
  /** Published and not verified: `verify` makes points of them. */
  readonly unverified: readonly { readonly store: string; readonly key: string }[];
  readonly unreachable: SurveyedPlaces['unreachable'];
  /** The newest restore on record. @default - no key was named by which records are known, or none can be read */
  readonly lastRestore?: LastRestore;
}

export interface RestorablePoint extends Expected {
  readonly slot: string;
  readonly type: string;
  /** The moment that it holds. */
  readonly at: string;
  /** Of logs: every moment from then on. */
  readonly since?: string;
  /** Files and tables that are not in it as they were. */
  readonly degraded: number;
  /** In the store that keeps it for longest. */
  readonly expiresAt: string;
  /** No store has all of it where it can be read at once. */
  readonly archived: boolean;
  /** Of an archived one: how long thawing it takes before anything else, in the store that is quickest. */
  readonly thawSeconds?: ThawWait;
  readonly stores: readonly RestorableStore[];
}

export interface RestorableStore {
  readonly store: string;
  readonly backups: number;
  readonly bytes: number;
  /** What of it lies in an archive; `restore` asks for it. @default - it can be read at once */
  readonly archived?: { readonly objects: number; readonly bytes: number; readonly thawSeconds: ThawWait };
}

export async function restorable(
  task: TaskManifest,
  machine: Machine,
  only?: readonly string[],
  open?: OpenForReading,
  recordKeys: readonly string[] = [],
): Promise<{ readonly exit: ExitCode; readonly answer: Restorable }> {
  const places = await surveyPlaces(task, machine, only, open);
  try {
    const points = pointsOf(places.surveys);
    const last = await lastRestore(
      places.surveys.map(({ place }) => place),
      task,
      machine,
      recordKeys,
    );
    const answer = { ...answerOf(task, places, { ...points, last }), ...(last && { lastRestore: last }) };
    return { exit: exitOf(answer, places), answer };
  } finally {
    await places.close();
  }
}

function answerOf(
  task: TaskManifest,
  { surveys, unreachable }: SurveyedPlaces,
  { points, broken, last }: Points & { readonly last: LastRestore | undefined },
): Restorable {
  const listed = points.map((point): RestorablePoint => {
    const { manifest, at, since, chains } = point;
    const stores = chains.map((chain) => storeOf(chain, task));
    return {
      slot: manifest.slot,
      type: manifest.type,
      at: at.toISOString(),
      ...(since && { since: since.toISOString() }),
      degraded: (chains[0]?.members ?? []).reduce((sum, one) => sum + one.manifest.degraded.length, 0),
      expiresAt: new Date(
        Math.max(...chains.map(({ place }) => keptUntil(manifest, place.keptDays).getTime())),
      ).toISOString(),
      ...expectedOf(chains[0], last),
      ...whenReadable(stores),
      stores,
    };
  });
  return {
    task: task.name,
    points: listed,
    gaps: isContinuous(task)
      ? gapsIn(points).map(({ from, to }) => ({ from: from.toISOString(), to: to.toISOString() }))
      : [],
    broken: broken.map(({ store, slot, type, why }) => ({ store, slot, type, why })),
    suspected: surveys.flatMap(({ place, suspected }) => suspected.map((one) => ({ store: place.store.id, ...one }))),
    unverified: surveys.flatMap(({ place, unverified }) => unverified.map((key) => ({ store: place.store.id, key }))),
    unreachable,
  };
}

function storeOf(chain: PlacedChain, task: TaskManifest): RestorableStore {
  const { store } = chain.place;
  const objects = coldIn(chain).filter((one) => isArchived(one));
  const archived = {
    objects: objects.length,
    bytes: objects.reduce((sum, one) => sum + one.bytes, 0),
    thawSeconds: expectedWait(objects, store, tierFor(task, store.id, undefined)),
  };
  return {
    store: store.id,
    backups: chain.members.length,
    bytes: storedBytes(chain),
    ...(objects.length > 0 && { archived }),
  };
}

function whenReadable(stores: readonly RestorableStore[]): Pick<RestorablePoint, 'archived' | 'thawSeconds'> {
  const waits = stores.flatMap(({ archived }) => (archived ? [archived.thawSeconds] : []));
  const [quickest] = [...waits].sort((a, b) => a.to - b.to);
  return quickest && waits.length === stores.length ? { archived: true, thawSeconds: quickest } : { archived: false };
}

/** Nothing at all is the worst answer, unless somebody could not be asked. */
function exitOf(
  { points, broken, suspected, gaps }: Restorable,
  { unreachable, worthRetry }: SurveyedPlaces,
): ExitCode {
  if (unreachable.length > 0) return worthRetry ? EXIT.retry : EXIT.permanent;
  if (points.length === 0) return EXIT.damaged;
  return broken.length + suspected.length + gaps.length > 0 ? EXIT.degraded : EXIT.success;
}
