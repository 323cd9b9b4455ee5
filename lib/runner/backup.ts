import type { BackupType, TaskManifest, TaskRun } from '../contract';
import { sortHistory } from './chain';
import { decide, readHistories } from './decide';
import type { PreparedSource } from './engine/engine';
import { EngineError, NotFollowed } from './engine/engine';
import { openEngine } from './engine/open';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import { finishSlot } from './finish-slot';
import { runErrorHook, runHook } from './hooks';
import { hostError } from './host-error';
import type { Machine } from './machine';
import { fail, whys } from './outcome';
import type { BackupOutcome } from './outcome';
import { closePlaces, openPlaces } from './places';
import { PublishedNotes, ownedOf } from './published-notes';
import type { Owned } from './published-notes';
import { runLimits } from './run-limits';
import { slotDate, slotOf } from './slot';
import { StoreError } from './store/store';
import { supervise } from './supervise';
import type { Supervision } from './supervise';
import { take } from './take';
import type { Taking } from './take';
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
  const planned = slotDate(slot);
  if (!planned) return fail(EXIT.badInvocation, `"${slot}" is no slot such as 20261122T021500Z`);
  const limits = runLimits(task, run, { slot: planned, start: machine.now() });
  const supervision = supervise(limits, task.name, machine);
  const ended = () => endedBy(supervision, machine);
  let source: PreparedSource | undefined;
  try {
    source = await (await openEngine(task)).prepare(task, supervision.machine);
    const lock = await source.lock(run.type === 'log' ? 'log' : 'data');
    if (lock === 'held') return fail(EXIT.overlap, `another run of ${task.name} holds the source's lock`);
    try {
      await runHook(task, 'before', 'started', supervision.machine);
      const outcome = await runLocked({ task, planned: run, slot, options, source, supervision });
      if (outcome.stored.length > 0) {
        await runHook(task, 'after', outcome.why ?? 'stored', supervision.machine);
        return outcome;
      }
      const failed = ended() ?? outcome;
      await runErrorHook(task, failed.why ?? '', machine);
      return failed;
    } catch (error) {
      await runErrorHook(task, ended()?.why ?? reasonOf(error), machine);
      throw error;
    } finally {
      await lock.release();
    }
  } catch (error) {
    return ended() ?? expected(error);
  } finally {
    supervision.end();
    await source?.close();
  }
}

/** What a run that was ended comes to, whatever its parts said when they were. */
function endedBy({ stopped }: Supervision, { signal }: Machine): BackupOutcome | undefined {
  const failure = stopped();
  // No other try: it would run into the slot for which this one was ended.
  if (failure) return fail(EXIT.permanent, withFix(failure));
  if (!signal.aborted) return undefined;
  const { reason } = signal as { readonly reason: unknown };
  return fail(EXIT.interrupted, `ended by ${reason instanceof Error ? reason.message : String(reason)}`);
}

/** Failures of the world are outcomes; everything else is a bug and goes on. */
function expected(thrown: unknown): BackupOutcome {
  const error = hostError(thrown) ?? thrown;
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

interface LockedRun {
  readonly task: TaskManifest;
  readonly planned: TaskRun;
  readonly slot: string;
  readonly options: BackupOptions;
  readonly source: PreparedSource;
  readonly supervision: Supervision;
}

/** A run without any store: tried again where one of them may be there in a while. */
function without(worthRetry: boolean): ExitCode {
  return worthRetry ? EXIT.retry : EXIT.permanent;
}

async function runLocked({ task, planned, slot, options, source, supervision }: LockedRun): Promise<BackupOutcome> {
  const { machine, slowed } = supervision;
  const opened = await openPlaces(task, machine, {
    local: options.movedLocal === 'accepted' ? 'moved' : 'written',
  });
  const { places, dropped } = opened;
  try {
    if (places.length === 0) return fail(without(opened.worthRetry), `no store can be opened: ${whys(dropped)}`);
    const { histories, dropped: unread, worthRetry } = await readHistories(places, task, machine);
    if (histories.length === 0)
      return fail(without(opened.worthRetry || worthRetry), `no store can be read: ${whys([...dropped, ...unread])}`);
    const out = [...dropped, ...unread];
    const finished = await finishSlot({ task, planned, slot, source, histories, dropped: out, machine });
    if (finished) return finished;
    const notes = task.runs.some(({ type }) => type !== 'full') ? new PublishedNotes(machine, task.name) : undefined;
    const owned = ownedOf(histories, (planned.type !== 'full' && (await notes?.read())) || new Set());
    sayDisowned(owned, task, machine);
    const decision = await decide(planned.type, source, owned, machine.now());
    return await takeOrFull({
      task,
      planned,
      slot,
      source,
      histories,
      dropped: out,
      shrinkage: options.shrinkage ?? 'refused',
      decision,
      ...(notes && { notes }),
      slowed,
      machine,
    });
  } finally {
    await closePlaces(places);
  }
}

/** An increment that shows only when it is read that it follows nothing is a full after all; nothing names what it left. */
async function takeOrFull(taking: Taking): Promise<BackupOutcome> {
  sayFull(taking);
  try {
    return await take(taking);
  } catch (error) {
    if (!(error instanceof NotFollowed)) throw error;
    const decision = { type: 'full', parent: undefined, fullBecause: error.message } as const;
    sayFull({ ...taking, decision });
    return await take({ ...taking, decision });
  }
}

/** Of what lies before this host's own newest backup somebody heard before. */
function sayDisowned({ histories, disowned }: Owned, task: TaskManifest, machine: Machine): void {
  const own = sortHistory(histories.flatMap(({ history }) => history)).at(-1);
  const newer = sortHistory(disowned).filter(({ manifest }) => !own || manifest.slot > own.manifest.slot);
  const newest = newer.at(-1);
  if (!newest) return;
  const { slot, type } = newest.manifest;
  const message = `${newer.length} newer backups than this host's own, the last of them ${slot}-${type}, were published by another host or by somebody who may write there: this run follows none of them`;
  machine.log({ level: 'warning', event: 'backup_disowned', message, task: task.name });
}

function sayFull({ decision: { fullBecause }, task, machine }: Taking): void {
  if (fullBecause === undefined) return;
  const message = `a full is taken: ${fullBecause}`;
  machine.log({ level: 'warning', event: 'full_instead', message, task: task.name });
}
