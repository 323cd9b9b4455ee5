import type { BackupManifest } from '../../../../lib/contract';
import type { RestorablePoint } from '../../../../lib/runner/restore/restorable';

/** What the year itself remembers of a run that was published somewhere; nothing of it comes from a store later on. */
export interface Memory {
  /** `<slot>-<type>`. */
  readonly name: string;
  readonly at: Date;
  readonly parent: string | undefined;
  /** By the plan's own number. */
  readonly expires: Date;
  /** Of the source when it was read. */
  readonly state: string;
  /** Places that said they have it. */
  readonly stored: readonly string[];
  /** Places in which the verifier vouched for it. */
  readonly verified: Set<string>;
}

export function nameOf({ slot, type }: Pick<BackupManifest, 'slot' | 'type'>): string {
  return `${slot}-${type}`;
}

/** Whether retention promises a backup in a place: verified with all that it needs, and its own time has not passed. */
export function isPromised(one: Memory, place: string, memories: ReadonlyMap<string, Memory>, now: Date): boolean {
  if (one.expires <= now) return false;
  for (let at: Memory | undefined = one; ; at = memories.get(at.parent ?? '')) {
    if (!at?.verified.has(place)) return false;
    if (at.parent === undefined) return true;
  }
}

/** What is wrong with what `restorable` lists of the places that can be asked; empty where nothing is. */
export function brokenPromises(
  points: readonly RestorablePoint[],
  memories: ReadonlyMap<string, Memory>,
  { places, now }: { readonly places: readonly string[]; readonly now: Date },
): readonly string[] {
  const listed = new Set(points.flatMap((one) => one.stores.map(({ store }) => `${nameOfPoint(one)} in ${store}`)));
  const lacking = [...memories.values()].flatMap((one) =>
    places
      .filter((place) => isPromised(one, place, memories, now) && !listed.has(`${one.name} in ${place}`))
      .map((place) => `${one.name} in ${place} is promised until ${one.expires.toISOString()} and not listed`),
  );
  const foreign = points.flatMap((point) => {
    const name = nameOfPoint(point);
    const memory = memories.get(name);
    if (!memory) return [`${name} is listed and was never published`];
    if (point.at !== memory.at.toISOString()) return [`${name} is listed for ${point.at}`];
    if (memory.at > now) return [`${name} is listed and lies in the future`];
    return point.stores
      .filter(({ store }) => !memory.verified.has(store))
      .map(({ store }) => `${name} is listed for ${store} and was never verified there`);
  });
  return [...lacking, ...foreign];
}

export function nameOfPoint({ slot, type }: Pick<RestorablePoint, 'slot' | 'type'>): string {
  return `${slot}-${type}`;
}
