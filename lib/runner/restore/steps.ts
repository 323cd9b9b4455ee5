import type { Machine } from '../machine';
import { bytesText, clockText } from '../progress/amounts';
import { everySecond, LOG_SECONDS } from '../progress/every-second';
import type { Steps } from './target';

/** The steps of a restore with their times, shown as they go on. */
export interface StepClock {
  readonly steps: readonly { readonly step: string; readonly seconds: number }[];
  readonly step: Steps;
  /** Bytes that came. */
  bytes(more: number): void;
  end(): void;
}

/**
 * Times steps, and tells how the one that is under way goes on: on a terminal a line that is written again each second, else
 * a line of the log each half minute, since loading and checking may take hours.
 * @param total - bytes that the reading step will bring. @default - not known
 */
export function stepsOf(task: string, machine: Machine, total?: number): StepClock {
  const steps: { step: string; seconds: number }[] = [];
  const over = new AbortController();
  let [name, read] = ['', 0];
  let since = machine.seconds();
  let logged = since;
  const text = () => {
    const amount =
      read > 0 ? `${bytesText(read)}${total ? ` of ${bytesText(total)} (${percent(read, total)} %)` : ''}  ` : '';
    return `${name}  ${amount}${clockText(machine.seconds() - since)}`;
  };
  const tick = () => {
    if (name === '') return;
    if (machine.status) return machine.status.show(text());
    if (machine.seconds() - logged < LOG_SECONDS) return;
    logged = machine.seconds();
    const seconds = Math.round(logged - since);
    machine.log({
      level: 'info',
      event: 'restore_progress',
      message: text(),
      task,
      seconds,
      ...(read > 0 && { bytes: read }),
    });
  };
  void everySecond(machine, over.signal, tick);
  return {
    steps,
    step: async (step, work) => {
      [name, since, read, logged] = [step, machine.seconds(), 0, machine.seconds()];
      machine.status?.show(text());
      try {
        const result = await work();
        const seconds = Math.round((machine.seconds() - since) * 1000) / 1000;
        steps.push({ step, seconds });
        machine.log({ level: 'info', event: 'restore_step', message: `${step}: ${clockText(seconds)}`, task, seconds });
        return result;
      } finally {
        name = '';
      }
    },
    bytes: (more) => {
      read += more;
    },
    end: () => {
      over.abort();
      machine.status?.clear();
    },
  };
}

/** What is read of a store that fails is read again from the next one. */
function percent(read: number, total: number): number {
  return Math.min(100, Math.floor((100 * read) / total));
}
