import type { TaskManifest } from '../contract';
import { newestRestorable, ofThePast } from './chain';
import type { History } from './chain';
import type { Restorable, restorableIn } from './elsewhere';
import { readManifests } from './history';
import type { LedgerRead, Place } from './history';
import { runOf } from './object-key';
import { overdueSince } from './prune-plan';
import type { PruneDecision } from './prune-plan';
import type { StoredObject } from './store/store';

/** `exceeded`: what may not go takes more than the bound; `unknown`: a store could not say what it holds. */
export type CapState = 'kept' | 'exceeded' | 'unknown';

export interface CapInput {
  readonly place: Place;
  /** What becomes of each backup without a bound. */
  readonly decisions: readonly PruneDecision[];
  readonly entries: LedgerRead['entries'];
  /** All that lies in the folder. */
  readonly objects: readonly StoredObject[];
  readonly maxBytes: number;
  readonly task: TaskManifest;
  readonly now: Date;
  /** Asked only where the bound is passed. */
  readonly restorable: () => ReturnType<typeof restorableIn>;
}

export interface Capped {
  readonly decisions: readonly PruneDecision[];
  readonly state: CapState;
  /** For people, where the bound is not kept. */
  readonly says?: string;
}

/**
 * `max_size` of a local folder, within the protocol: the oldest whole chains go first, and only when every store that
 * the task writes to can restore every member of them. The newest verified chain stays, whatever it takes.
 */
export async function capLocal(input: CapInput): Promise<Capped> {
  const { place, decisions, entries, maxBytes, task } = input;
  const sizes = sizesIn(input);
  const removed = decisions.filter((one) => one.fate === 'remove');
  const left = sizes.total - removed.reduce((sum, one) => sum + sizes.of(one.stored.sha256), 0);
  if (left <= maxBytes) return { decisions, state: 'kept' };
  const stores = await input.restorable();
  if ('why' in stores) {
    const says = `max_size is ${maxBytes} bytes and ${left} lie here, but nothing goes for it: ${stores.why}`;
    return { decisions, state: 'unknown', says };
  }
  const verified = new Set(entries.map((one) => one.sha256));
  const { manifests } = await readManifests(place, task.name);
  const unverified = manifests.map((one) => one.stored).filter((one) => !verified.has(one.sha256));
  return planCap(input, { sizes, left, stores, unverified });
}

interface Sizes {
  readonly total: number;
  readonly of: (sha256: string) => number;
}

/** Bytes of the folder, and of each verified backup with all that lies under its name. */
function sizesIn({ entries, objects }: CapInput): Sizes {
  const runs = new Map(entries.map((one) => [one.sha256, runOf(one.entry.manifestKey)]));
  const sum = (some: readonly StoredObject[]) => some.reduce((bytes, one) => bytes + one.bytes, 0);
  return {
    total: sum(objects),
    of: (sha256) => {
      const run = runs.get(sha256);
      return run === undefined
        ? 0
        : sum(objects.filter(({ key }) => key.startsWith(`${run}-`) || key.startsWith(`${run}.`)));
    },
  };
}

interface Known {
  readonly sizes: Sizes;
  /** Bytes that lie there when what is over has gone. */
  readonly left: number;
  readonly stores: ReadonlyMap<string, Restorable>;
  readonly unverified: History;
}

function planCap({ decisions, maxBytes, task, now }: CapInput, { sizes, stores, unverified, ...known }: Known): Capped {
  const history = decisions.filter((one) => one.fate === 'keep').map((one) => one.stored);
  const overdue = overdueSince(history, task, now);
  const holding: Holding = {
    newest: new Set(newestRestorable(ofThePast(history, now))?.members.map((one) => one.sha256)),
    followed: new Set(unverified.flatMap(({ manifest }) => (manifest.parent ? [manifest.parent.sha256] : []))),
    stores,
  };
  const fates = new Map<string, Pick<PruneDecision, 'fate' | 'why'>>();
  let { left } = known;
  for (const chain of chainsIn(history)) {
    if (left <= maxBytes) break;
    const holds = overdue !== undefined ? `the task is overdue: ${overdue}` : holdsBack(chain, holding);
    const why = holds
      ? `over max_size, but ${holds}`
      : `max_size: ${left} bytes lie here and ${maxBytes} may; ${names(stores)} can restore it`;
    for (const one of chain) fates.set(one.sha256, { fate: holds ? 'keep' : 'remove', why });
    if (!holds) left -= chain.reduce((sum, one) => sum + sizes.of(one.sha256), 0);
  }
  const state = left <= maxBytes ? 'kept' : 'exceeded';
  const more = unverified.length > 0 ? `; ${unverified.length} backups here are not verified yet` : '';
  return {
    decisions: decisions.map((one) => ({ ...one, ...fates.get(one.stored.sha256) })),
    state,
    ...(state === 'exceeded' && { says: `max_size is ${maxBytes} bytes, and ${left} have to stay${more}` }),
  };
}

interface Holding {
  readonly newest: ReadonlySet<string>;
  /** What backups that are not verified yet follow. */
  readonly followed: ReadonlySet<string>;
  readonly stores: ReadonlyMap<string, Restorable>;
}

/** Why a chain may not go for the sake of its size. */
function holdsBack(chain: History, { newest, followed, stores }: Holding): string | undefined {
  if (chain.some((one) => newest.has(one.sha256))) return 'it belongs to the newest chain';
  if (chain.some((one) => followed.has(one.sha256))) return 'a backup that is not verified yet follows it';
  if (stores.size === 0) return 'the task has no store that holds it too';
  const lacking = [...stores].filter(([, held]) => !chain.every((one) => held.has(one.sha256))).map(([id]) => id);
  if (lacking.length === 0) return undefined;
  return `not verified in ${lacking.join(', ')} with all that it needs: copy and verify there first`;
}

/** Whole chains, the oldest first: a full with all that follows from it, or what hangs at a parent that is not here. */
function chainsIn(history: History): readonly History[] {
  const byHash = new Map(history.map((one) => [one.sha256, one]));
  const chains = new Map<string, (typeof history)[number][]>();
  for (const one of history) {
    let root = one.sha256;
    const seen = new Set([root]);
    for (let at = one; at.manifest.parent;) {
      const { sha256 } = at.manifest.parent;
      const parent = byHash.get(sha256);
      root = sha256;
      if (!parent || seen.has(sha256)) break;
      seen.add(sha256);
      at = parent;
    }
    chains.set(root, [...(chains.get(root) ?? []), one]);
  }
  return [...chains.values()];
}

function names(stores: ReadonlyMap<string, Restorable>): string {
  return [...stores.keys()].join(', ');
}
