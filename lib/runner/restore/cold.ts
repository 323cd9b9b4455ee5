import type { BackupStream, TaskManifest } from '../../contract';
import { EngineError } from '../engine/engine';
import { encodingAt, placedBy, sizesBy } from '../placement';
import { clockText } from '../progress/amounts';
import { RETRIEVAL_TIERS, isArchived } from '../store/archive';
import type { RetrievalTier, ThawWait } from '../store/archive';
import type { Store, StoredObject } from '../store/store';
import type { PlacedChain } from './point';

/** Whether a stream is needed. */
export type Wants = (stream: BackupStream) => boolean;

/** Objects that a chain needs and that lie, or lay, in an archive, as the list of its place says. */
export function coldIn({ place, members, cold }: PlacedChain, wants: Wants = () => true): readonly StoredObject[] {
  if (cold.length === 0) return [];
  const byName = new Map(
    cold.flatMap((one) => [[nameOf(one), one] as const, ...(one.latest ? [[one.key, one] as const] : [])]),
  );
  return members.flatMap(({ manifest, entry }) => {
    const placed = placedBy(entry);
    const segments = manifest.streams
      .filter(wants)
      .flatMap((stream) => encodingAt(stream, place.store.id, sizesBy(placed))?.segments ?? []);
    return segments.flatMap(({ name }) => {
      const object = placed(name);
      const found = object && byName.get(object.version === undefined ? object.key : nameOf(object));
      return found ? [found] : [];
    });
  });
}

function nameOf({ key, version }: Pick<StoredObject, 'key' | 'version'>): string {
  return `${version ?? ''} ${key}`;
}

/** The same chains, those first that can be read at once: nothing is thawed that lies elsewhere too. */
export function readableFirst(chains: readonly PlacedChain[], wants: Wants): readonly PlacedChain[] {
  const isCold = new Map(chains.map((one) => [one, coldIn(one, wants).some((object) => isArchived(object))]));
  return [...chains].sort((a, b) => Number(isCold.get(a)) - Number(isCold.get(b)));
}

/** How a store's archive is asked: what the command line says, else the task, else `standard`. */
export function tierFor(task: TaskManifest, store: string, asked: RetrievalTier | undefined): RetrievalTier {
  const told = [...task.stores, ...task.copies, ...(task.replicas ?? [])].find(
    (one) => one.store === store,
  )?.retrievalTier;
  return asked ?? RETRIEVAL_TIERS.find((one) => one === told) ?? 'standard';
}

/**
 * How long the slowest of some archived objects takes.
 * @throws EngineError where one of them is in an archive that has no such tier
 */
export function waitFor(objects: readonly StoredObject[], { id, thawing }: Store, tier: RetrievalTier): ThawWait {
  const waits = objects.flatMap(({ archive }) => {
    const all = archive && thawing?.waits(archive);
    if (!all) return [];
    const wait = all[tier];
    if (wait) return [wait];
    const others = RETRIEVAL_TIERS.flatMap((one) => (all[one] ? [`${one} (up to ${clockText(all[one].to)})`] : []));
    const fix = `say --retrieval-tier ${others.join(' or ')}`;
    throw new EngineError('config', `${id}: there is no ${tier} retrieval from ${archive.tier}`, fix);
  });
  return {
    from: Math.max(0, ...waits.map((one) => one.from)),
    to: Math.max(0, ...waits.map((one) => one.to)),
  };
}

/** The same for a list: where the tier is not to be had, what `standard` takes. */
export function expectedWait(objects: readonly StoredObject[], store: Store, tier: RetrievalTier): ThawWait {
  const hasTier = objects.every(({ archive }) => archive && store.thawing?.waits(archive)[tier]);
  return waitFor(objects, store, hasTier ? tier : 'standard');
}
