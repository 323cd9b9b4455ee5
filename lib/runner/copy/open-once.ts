import type { TaskManifest } from '../../contract';
import type { Place } from '../history';
import type { Machine } from '../machine';
import { closePlaces, openPlaces } from '../places';
import { StoreError } from '../store/store';
import { failureOf } from './outcome';
import type { FillState } from './outcome';
import { readSource } from './source';
import type { CopySource } from './source';

/** A place that cannot be used. */
export interface Out {
  readonly why: string;
  readonly state: FillState;
}

/** Places of a task, each opened and read when it is first needed: a job in one cloud has no key to all of them. */
export interface PlacesOnce {
  /** `undefined`: the task's folder, on a machine that never had it. */
  place(id: string): Promise<Place | Out | undefined>;
  source(id: string): Promise<CopySource | Out | undefined>;
  /** It did not answer: patience is not tried again. */
  lost(id: string, out: Out): void;
  close(): Promise<void>;
}

export type OpenPlace = (id: string) => Promise<Place | Out | undefined>;

/** @param openPlace - for tests. @default - as the task manifest names it */
export function placesOnce(
  task: TaskManifest,
  machine: Machine,
  openPlace: OpenPlace = (id) => openNamed(id, task, machine),
): PlacesOnce {
  const opened = new Map<string, Promise<Place | Out | undefined>>();
  const read = new Map<string, Promise<CopySource | Out | undefined>>();
  const place = (id: string) => once(opened, id, () => openPlace(id));
  return {
    place,
    source: (id) =>
      once(read, id, async () => {
        const one = await place(id);
        return one && 'store' in one ? readOrOut(one, task.name) : one;
      }),
    lost: (id, out) => void read.set(id, Promise.resolve(out)),
    close: async () => {
      const places = await Promise.all(opened.values());
      await closePlaces(places.filter((one): one is Place => one !== undefined && 'store' in one));
    },
  };
}

function once<T>(known: Map<string, Promise<T>>, id: string, work: () => Promise<T>): Promise<T> {
  const value = known.get(id) ?? work();
  known.set(id, value);
  return value;
}

async function openNamed(id: string, task: TaskManifest, machine: Machine): Promise<Place | Out | undefined> {
  const { places, dropped } = await openPlaces(task, machine, { with: 'copies', only: [id] });
  const [out] = dropped;
  return out ? { why: out.why, state: 'permanent' } : places[0];
}

async function readOrOut(place: Place, task: string): Promise<CopySource | Out> {
  try {
    return await readSource(place, task);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { why: error.message, state: failureOf(error) };
  }
}
