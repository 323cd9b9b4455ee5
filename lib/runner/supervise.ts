import { alarm } from './alarm';
import { EngineError } from './engine/engine';
import type { Machine } from './machine';
import type { RunLimits } from './run-limits';
import { slotOf } from './slot';

export interface Supervision {
  /** The machine of the run: its signal comes from outside, or from the hard stop. */
  readonly machine: Machine;
  /** Whether the run is to read slower, for the sake of whoever works on the source outside of the window. */
  readonly slowed: () => boolean;
  /** Why the run was ended, where its hard stop did it. */
  readonly stopped: () => EngineError | undefined;
  /** Ends the timers. */
  end(): void;
}

/**
 * Watches the time of a run. It is told of when it is late, once; from then on it reads slower, until half of the time to
 * its hard stop is over: by then a whole backup matters more than the load. Times are counted from its start by the
 * monotonic clock, so that a wall clock that is set ends nothing.
 */
export function supervise(limits: RunLimits, task: string, machine: Machine): Supervision {
  const { expectedEnd, hardStop } = limits;
  const now = machine.now();
  const started = machine.seconds();
  const secondsTo = (moment: Date) => Math.max(0, (moment.getTime() - now.getTime()) / 1000);
  const lateAfter = secondsTo(expectedEnd);
  const stopAfter = hardStop ? secondsTo(hardStop.at) : Infinity;
  const over = new AbortController();
  const stop = new AbortController();
  const quiet = AbortSignal.any([over.signal, machine.signal]);
  const timed = async (seconds: number, work: () => void) => {
    if (Number.isFinite(seconds) && (await alarm(seconds, machine, quiet)) === 'reached') work();
  };
  void timed(lateAfter, () => {
    const message = `the run was expected to have ended by ${clock(expectedEnd)}; ${nextStep(limits)}`;
    machine.log({ level: 'warning', event: 'run_late', message, task });
  });
  void timed(stopAfter, () => {
    const failure = stopFailure(hardStop, now);
    machine.log({ level: 'error', event: 'hard_stop', message: failure.message, task });
    stop.abort(failure);
  });
  return {
    machine: { ...machine, signal: AbortSignal.any([machine.signal, stop.signal]) },
    slowed: () => {
      const at = machine.seconds() - started;
      return at >= lateAfter && at < lateAfter + (stopAfter - lateAfter) / 2;
    },
    stopped: () => (stop.signal.aborted ? (stop.signal.reason as EngineError) : undefined),
    end: () => over.abort(),
  };
}

function nextStep({ hardStop }: RunLimits): string {
  if (!hardStop) return 'it goes on, slower';
  return `it goes on, slower for the first half of the time until ${clock(hardStop.at)}, when it is ended`;
}

function stopFailure(hardStop: RunLimits['hardStop'], started: Date): EngineError {
  const began = `it began at ${clock(started)}`;
  if (hardStop?.before.kind === 'slot') {
    return new EngineError(
      'config',
      `the run was ended at ${clock(hardStop.at)}, before it ran into slot ${slotOf(hardStop.before.moment)} of its type; ${began}`,
      'make it faster, or let more time lie between two runs of its type',
    );
  }
  return new EngineError(
    'config',
    `the run was ended with its window at ${hardStop ? clock(hardStop.at) : ''}, as hard_stop says; ${began}`,
    'widen the window, start earlier, or leave hard_stop out',
  );
}

function clock(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, 'Z');
}
