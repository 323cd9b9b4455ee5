import type { RunLimits } from '../../lib/runner/run-limits';
import { supervise } from '../../lib/runner/supervise';
import { turns } from './stream/sources';
import { testMachine } from './test-machine';

const START = Date.UTC(2026, 10, 22, 2, 15);
const at = (seconds: number) => new Date(START + seconds * 1000);
const SLOT: RunLimits = {
  expectedEnd: at(600),
  hardStop: { at: at(7200), before: { kind: 'slot', moment: at(7500) } },
};

async function pass(seconds: number, machine: ReturnType<typeof testMachine>): Promise<void> {
  machine.advance(seconds);
  await turns(5);
}

it('says once that a run is late, slows it for the first half of what is left, and ends it at its hard stop', async () => {
  const machine = testMachine();
  const run = supervise(SLOT, 'shop', machine);
  await pass(599, machine);
  expect([machine.logged.length, run.slowed(), run.machine.signal.aborted]).toEqual([0, false, false]);
  await pass(1, machine);
  expect(machine.logged).toMatchObject([{ level: 'warning', event: 'run_late', task: 'shop' }]);
  expect(machine.logged[0]?.message).toBe(
    'the run was expected to have ended by 2026-11-22T02:25:00Z; it goes on, slower for the first half of the time until 2026-11-22T04:15:00Z, when it is ended',
  );
  expect(run.slowed()).toBe(true);
  await pass(3299, machine);
  expect(run.slowed()).toBe(true);
  await pass(1, machine);
  expect(run.slowed()).toBe(false);
  await pass(3299, machine);
  expect([run.stopped(), run.machine.signal.aborted]).toEqual([undefined, false]);
  await pass(1, machine);
  expect(run.machine.signal.aborted).toBe(true);
  expect(run.stopped()).toMatchObject({
    kind: 'config',
    message:
      'the run was ended at 2026-11-22T04:15:00Z, before it ran into slot 20261122T042000Z of its type; it began at 2026-11-22T02:15:00Z',
  });
  expect(machine.logged.map(({ event }) => event)).toEqual(['run_late', 'hard_stop']);
  expect(machine.signal.aborted).toBe(false);
  expect(machine.waiting).toBe(0);
});

it('names the window where that ends it', async () => {
  const machine = testMachine();
  const window = { at: at(600), before: { kind: 'window end', moment: at(600) } } as const;
  const run = supervise({ expectedEnd: at(600), hardStop: window }, 'shop', machine);
  await pass(600, machine);
  expect(run.stopped()?.message).toContain('with its window at 2026-11-22T02:25:00Z, as hard_stop says');
});

it('a run that ends in time leaves no timer and no word', async () => {
  const machine = testMachine();
  const run = supervise(SLOT, 'shop', machine);
  run.end();
  await turns(5);
  expect(machine.waiting).toBe(0);
  await pass(10_000, machine);
  expect([machine.logged, run.stopped(), run.machine.signal.aborted]).toEqual([[], undefined, false]);
});

it('a signal from outside ends the run and the timers, and is no hard stop', async () => {
  const machine = testMachine();
  const run = supervise(SLOT, 'shop', machine);
  machine.interrupt();
  await turns(5);
  expect([run.machine.signal.aborted, run.stopped(), machine.waiting]).toEqual([true, undefined, 0]);
  await pass(10_000, machine);
  expect(machine.logged).toEqual([]);
});

it('waits for months in steps that a timer can count', async () => {
  const machine = testMachine();
  const waits: number[] = [];
  const counted = {
    ...machine,
    wait: (milliseconds: number, signal?: AbortSignal) => {
      waits.push(milliseconds);
      return machine.wait(milliseconds, signal);
    },
  };
  const month = 31 * 86_400;
  const run = supervise(
    { expectedEnd: at(month), hardStop: { at: at(2 * month), before: { kind: 'slot', moment: at(2 * month + 300) } } },
    'shop',
    counted,
  );
  for (let hour = 0; hour < 2 * 31 * 24; hour += 1) await pass(3600, machine);
  expect(run.stopped()).toBeDefined();
  expect(Math.max(...waits)).toBeLessThanOrEqual(2 ** 31 - 1);
});

it('without a hard stop a late run goes on, slower', async () => {
  const machine = testMachine();
  const run = supervise({ expectedEnd: at(-5) }, 'shop', machine);
  await turns(5);
  expect(machine.logged[0]?.message).toContain('it goes on, slower');
  await pass(1e7, machine);
  expect([run.slowed(), run.stopped()]).toEqual([true, undefined]);
});
