import type { BackupType, TaskManifest, TaskRun } from '../contract';
import { decide, readHistories } from './decide';
import type { PreparedSource } from './engine/engine';
import { EngineError } from './engine/engine';
import { openEngine } from './engine/open';
import { EXIT } from './exit-code';
import { runHook } from './hooks';
import type { Machine } from './machine';
import { fail, whys } from './outcome';
import type { BackupOutcome } from './outcome';
import { closePlaces, openPlaces } from './places';
import { slotDate, slotOf } from './slot';
import { StoreError } from './store/store';
import { take } from './take';
import { runFor } from './task';

export interface BackupOptions {
  readonly type?: BackupType;
  /** Planned start; a run by hand takes its own start. */
  readonly slot?: string;
  /** `accepted`: much less than last time is what somebody expects. @default - it ends the run */
  readonly shrinkage?: 'accepted' | 'refused';
  /** `accepted`: the local folder is another one than before, and that is meant. @default - it is left out */
  readonly movedLocal?: 'accepted' | 'refused';
}

/** One run of a task: from the source into every store at once, published last, never silent about what is missing. */
export async function backup(task: TaskManifest, options: BackupOptions, machine: Machine): Promise<BackupOutcome> {
  const run = runFor(task, options.type);
  if (!run) return fail(EXIT.badInvocation, `task ${task.name} has no runs of type ${options.type ?? 'full'}`);
  const slot = options.slot ?? slotOf(machine.now());
  if (!slotDate(slot)) return fail(EXIT.badInvocation, `"${slot}" is no slot such as 20261122T021500Z`);
  let source: PreparedSource | undefined;
  try {
    source = await (await openEngine(task)).prepare(task, machine);
    const lock = await source.lock(run.type === 'log' ? 'log' : 'data');
    if (lock === 'held') return fail(EXIT.overlap, `another run of ${task.name} holds the source's lock`);
    try {
      await runHook(task, 'before', 'started', machine);
      const outcome = await runLocked(task, run, slot, options, source, machine);
      await runHook(
        task,
        outcome.exit === EXIT.success || outcome.exit === EXIT.degraded ? 'after' : 'onError',
        outcome.why ?? 'stored',
        machine,
      );
      return outcome;
    } catch (error) {
      await runHook(task, 'onError', reasonOf(error), machine);
      throw error;
    } finally {
      await lock.release();
    }
  } catch (error) {
    return expected(error, machine);
  } finally {
    await source?.close();
  }
}

/** Failures of the world are outcomes; everything else is a bug and goes on. */
function expected(error: unknown, machine: Machine): BackupOutcome {
  if (machine.signal.aborted) return fail(EXIT.interrupted, 'interrupted');
  if (error instanceof EngineError) return fail(error.kind === 'config' ? EXIT.permanent : EXIT.retry, withFix(error));
  if (error instanceof StoreError) return fail(error.kind === 'retry' ? EXIT.retry : EXIT.permanent, error.message);
  throw error;
}

function withFix({ message, fix }: EngineError): string {
  return fix ? `${message}; ${fix}` : message;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function runLocked(
  task: TaskManifest,
  planned: TaskRun,
  slot: string,
  options: BackupOptions,
  source: PreparedSource,
  machine: Machine,
): Promise<BackupOutcome> {
  const { places, dropped } = await openPlaces(task, machine, {
    local: options.movedLocal === 'accepted' ? 'moved' : 'written',
  });
  try {
    if (places.length === 0) return fail(EXIT.permanent, `no store can be opened: ${whys(dropped)}`);
    const { histories, dropped: unread } = await readHistories(places, task, machine);
    if (histories.length === 0) return fail(EXIT.permanent, `no store can be read: ${whys([...dropped, ...unread])}`);
    const decision = await decide(planned.type, source, histories);
    if (decision.fullBecause !== undefined) {
      machine.log({
        level: 'warning',
        event: 'full_instead',
        message: `a full is taken: ${decision.fullBecause}`,
        task: task.name,
      });
    }
    return await take({
      task,
      planned,
      slot,
      source,
      histories,
      dropped: [...dropped, ...unread],
      shrinkage: options.shrinkage ?? 'refused',
      decision,
      machine,
    });
  } finally {
    await closePlaces(places);
  }
}
