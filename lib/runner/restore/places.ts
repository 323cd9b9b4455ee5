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

/** How the places of a task are opened: its own and those of copies, or what replication fills. Tests bring stores of their own. */
export type OpenForReading = (
  task: TaskManifest,
  machine: Machine,
  only: readonly string[] | undefined,
  which: 'copies' | 'replicas',
) => ReturnType<typeof openPlaces>;

const asNamed: OpenForReading = (task, machine, only, which) => openPlaces(task, machine, { with: which, only });

/**
 * Looks at every place that was asked for, else at all. Replicas are asked where they are named, where a place could not
 * be, and where no place has anything any more: else they hold nothing that their source lacks, and lie where the
 * source's own identities reach nothing.
 */
export async function surveyPlaces(
  task: TaskManifest,
  machine: Machine,
  only: readonly string[] | undefined,
  open: OpenForReading = asNamed,
): Promise<SurveyedPlaces> {
  const named = await surveyAll(await open(task, machine, only, 'copies'), task, machine);
  const hasReplicas = (task.replicas ?? []).length > 0;
  const suffices = named.unreachable.length === 0 && named.surveys.some(({ sound }) => sound.length > 0);
  if (!hasReplicas || (only === undefined && suffices)) return named;
  try {
    const others = await surveyAll(await open(task, machine, only, 'replicas'), task, machine);
    return {
      surveys: [...named.surveys, ...others.surveys],
      unreachable: [...named.unreachable, ...others.unreachable],
      worthRetry: named.worthRetry || others.worthRetry,
      close: async () => void (await Promise.all([named.close(), others.close()])),
    };
  } catch (error) {
    await named.close();
    throw error;
  }
}

async function surveyAll(
  { places, dropped, ...opened }: Awaited<ReturnType<OpenForReading>>,
  task: TaskManifest,
  machine: Machine,
): Promise<SurveyedPlaces> {
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
