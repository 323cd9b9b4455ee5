import type { BackupType } from '../contract';
import { compareSlots, isFromFuture } from './chain';
import type { LedgerRead, Place } from './history';
import { decodeLedgerEntry, readAll } from './manifest';
import { isFullRead, ledgerPrefix, readManifestKey } from './object-key';
import { READ_AT_ONCE } from './read-many';
import { slotOf } from './slot';
import { StoreError } from './store/store';

export type ReadEntry = LedgerRead['entries'][number];

/** What the name of an entry says. The verifier writes none whose manifest says something else. */
export interface LedgerName {
  /** Of the entry. */
  readonly key: string;
  readonly manifestKey: string;
  readonly slot: string;
  readonly type: BackupType;
}

/**
 * Entries that one look reads of one ledger, more than a year of logs every quarter of an hour. A question takes so many
 * only where somebody fills a store with backups that do not count: then nobody knows, and that alarms.
 */
const MOST_ENTRIES = 50_000;

/**
 * A look at the verifier's ledger of a data set that reads of it only what a question takes. Names carry slot and type, so
 * it goes from the newest backwards and follows parents by name and hash until the answer is sure. What entries say
 * decides, and never a name alone. Each entry is read once; what is dated after the look costs nothing.
 */
export class LedgerLook {
  /** Oldest first, as a history is. */
  readonly names: readonly LedgerName[];
  readonly #place: Place;
  readonly #most: number;
  readonly #entries = new Map<string, ReadEntry | undefined>();
  readonly #bySlot = new Map<string, number[]>();

  private constructor(place: Place, names: readonly LedgerName[], most: number) {
    this.#place = place;
    this.#most = most;
    this.names = [...names].sort(compareSlots);
    this.names.forEach((name, index) => {
      const id = `${name.slot}-${name.type}`;
      this.#bySlot.set(id, [...(this.#bySlot.get(id) ?? []), index]);
    });
  }

  static async at(place: Place, task: string, most = MOST_ENTRIES): Promise<LedgerLook> {
    const names: LedgerName[] = [];
    const folder = ledgerPrefix(task, '').length;
    for await (const { key } of place.store.list(ledgerPrefix(task, place.path))) {
      const name = isFullRead(key) ? undefined : readManifestKey(key);
      if (name) names.push({ ...name, key, manifestKey: key.slice(folder) });
    }
    return new LedgerLook(place, names, most);
  }

  /** The entries of names; without those that nobody can decode, or that hold another backup than their name says. */
  async read(names: readonly LedgerName[]): Promise<readonly ReadEntry[]> {
    const waiting = names.filter(({ key }) => !this.#entries.has(key));
    if (this.#entries.size + waiting.length > this.#most) {
      const why = `more than ${this.#most} entries of the ledger would have to be read: see what fills the store`;
      throw new StoreError('refused', why);
    }
    for (let at = 0; at < waiting.length; at += READ_AT_ONCE) {
      await Promise.all(waiting.slice(at, at + READ_AT_ONCE).map((name) => this.#readOne(name)));
    }
    return names.flatMap(({ key }) => this.#entries.get(key) ?? []);
  }

  /** Every entry, where nothing less is sure. */
  all(): Promise<readonly ReadEntry[]> {
    return this.read(this.names);
  }

  /** Whether anything was ever verified. */
  async isEmpty(): Promise<boolean> {
    if ([...this.#entries.values()].some((entry) => entry !== undefined)) return false;
    for (const name of newestFirst(this.names)) if ((await this.read([name])).length > 0) return false;
    return true;
  }

  /**
   * The chain of the newest backup of some types that is not from the future and has all that it needs, oldest first.
   * @param members - `past`: none of them may be from the future
   */
  async newestChain(
    types: readonly BackupType[],
    now: Date,
    members: 'any' | 'past' = 'any',
  ): Promise<readonly ReadEntry[] | undefined> {
    const mayCount = newestFirst(this.upTo(now).filter(({ type }) => types.includes(type)));
    const broken = new Set<string>();
    const isMember = (one: ReadEntry) => members === 'any' || !isFromFuture(one, now);
    // The first one counts as a rule; where it does not, more are read at a time.
    for (let [at, count] = [0, 1]; at < mayCount.length; [at, count] = [at + count, READ_AT_ONCE]) {
      for (const one of await this.read(mayCount.slice(at, at + count))) {
        if (isFromFuture(one, now)) continue;
        const chain = await this.#chainOf(one, isMember, broken);
        if (chain) return chain;
      }
    }
    return undefined;
  }

  /** Names whose slots are not after a moment. */
  upTo(now: Date): readonly LedgerName[] {
    const last = slotOf(now);
    return this.names.filter(({ slot }) => slot <= last);
  }

  /** All from a backup on, up to a moment: what may hang on it. */
  since({ manifest }: ReadEntry, now: Date): readonly LedgerName[] {
    return this.upTo(now).filter((name) => compareSlots(name, manifest) >= 0);
  }

  /** @param broken - hashes of what is known to lack something, so that each is followed once */
  async #chainOf(
    last: ReadEntry,
    isMember: (one: ReadEntry) => boolean,
    broken: Set<string>,
  ): Promise<readonly ReadEntry[] | undefined> {
    const members = new Map<string, ReadEntry>();
    for (let at: ReadEntry | undefined = last; at && isMember(at) && !broken.has(at.sha256);) {
      if (members.has(at.sha256)) break;
      members.set(at.sha256, at);
      const { parent, type }: ReadEntry['manifest'] = at.manifest;
      if (parent !== null) at = await this.#parent(parent);
      else if (type === 'full') return [...members.values()].reverse();
      else break;
    }
    for (const sha256 of members.keys()) broken.add(sha256);
    return undefined;
  }

  async #parent({ slot, type, sha256 }: NonNullable<ReadEntry['manifest']['parent']>): Promise<ReadEntry | undefined> {
    const named = this.#bySlot.get(`${slot}-${type}`) ?? [];
    const asked = named.flatMap((index) => this.names[index] ?? []);
    const isNew = asked.some(({ key }) => !this.#entries.has(key));
    if (isNew) await this.read([...asked, ...this.#likelyBefore(named[0] ?? 0)]);
    return (await this.read(asked)).find((one) => one.sha256 === sha256);
  }

  /** What a member most likely follows in turn, back to the full: one answer for each would take too long. */
  #likelyBefore(index: number): readonly LedgerName[] {
    const of = this.names[index];
    const likely: LedgerName[] = [];
    if (!of || of.type === 'full') return likely;
    for (let at = index - 1; at >= 0; at -= 1) {
      const name = this.names[at];
      if (!name) break;
      if (name.type === 'full' || likely.length === READ_AT_ONCE - 1) break;
      if (name.type === of.type) likely.push(name);
    }
    return likely;
  }

  async #readOne({ key, slot, type }: LedgerName): Promise<void> {
    const decoded = decodeLedgerEntry(await readAll(await this.#place.store.read(key)));
    const isNamed = !('why' in decoded) && decoded.manifest.slot === slot && decoded.manifest.type === type;
    this.#entries.set(key, isNamed ? { ...decoded, key } : undefined);
  }
}

function newestFirst(names: readonly LedgerName[]): readonly LedgerName[] {
  return [...names].reverse();
}
