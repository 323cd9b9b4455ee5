import type { Machine } from '../machine';
import { bytesText, clockText } from '../progress/amounts';
import type { Steps } from './target';

/** The steps of a restore with their times, shown as they go on. */
export interface StepClock {
  readonly steps: readonly { readonly step: string; readonly seconds: number }[];
  readonly step: Steps;
  /** Bytes that came. */
  bytes(more: number): void;
  end(): void;
}

const REFRESH_SECONDS = 0.2;

export function stepsOf(task: string, machine: Machine): StepClock {
  const steps: { step: string; seconds: number }[] = [];
  let [name, read, shown] = ['', 0, 0];
  let since = machine.seconds();
  const show = () => {
    shown = machine.seconds();
    machine.status?.show(`${name}  ${read > 0 ? `${bytesText(read)}  ` : ''}${clockText(shown - since)}`);
  };
  return {
    steps,
    step: async (step, work) => {
      [name, since] = [step, machine.seconds()];
      show();
      const result = await work();
      const seconds = Math.round((machine.seconds() - since) * 1000) / 1000;
      steps.push({ step, seconds });
      machine.log({ level: 'info', event: 'restore_step', message: `${step}: ${clockText(seconds)}`, task, seconds });
      return result;
    },
    bytes: (more) => {
      read += more;
      if (machine.seconds() - shown >= REFRESH_SECONDS) show();
    },
    end: () => machine.status?.clear(),
  };
}
