import { readDataKey, runOf } from './object-key';
import type { StoredObject } from './store/store';

/** Data objects of a place, found by the backup and the segment that they may hold. */
export interface RunData {
  /** Candidates for a segment, of the writer's attempt and of every copier's, oldest first; delete markers are none. */
  of(manifestKey: string, segment: string): readonly StoredObject[];
  /** Keys of all data of a backup. */
  keysOf(manifestKey: string): readonly string[];
}

/** @param objects - what a listing says, or all versions of it */
export function indexRunData(objects: Iterable<StoredObject>): RunData {
  const runs = new Map<string, Map<string, StoredObject[]>>();
  for (const object of objects) {
    const data = object.deleteMarker ? undefined : readDataKey(object.key);
    if (!data) continue;
    const segments = runs.get(data.run) ?? new Map<string, StoredObject[]>();
    runs.set(data.run, segments);
    segments.set(data.segment, [...(segments.get(data.segment) ?? []), object]);
  }
  return {
    of: (manifestKey, segment) =>
      [...(runs.get(runOf(manifestKey))?.get(segment) ?? [])].sort(
        (a, b) => a.modified.getTime() - b.modified.getTime() || Number(a.latest) - Number(b.latest),
      ),
    keysOf: (manifestKey) => [
      ...new Set([...(runs.get(runOf(manifestKey))?.values() ?? [])].flat().map((one) => one.key)),
    ],
  };
}
