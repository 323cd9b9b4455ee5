import type { TaskManifest } from '../../contract';
import { EXIT } from '../exit-code';
import { TaskError } from '../load-task';
import type { Machine } from '../machine';
import { StoreError } from '../store/store';
import { LOCAL } from '../task';
import { readDestination } from './destination';
import type { Destination } from './destination';
import { fill } from './fill';
import type { FillRound } from './fill';
import { placesOnce } from './open-once';
import type { Out, PlacesOnce } from './open-once';
import { exitOf, failureOf, worstOf } from './outcome';
import type { CopyLine, CopyOutcome, FillState, Filled } from './outcome';
import type { CopySource } from './source';

export interface CopyOptions {
  /** Destinations that are meant. @default - every store of the task, and every one that copies fill */
  readonly only?: readonly string[] | undefined;
  readonly mode?: 'copy' | 'dry-run';
}

/**
 * `copy`: fills the task's own stores where they have holes, then the stores of other clouds, from what is verified
 * somewhere else. Nothing is ever overwritten or deleted; who runs it reads there and creates here.
 * @throws TaskError when the task's folder is asked to be filled
 */
export async function copy(
  task: TaskManifest,
  options: CopyOptions,
  machine: Machine,
  places: PlacesOnce = placesOnce(task, machine),
): Promise<CopyOutcome> {
  const { only, mode = 'copy' } = options;
  if (only?.includes(LOCAL)) {
    throw new TaskError("a local folder is filled by the next full, never from a store: its bytes are a recipient's");
  }
  const filled: Filled[] = [];
  try {
    for (const wanted of destinationsOf(task).filter((one) => only?.includes(one.id) ?? true)) {
      machine.signal.throwIfAborted();
      filled.push(await fillOne(wanted, places, task, mode, machine));
    }
    machine.signal.throwIfAborted();
  } catch (error) {
    if (!machine.signal.aborted) throw error;
    return { exit: EXIT.interrupted, lines: filled.flatMap((one) => one.lines) };
  } finally {
    await places.close();
  }
  const lines = filled.flatMap((one) => one.lines);
  for (const line of lines.filter((one) => one.fate !== 'copied')) logLine(line, task, machine);
  return { exit: exitOf(filled), lines };
}

interface Wanted {
  readonly id: string;
  /** Places that are read first. */
  readonly first: readonly string[];
  /** Places that are read only when those have not got all of it. */
  readonly then: readonly string[];
}

function destinationsOf(task: TaskManifest): readonly Wanted[] {
  const own = task.stores.map((one) => one.store);
  const copies = task.copies.map((one) => one.store);
  const home = [...own, ...(task.local ? [LOCAL] : [])];
  const but = (ids: readonly string[], ...without: readonly string[]) => ids.filter((one) => !without.includes(one));
  return [
    ...own.map((id) => ({ id, first: but(home, id), then: copies })),
    ...task.copies.map(({ store: id, source }) => ({
      id,
      first: [source],
      then: [...but(home, source), ...but(copies, id)],
    })),
  ];
}

async function fillOne(
  { id, first, then }: Wanted,
  places: PlacesOnce,
  task: TaskManifest,
  mode: 'copy' | 'dry-run',
  machine: Machine,
): Promise<Filled> {
  const failed = ({ why, state }: Out): Filled => ({ state, lines: [{ store: id, backup: '', fate: 'failed', why }] });
  const destination = await openDestination(id, places, task, machine);
  if ('why' in destination) return failed(destination);
  try {
    const near = await readSources(first, places);
    const round = await fill({ destination, sources: near.sources, mode, machine });
    if (round.wants === 'nothing' && near.lines.length === 0) return round;
    // What can't be read nearby is worth a word; what is only asked for help is not.
    const far = await readSources(then, places);
    const sources = [...near.sources, ...far.sources];
    const again = far.sources.length > 0 ? await fill({ destination, sources, mode, machine }) : round;
    const unread = sources.length > 0 ? near.states.map((): FillState => 'gaps') : near.states;
    const lines = [...near.lines, ...lasting(round), ...again.lines];
    return {
      state: worstOf([again.state, ...unread]),
      lines: [...new Map(lines.map((one) => [JSON.stringify(one), one])).values()],
    };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return failed({ why: error.message, state: failureOf(error) });
  }
}

/** What stays true, whatever a second round does: what was copied, or would be, and damage. */
function lasting({ lines }: FillRound): readonly CopyLine[] {
  return lines.filter((one) => one.fate === 'copied' || one.fate === 'would copy' || one.fate === 'damaged');
}

interface ReadSources {
  readonly sources: readonly CopySource[];
  /** About those that could not be read. */
  readonly lines: readonly CopyLine[];
  readonly states: readonly FillState[];
}

async function readSources(ids: readonly string[], places: PlacesOnce): Promise<ReadSources> {
  const sources: CopySource[] = [];
  const lines: CopyLine[] = [];
  const states: FillState[] = [];
  for (const id of ids) {
    const one = await places.source(id);
    if (one === undefined) continue;
    if ('held' in one) {
      sources.push(one);
      continue;
    }
    lines.push({ store: id, backup: '', fate: 'left out', why: `it can't be read as a source: ${one.why}` });
    states.push(one.state);
  }
  return { sources, lines, states };
}

async function openDestination(
  id: string,
  places: PlacesOnce,
  task: TaskManifest,
  machine: Machine,
): Promise<Destination | Out> {
  const place = await places.place(id);
  if (!place) return { why: 'it is not on this machine', state: 'permanent' };
  if ('why' in place) return place;
  try {
    return await readDestination(place, { name: task.name, timeZone: task.window.timeZone }, machine.now());
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const out: Out = { why: error.message, state: failureOf(error) };
    places.lost(id, out);
    return out;
  }
}

function logLine({ store, backup, fate, why }: CopyLine, task: TaskManifest, machine: Machine): void {
  const level = fate === 'damaged' || fate === 'failed' ? 'error' : fate === 'left out' ? 'warning' : 'info';
  const event = `copy_${fate.replace(/ /g, '_')}`;
  machine.log({ level, event, message: `${store} ${backup}: ${why}`, task: task.name, store });
}
