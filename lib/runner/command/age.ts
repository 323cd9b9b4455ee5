import { ageOf, overdueSeconds } from '../age';
import type { ProbedAges } from '../age';
import { expiryWarningSeconds } from '../chain-expiry';
import { EXIT } from '../exit-code';
import type { ExitCode } from '../exit-code';
import { hostError } from '../host-error';
import { TaskError, loadTask } from '../load-task';
import type { Machine } from '../machine';
import { agesToEmf, agesToPrometheus, agesToStructuredLog } from '../metrics/age';
import { replaceFile } from '../metrics/replace-file';
import { placesOf } from '../places';
import { pruneOverdueSeconds } from '../prune-age';
import { StoreError } from '../store/store';
import { logUnknownTestRestore, testRestoreOverdueSeconds } from '../test-restore-age';
import type { Invocation } from './arguments';
import type { Output } from './command';

/** From the worst to the best: the program ends with the worst of all tasks. */
const WORST_FIRST: readonly ExitCode[] = [EXIT.badInvocation, EXIT.permanent, EXIT.retry, EXIT.degraded, EXIT.success];

/**
 * `age`: how old the newest verified backup of each task is, for people or as gauges. A task that cannot be looked at
 * keeps no other from it; its gauges are missing then, and whoever alarms has to miss them.
 */
export async function ageCommand(asked: Invocation, machine: Machine, output: Output): Promise<ExitCode> {
  const probed: ProbedAges[] = [];
  const codes: ExitCode[] = [];
  const places = new Set<string>();
  for (const url of asked.tasks) {
    try {
      const task = await loadTask(url, machine);
      placesOf(task).forEach((place) => places.add(place));
      const ages = await ageOf(task, machine, asked.stores);
      probed.push(ages);
      codes.push(codeOf(ages));
      tell(asked, ages, machine, output);
    } catch (error) {
      if (!(error instanceof TaskError) && !(error instanceof StoreError)) throw error;
      output.stderr(`hypdr-runner: ${error.message}\n`);
      codes.push(
        error instanceof TaskError ? EXIT.badInvocation : error.kind === 'retry' ? EXIT.retry : EXIT.permanent,
      );
    }
  }
  const unknown = (asked.stores ?? []).filter((one) => !places.has(one));
  if (unknown.length > 0 && probed.length === asked.tasks.length) {
    output.stderr(`hypdr-runner: no task has a store ${unknown.join(', ')}\n`);
    codes.push(EXIT.badInvocation);
  }
  if (asked.metrics === undefined && asked.format === 'json') output.stdout(`${JSON.stringify(probed, null, 2)}\n`);
  if (asked.metrics?.startsWith('prometheus:')) codes.push(writeGauges(asked.metrics, probed, machine));
  return WORST_FIRST.find((code) => codes.includes(code)) ?? EXIT.success;
}

function codeOf(ages: ProbedAges): ExitCode {
  if (ages.unreachable.length > 0) return ages.worthRetry ? EXIT.retry : EXIT.permanent;
  const { testRestore } = ages;
  if (testRestore && 'why' in testRestore) return testRestore.worthRetry ? EXIT.retry : EXIT.permanent;
  const untested = testRestore ? testRestoreOverdueSeconds(testRestore) : 0;
  const expiring = expiryWarningSeconds(ages.expiries) ?? 0;
  const unpruned = pruneOverdueSeconds(ages.prunes) ?? 0;
  return Math.max(overdueSeconds(ages), untested, expiring, unpruned) > 0 ? EXIT.degraded : EXIT.success;
}

/** What is known of one task, as soon as it is. */
function tell({ metrics, format }: Invocation, ages: ProbedAges, machine: Machine, output: Output): void {
  for (const { store, why } of ages.unreachable) {
    machine.log({ level: 'error', event: 'store_unreachable', message: why, task: ages.task, store });
  }
  logUnknownTestRestore(ages, machine);
  const lines =
    metrics === 'emf'
      ? agesToEmf(ages, machine.now())
      : metrics === 'log'
        ? agesToStructuredLog(ages, machine.now())
        : format === 'text'
          ? linesOf(ages)
          : [];
  for (const line of lines) output.stdout(`${line}\n`);
}

/** What is kept for long enough, and pruned in time, is no line: the others say that all is well. */
function linesOf({ task, ages, fullReads, testRestore, expiries, prunes, unreachable }: ProbedAges): readonly string[] {
  return [
    ...ages.map(({ store, type, ageSeconds, allowedSeconds }) => {
      const late = ageSeconds === undefined || ageSeconds > allowedSeconds;
      const age = ageSeconds === undefined ? 'none' : hours(ageSeconds);
      const state = late ? 'overdue' : 'young';
      return `${state.padEnd(7)}  ${age.padStart(9)} of ${hours(allowedSeconds).padStart(9)}  ${task}  ${type.padEnd(12)}  ${store}`;
    }),
    ...fullReads.map(({ store, ageSeconds, ever, allowedSeconds }) => {
      const state = ageSeconds > allowedSeconds ? 'overdue' : 'young';
      const what = ever ? 'read again' : 'never read again';
      return `${state.padEnd(7)}  ${hours(ageSeconds).padStart(9)} of ${hours(allowedSeconds).padStart(9)}  ${task}  ${what.padEnd(12)}  ${store}`;
    }),
    ...(testRestore ? [testRestoreLine(task, testRestore)] : []),
    ...expiries.flatMap(({ store, leftSeconds, warnSeconds }) =>
      leftSeconds < warnSeconds
        ? [
            `expires  ${hours(leftSeconds).padStart(9)} of ${hours(warnSeconds).padStart(9)}  ${task}  ${'chain'.padEnd(12)}  ${store}`,
          ]
        : [],
    ),
    ...prunes.flatMap(({ store, ageSeconds, allowedSeconds }) =>
      ageSeconds > allowedSeconds
        ? [
            `overdue  ${hours(ageSeconds).padStart(9)} of ${hours(allowedSeconds).padStart(9)}  ${task}  ${'pruned'.padEnd(12)}  ${store}`,
          ]
        : [],
    ),
    ...unreachable.map(({ store, why }) => `unknown  ${task}  ${store}: ${why}`),
  ];
}

function testRestoreLine(task: string, age: NonNullable<ProbedAges['testRestore']>): string {
  if ('why' in age) return `unknown  ${task}  test restores: ${age.why}`;
  const { ageSeconds, ever, allowedSeconds } = age;
  const state = ageSeconds > allowedSeconds ? 'overdue' : 'young';
  const what = ever ? 'restored for a test' : 'never restored for a test';
  return `${state.padEnd(7)}  ${hours(ageSeconds).padStart(9)} of ${hours(allowedSeconds).padStart(9)}  ${task}  ${what}`;
}

/** Hours with one digit after the point. */
function hours(seconds: number): string {
  return `${(seconds / 3600).toFixed(1)} h`;
}

function writeGauges(format: string, probed: readonly ProbedAges[], machine: Machine): ExitCode {
  try {
    replaceFile(format.slice('prometheus:'.length), agesToPrometheus(probed, machine.now()));
    return EXIT.success;
  } catch (error) {
    const failure = hostError(error);
    if (!failure) throw error;
    machine.log({ level: 'error', event: 'metrics_lost', message: failure.message });
    return EXIT.permanent;
  }
}
