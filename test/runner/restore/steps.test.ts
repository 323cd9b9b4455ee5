import type { LogEvent, Machine } from '../../../lib/runner/machine';
import { stepsOf } from '../../../lib/runner/restore/steps';

/** A machine whose clock and looks are the test's. */
function world(terminal: boolean) {
  const [events, shown]: [LogEvent[], string[]] = [[], []];
  let seconds = 0;
  let look: (() => void) | undefined;
  const signals: AbortSignal[] = [];
  const machine = {
    seconds: () => seconds,
    wait: (_: number, signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<void>((resolve) => (look = resolve));
    },
    log: (event: LogEvent) => void events.push(event),
    ...(terminal && { status: { show: (text: string) => void shown.push(text), clear: () => void shown.push('') } }),
  } as unknown as Machine;
  return {
    ...{ events, shown, machine, signals },
    /** Time goes on, and somebody looks. */
    after: async (more: number) => {
      seconds += more;
      look?.();
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('on a terminal the step that is under way goes on by itself, with what was read of all', async () => {
  const { machine, shown, after } = world(true);
  const clock = stepsOf('shop', machine, 4e9);
  await clock.step('read and compare', async () => {
    clock.bytes(1e9);
    await after(61);
  });
  await clock.step('load', () => after(3600));
  clock.end();
  expect(shown).toEqual([
    'read and compare  0:00',
    'read and compare  1.0 GB of 4.0 GB (25 %)  1:01',
    'load  0:00',
    'load  1:00:00',
    '',
  ]);
});

test('elsewhere a line of the log each half minute, and none once it has ended', async () => {
  const { machine, events, signals, after } = world(false);
  const clock = stepsOf('shop', machine);
  await clock.step('load', async () => {
    await after(29);
    await after(1);
    await after(29);
    await after(2);
  });
  clock.end();
  // What waits for the next look is woken, and would keep the process otherwise.
  expect(signals.at(-1)?.aborted).toBe(true);
  const waits = signals.length;
  await after(100);
  expect(signals).toHaveLength(waits);
  expect(events.map(({ event, message }) => `${event}: ${message}`)).toEqual([
    'restore_progress: load  0:30',
    'restore_progress: load  1:01',
    'restore_step: load: 1:01',
  ]);
});

test('what is read again of another store is no more than all of it', async () => {
  const { machine, shown, after } = world(true);
  const clock = stepsOf('shop', machine, 1e9);
  await clock.step('read', async () => {
    clock.bytes(3e9);
    await after(1);
  });
  clock.end();
  expect(shown).toContain('read  3.0 GB of 1.0 GB (100 %)  0:01');
});
