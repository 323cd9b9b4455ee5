import { THAWED_DAYS } from '../../contract';
import type { Machine } from '../machine';
import { bytesText, clockText } from '../progress/amounts';
import { isArchived } from '../store/archive';
import type { RetrievalTier, ThawWait } from '../store/archive';
import { StoreError } from '../store/store';
import type { Store, StoredObject } from '../store/store';
import { coldIn, waitFor } from './cold';
import type { Wants } from './cold';
import type { PlacedChain } from './point';

/** What of a restore lies in an archive; times are RFC 3339 in UTC. */
export interface Thaw {
  readonly store: string;
  readonly tier: RetrievalTier;
  readonly objects: number;
  readonly bytes: number;
  /** Asked for now; the others were on their way. */
  readonly requested: number;
  readonly expectedSeconds: ThawWait;
  /** By then all of it should be readable. */
  readonly comeBack: string;
}

export interface Thawing {
  readonly chain: PlacedChain;
  readonly wants: Wants;
  readonly tier: RetrievalTier;
  readonly machine: Machine;
}

/** Between two looks at an object that is on its way, by how long it may take. */
const LOOK_SECONDS = { least: 30, most: 300 } as const;

/** Objects that the chain needs and nobody can read now: each that may be one is looked at, since lists can be old. */
export async function archivedNow({
  chain,
  wants,
}: Pick<Thawing, 'chain' | 'wants'>): Promise<readonly StoredObject[]> {
  const objects: StoredObject[] = [];
  for (const listed of coldIn(chain, wants)) {
    if (!isArchived(listed) && listed.archive?.state !== 'unknown') continue;
    const seen = await headOr(chain.place.store, listed);
    if (seen && isArchived(seen)) objects.push(seen);
  }
  return objects;
}

/** Whoever may thaw and not read is refused the look at an object, and has what the list says. */
async function headOr(store: Store, listed: StoredObject): Promise<StoredObject | undefined> {
  try {
    return await store.head(listed.key, listed.version);
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'denied') return listed;
    throw error;
  }
}

/** What is on its way, with the objects that are not there yet. */
export interface Requested {
  readonly thaw: Thaw;
  readonly left: readonly StoredObject[];
}

/** Asks for what is in an archive and was not asked for; nothing is asked where the tier is not to be had. */
export async function requestThaw(thawing: Thawing, objects: readonly StoredObject[]): Promise<Requested> {
  const { chain, tier, machine } = thawing;
  const { store } = chain.place;
  waitFor(objects, store, tier);
  const left: StoredObject[] = [];
  let requested = 0;
  for (const object of objects) {
    machine.signal.throwIfAborted();
    const answer = object.archive?.state === 'thawing' ? 'under way' : await ask(store, object, tier);
    if (answer === 'requested') requested += 1;
    if (answer !== 'readable') left.push(object);
  }
  const thaw = { ...thawOf(thawing, left), requested };
  machine.log({ level: 'info', event: 'restore_thaw', message: thawText(thaw, 'asked'), store: store.id, requested });
  return { thaw, left };
}

/** What would be asked for. @throws EngineError where the tier is not to be had */
export function thawOf({ chain, tier, machine }: Thawing, objects: readonly StoredObject[]): Thaw {
  const { store } = chain.place;
  const expectedSeconds = waitFor(objects, store, tier);
  return {
    store: store.id,
    tier,
    objects: objects.length,
    bytes: objects.reduce((sum, one) => sum + one.bytes, 0),
    requested: 0,
    expectedSeconds,
    comeBack: new Date(machine.now().getTime() + expectedSeconds.to * 1000).toISOString(),
  };
}

async function ask({ thawing, id }: Store, object: StoredObject, tier: RetrievalTier) {
  if (!thawing) throw new StoreError('archived', `${id}: ${object.key} lies in an archive that can not be asked`);
  try {
    return await thawing.request(object, { tier, days: THAWED_DAYS });
  } catch (error) {
    if (!(error instanceof StoreError && error.kind === 'denied')) throw error;
    const why = 'to thaw is a right of its own: let somebody ask who has it, and restore then';
    throw new StoreError('denied', `${error.message}; ${why}`, { cause: error });
  }
}

/**
 * Looks now and then until all of it can be read, at one object at a time.
 * @throws StoreError `retry` after twice the time that it should take
 */
export async function waitForThaw({ chain, machine }: Thawing, { thaw, left }: Requested): Promise<void> {
  const { to } = thaw.expectedSeconds;
  const seconds = Math.min(LOOK_SECONDS.most, Math.max(LOOK_SECONDS.least, Math.round(to / 60)));
  const waiting = [...left];
  for (let waited = 0; ; waited += seconds) {
    for (let next = waiting[0]; next; next = waiting[0]) {
      const seen = await chain.place.store.head(next.key, next.version);
      if (seen && isArchived(seen)) break;
      waiting.shift();
    }
    if (waiting.length === 0) return;
    if (waited >= 2 * to) {
      const why = `${waiting.length} objects can still not be read after ${clockText(waited)}`;
      throw new StoreError('retry', `${thaw.store}: ${why}; they stay asked for`);
    }
    machine.status?.show(`thawing in ${thaw.store}  ${waiting.length} of ${left.length} to come  ${clockText(waited)}`);
    await machine.wait(seconds * 1000, machine.signal);
    machine.signal.throwIfAborted();
  }
}

/** For people. */
export function thawText(thaw: Thaw, tense: 'asked' | 'would be asked'): string {
  const { store, tier, objects, bytes, requested, expectedSeconds: wait } = thaw;
  const what = `${objects} objects of it, ${bytesText(bytes)}, lie in an archive in ${store}`;
  const before = objects - requested;
  const asked =
    tense === 'would be asked'
      ? `asked for by ${tier} retrieval`
      : `${requested} were asked for by ${tier} retrieval${before > 0 ? `, and ${before} before` : ''}`;
  return `${what}: ${asked}, which takes ${waitText(wait)}`;
}

/** `3:00:00 to 5:00:00`. */
export function waitText({ from, to }: ThawWait): string {
  return from > 0 ? `${clockText(from)} to ${clockText(to)}` : `up to ${clockText(to)}`;
}
