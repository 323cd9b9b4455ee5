import type { RestoreCheck, RestoreRecord, TaskManifest } from '../../contract';
import { EXIT } from '../exit-code';
import type { ExitCode } from '../exit-code';
import { hostError } from '../host-error';
import type { Machine } from '../machine';
import { clockText } from '../progress/amounts';
import { restore } from '../restore/restore';
import type { RestoreWorld } from '../restore/restore';
import { ended, failed as failureOf } from '../restore/failure';
import type { Failure } from '../restore/failure';
import type { RestoreReport } from '../restore/report';
import { stepsOf } from '../restore/steps';
import { objectiveChecks } from './freshness';
import { makePrivateFolder } from './private-folder';
import type { PrivateFolder } from './private-folder';
import { endProcesses } from './processes';
import { reapLeftovers } from './reap';
import { recordOf } from './record';
import { watchedTarget } from './target';
import type { Watched } from './target';
import type { Integrity } from './throwaway';
import { withoutData } from './verdict';

export interface TestRestoreOptions {
  /** The planned start. */
  readonly slot: string;
  /** Ids of the places that may be read. @default - all */
  readonly only?: readonly string[] | undefined;
  /** Folder below which everything lies. @default - the state's folder */
  readonly scratch?: string | undefined;
  readonly open?: RestoreWorld['open'];
}

export interface TestRestored {
  readonly exit: ExitCode;
  readonly record: RestoreRecord;
  /** Id of the place that was read, or would have been. @default - it did not come to that */
  readonly place?: string | undefined;
  /** Why it failed, in a tool's own words, which may quote data: for this host's log. @default - as the record says it */
  readonly said?: string | undefined;
}

/**
 * Restores the newest backup into a target of its own, looks into it, and removes it whatever came of it. Failures of
 * the world are in the record; bugs throw.
 */
export async function testRestore(
  task: TaskManifest,
  options: TestRestoreOptions,
  machine: Machine,
): Promise<TestRestored> {
  const startedAt = machine.now();
  const base = options.scratch ?? machine.stateFolder;
  const nothing = { task, machine, startedAt, watched: { checks: [], lookedSeconds: 0 } } as const;
  let folder: PrivateFolder;
  try {
    await reapLeftovers(base, machine);
    folder = await makePrivateFolder(base, options.slot, machine);
  } catch (error) {
    const { exit, why } = failed(error, machine);
    return { exit, record: recordOf({ ...nothing, failure: why }) };
  }
  try {
    return await restoreAndLook(task, { ...options, folder, startedAt }, machine);
  } finally {
    await endProcesses(folder.path, machine);
    await removed(folder, task, machine);
  }
}

/** What stays is the next one's to reap; what came of the test is not lost for it. */
async function removed(folder: PrivateFolder, { name: task }: TaskManifest, machine: Machine): Promise<void> {
  try {
    await folder.remove();
  } catch (thrown) {
    const error = hostError(thrown);
    if (!error) throw thrown;
    const message = `${folder.path} could not be removed, and is left to the next test: ${error.message}`;
    machine.log({ level: 'warning', event: 'test_restore_left', message, task });
  }
}

interface Testing extends TestRestoreOptions {
  readonly folder: PrivateFolder;
  readonly startedAt: Date;
}

