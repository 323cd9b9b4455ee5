import type { TaskManifest } from '../../contract';
import type { Place } from '../history';
import type { Machine } from '../machine';
import { closePlaces, openPlaces } from '../places';
import { StoreError } from '../store/store';
import { LOCAL } from '../task';
import { surveyPlace } from './survey';
import type { Survey } from './survey';

/** What all places of a task can give. */
export interface SurveyedPlaces {
  /** The host's own folder first, since it costs nothing, then the task's stores, then what copies fill. */
  readonly surveys: readonly Survey[];
  readonly unreachable: readonly { readonly store: string; readonly why: string }[];
  /** Whether one of them may be there in a while. */
  readonly worthRetry: boolean;
  close(): Promise<void>;
}

/** How the places of a task are opened. Tests bring stores of their own. */
export type OpenForReading = (
  task: TaskManifest,
  machine: Machine,
  only: readonly string[] | undefined,
) => ReturnType<typeof openPlaces>;

const asNamed: OpenForReading = (task, machine, only) => openPlaces(task, machine, { with: 'copies', only });

export async function surveyPlaces(
  task: TaskManifest,
  machine: Machine,
  only: readonly string[] | undefined,
  open: OpenForReading = asNamed,
): Promise<SurveyedPlaces> {
  const { places, dropped, ...opened } = await open(task, machine, only);
  const surveys: Survey[] = [];
  const unreachable = [...dropped];
  let { worthRetry } = opened;
  for (const place of [...places].sort((a, b) => rank(a) - rank(b))) {
    try {
      surveys.push(await surveyPlace(place, task, machine.now()));
    } catch (error) {
      if (!(error instanceof StoreError)) {
        await closePlaces(places);
        throw error;
      }
      unreachable.push({ store: place.store.id, why: error.message });
      worthRetry ||= error.kind === 'retry';
    }
  }
  return { surveys, unreachable, worthRetry, close: () => closePlaces(places) };
}

function rank({ store }: Place): number {
  return store.id === LOCAL ? 0 : 1;
}
