import type { TaskManifest } from '../../contract';
import { EXIT } from '../exit-code';
import type { Machine } from '../machine';
import type { RetrievalTier } from '../store/archive';
import { choose } from './choose';
import { readableFirst, tierFor } from './cold';
import { ended, failed } from './failure';
import type { Failure } from './failure';
import { isContinuous } from './gap';
import { surveyPlaces } from './places';
import type { OpenForReading, SurveyedPlaces } from './places';
import { pointsOf } from './point';
import { archivedNow, requestThaw, thawText, waitForThaw } from './thaw';
import type { Thaw } from './thaw';
import type { Wish } from './wish';

export interface ThawOptions {
  readonly wish: Wish;
  /** Ids of the places that may be read. @default - all */
  readonly only?: readonly string[] | undefined;
  readonly archived: 'wait' | 'come back';
  /** @default - what the task says of the store, else `standard` */
  readonly retrievalTier?: RetrievalTier | undefined;
}

/** What a later restore will find. */
export interface ThawReport {
  readonly exit: Failure['exit'];
  readonly task: string;
  readonly backup?: string;
  readonly store?: string;
  /** @default - all of it can be read */
  readonly thaw?: Thaw;
  /** Why it can't be read yet, or at all. */
  readonly why?: string;
}

/**
 * Asks for what a restore would read and can't, by an identity that may thaw and needs no target: lists, ledger, manifests
 * and that right are all that it uses.
 */
export async function thawAhead(
  task: TaskManifest,
  options: ThawOptions,
  machine: Machine,
  open?: OpenForReading,
): Promise<ThawReport> {
  try {
    const places = await surveyPlaces(task, machine, options.only, open);
    try {
      return { task: task.name, ...(await thawIn(places, task, options, machine)) };
    } finally {
      await places.close();
    }
  } catch (error) {
    return { task: task.name, ...(machine.signal.aborted ? ended(machine) : failed(error)) };
  }
}

async function thawIn(
  { surveys, unreachable, worthRetry }: SurveyedPlaces,
  task: TaskManifest,
  { wish, archived, retrievalTier }: ThawOptions,
  machine: Machine,
): Promise<Omit<ThawReport, 'task'>> {
  const unverified = surveys.flatMap((one) => one.unverified);
  const chosen = choose(wish, pointsOf(surveys), { now: machine.now(), continuous: isContinuous(task), unverified });
  if (!('point' in chosen)) {
    if (unreachable.length === 0) return { exit: chosen.exit, why: chosen.why };
    const gone = unreachable.map(({ store, why }) => `${store} could not be asked: ${why}`);
    return { exit: worthRetry ? EXIT.retry : EXIT.permanent, why: [chosen.why, ...gone].join('; ') };
  }
  const { slot, type } = chosen.point.manifest;
  const wants = () => true;
  // Where one place can be read at once, nothing is asked of the others.
  const [chain] = readableFirst(chosen.point.chains, wants);
  if (!chain) throw new Error('a point without a chain');
  const found = { backup: `${slot}-${type}`, store: chain.place.store.id };
  const thawing = { chain, wants, tier: tierFor(task, found.store, retrievalTier), machine };
  const cold = await archivedNow(thawing);
  if (cold.length === 0) return { exit: EXIT.success, ...found };
  const requested = await requestThaw(thawing, cold);
  const { thaw, left } = requested;
  if (left.length > 0 && archived === 'come back')
    return { exit: EXIT.retry, ...found, thaw, why: `${thawText(thaw, 'asked')}: come back at ${thaw.comeBack}` };
  await waitForThaw(thawing, requested);
  return { exit: EXIT.success, ...found };
}