async function restoreAndLook(task: TaskManifest, testing: Testing, machine: Machine): Promise<TestRestored> {
  const { folder, startedAt, only, open } = testing;
  const { target, seen } = watchedTarget(task, { folder, machine });
  try {
    const began = machine.seconds();
    const report = await restore(
      task,
      {
        ...{ wish: { kind: 'latest' }, mode: 'restore', target: folder.id, databases: undefined, replace: [] },
        // So that whatever it read is removed with the rest.
        ...{ globals: 'restored', owners: 'kept', only, scratch: folder.path },
      },
      machine,
      { ...(open && { open }), target: (_task, asked) => Promise.resolve(target({ ...asked, until: undefined })) },
    );
    const watched = seen();
    const base = { task, machine, startedAt, watched, report };
    const { point, throwAway, store: place = point?.chains[0]?.place.store.id } = watched;
    if (report.why !== undefined || !point || !throwAway) {
      const { exit, why = 'nothing was restored' } = report;
      const failure = watched.store === undefined ? why : withoutData(why);
      return { exit: exitOf(exit, watched), record: recordOf({ ...base, failure }), place, said: why };
    }
    const rtoSeconds = machine.seconds() - began - watched.lookedSeconds;
    const rpoSeconds = Math.max(0, (startedAt.getTime() - point.at.getTime()) / 1000);
    const looked = await lookInto(task, watched, { startedAt, machine });
    const objectives = objectiveChecks(task, { rtoSeconds, rpoSeconds });
    const checks = [...watched.checks, ...looked.checks, ...objectives];
    const bad = checks.filter(({ result }) => result === 'failed');
    const warnings = [...report.warnings, ...looked.warnings, ...missedTime(task, rtoSeconds)];
    const why = [
      ...(bad.length > 0 ? [`${bad.length} of ${checks.length} checks failed`] : []),
      ...(looked.failure ? [withoutData(looked.failure.why)] : []),
    ].join('; ');
    const clean = bad.length > 0 ? EXIT.damaged : warnings.length > 0 ? EXIT.degraded : EXIT.success;
    return {
      exit: looked.failure ? exitOf(looked.failure.exit, { ...watched, checks }) : clean,
      record: recordOf({
        ...base,
        ...{ watched: { ...watched, checks }, steps: [...report.steps, ...looked.steps], warnings },
        ...{ achieved: { rtoSeconds, rpoSeconds }, failure: why === '' ? undefined : why },
      }),
      place,
      said: looked.failure?.why,
    };
  } finally {
    await seen().throwAway?.stop();
  }
}

/**
 * The restore alone took longer than all that is promised. How old the data is depends on the hour of the test, and
 * whether the schedule can keep that promise is said before anything is deployed (DR3070).
 */
function missedTime({ objective }: TaskManifest, seconds: number): readonly string[] {
  const promised = objective?.rtoSeconds;
  if (promised === undefined || seconds <= promised) return [];
  return [
    `the restore alone took ${clockText(seconds)}, and the RTO of tier ${objective?.tier ?? ''} is ${clockText(promised)}: the backup is good, the promise is not`,
  ];
}

/**
 * A backup that is too old is as bad as a damaged one: it is not what an emergency would need. Once all bytes are
 * compared there is nothing left that could be away: what the server of our own does not take is no backup. Somebody else's may
 * be away.
 */
function exitOf(exit: ExitCode, { checks, store, throwAway }: Watched): ExitCode {
  if (exit === EXIT.interrupted) return exit;
  const isRefused = store !== undefined && exit === EXIT.retry && throwAway?.remote !== true;
  const isBad = checks.some(({ result }) => result === 'failed') || isRefused;
  return isBad ? EXIT.damaged : exit;
}

interface Looked extends Integrity {
  readonly steps: RestoreReport['steps'];
  /** What kept somebody from looking. */
  readonly failure?: Failure;
}

async function lookInto(
  { name, validation }: TaskManifest,
  { throwAway, point }: Watched,
  { startedAt, machine }: { readonly startedAt: Date; readonly machine: Machine },
): Promise<Looked> {
  if (!throwAway) throw new Error('nothing was restored');
  const { inspection } = throwAway;
  const { queries, testRestore: { database } = {} } = validation;
  const clock = stepsOf(name, machine);
  const checks: RestoreCheck[] = [];
  const warnings: string[] = [];
  try {
    if (point && point.manifest.parent !== null && inspection.last)
      checks.push(...(await inspection.last(point.manifest.contents)));
    if (queries.length > 0) checks.push(...(await clock.step('queries', () => inspection.queries(queries, database))));
    else checks.push(...(await clock.step('newest', () => inspection.newest(startedAt))));
    const sound = await clock.step('integrity', () => inspection.integrity());
    checks.push(...sound.checks);
    warnings.push(...sound.warnings);
    machine.signal.throwIfAborted();
    return { checks, warnings, steps: clock.steps };
  } catch (error) {
    return { checks, warnings, steps: clock.steps, failure: failed(error, machine) };
  } finally {
    clock.end();
  }
}

function failed(thrown: unknown, machine: Machine): Failure {
  return machine.signal.aborted ? ended(machine) : failureOf(thrown);
}
