import type { Machine } from '../machine';
import type { StreamView } from '../stream/stream-view';
import { bytesText, clockText } from './amounts';
import { everySecond, LOG_SECONDS } from './every-second';
import { StallWatch } from './stall';

/** The rate is that of the last looks: a stall shows, and one look's accident does not. */
const RATE_LOOKS = 10;

export interface RunWatch {
  /** What a stream tells of its looks, and its end: `StreamOptions.watch`. */
  readonly stream: (look: () => StreamView) => () => void;
  /** Ends it, and wipes its line. */
  end(): void;
}

interface Watched {
  readonly look: () => StreamView;
  readonly stall: StallWatch;
  readonly samples: { readonly at: number; readonly bytes: number }[];
}

/**
 * Tells how a run goes on: on a terminal a line that is written again each second, else a line of the log each half
 * minute; and, in both, when a source falls silent and when it speaks again.
 * @param dropped - stores that are left out of the whole run
 */
export function watchRun(task: string, dropped: () => readonly string[], machine: Machine): RunWatch {
  const { status } = machine;
  const over = new AbortController();
  const started = machine.seconds();
  let watched: Watched | undefined;
  let logged = started;
  const tick = () => {
    const now = machine.seconds();
    const elapsed = now - started;
    if (!watched) return;
    const view = withDropped(watched.look(), dropped());
    const news = watched.stall.look(view, now);
    if (news) tellStall(news, view, task, machine);
    watched.samples.push({ at: now, bytes: view.bytes });
    if (watched.samples.length > RATE_LOOKS + 1) watched.samples.shift();
    const rate = rateOf(watched.samples);
    if (status) return status.show(lineOf(view, rate, elapsed));
    if (now - logged < LOG_SECONDS) return;
    logged = now;
    machine.log({
      level: 'info',
      event: 'progress',
      message: lineOf(view, rate, elapsed),
      task,
      stream: view.name,
      bytes: view.bytes,
      bytesPerSecond: Math.round(rate),
      elapsedSeconds: Math.round(elapsed),
      stores: Object.fromEntries(view.stores.map(({ id, state }) => [id, state])),
    });
  };
  void everySecond(machine, over.signal, tick);
  return {
    stream: (look) => {
      const own: Watched = { look, stall: new StallWatch(), samples: [] };
      watched = own;
      own.stall.look(look(), machine.seconds());
      return () => {
        const news = own.stall.look({ bytes: look().bytes, waiting: false }, machine.seconds());
        if (news) tellStall(news, look(), task, machine);
        if (watched === own) watched = undefined;
        status?.clear();
      };
    },
    end: () => {
      over.abort();
      status?.clear();
    },
  };
}

/** Stores that an earlier stream has lost get nothing of this one. */
function withDropped(view: StreamView, dropped: readonly string[]): StreamView {
  const lost = dropped.filter((store) => !view.stores.some(({ id }) => id === store));
  return { ...view, stores: [...view.stores, ...lost.map((id) => ({ id, state: 'dropped' as const }))] };
}

function tellStall(
  { event, seconds }: NonNullable<ReturnType<StallWatch['look']>>,
  view: StreamView,
  task: string,
  machine: Machine,
): void {
  const { name, bytes } = view;
  const whole = Math.round(seconds);
  const message =
    event === 'source_stalls'
      ? `${name}: the source has sent nothing for ${whole} s, after ${bytesText(bytes)}; the run waits for it`
      : `${name}: the source goes on after ${whole} s of silence`;
  machine.log({
    level: event === 'source_stalls' ? 'warning' : 'info',
    event,
    message,
    task,
    stream: name,
    seconds: whole,
  });
}

function rateOf(samples: Watched['samples']): number {
  const [first, last] = [samples[0], samples.at(-1)];
  return first && last && last.at > first.at ? (last.bytes - first.bytes) / (last.at - first.at) : 0;
}

function lineOf({ name, bytes, stores }: StreamView, rate: number, elapsed: number): string {
  const states = stores.map(({ id, state }) => `${id} ${state}`).join(', ');
  return `${name}  ${bytesText(bytes)}  ${bytesText(rate)}/s  ${clockText(elapsed)}  ${states}`;
}
