import { retrying } from '../../../lib/runner/store/retry';
import type { Verdict } from '../../../lib/runner/store/retry';
import { StoreError } from '../../../lib/runner/store/store';
import { failureOf } from './bytes';
import { testMachine } from './store-machine';

const passing = (error: unknown): Verdict => ({ error: new StoreError('retry', String(error)), again: true });
const patience = { attempts: 5, firstMilliseconds: 100, longestMilliseconds: 500 };

/** Fails so many times, then says which try it was. */
function failing(times: number) {
  return (attempt: number) => (attempt <= times ? Promise.reject(new Error('busy')) : Promise.resolve(attempt));
}

describe('retrying', () => {
  it('waits longer each time, up to a bound, and less by chance', async () => {
    const longest = testMachine({ randomHex: (bytes) => 'ff'.repeat(bytes) });
    await retrying(failing(4), { machine: longest, what: 'x', judge: passing, patience });
    expect(longest.waits).toEqual([100, 200, 400, 500]);
    const shortest = testMachine({ randomHex: (bytes) => '00'.repeat(bytes) });
    await retrying(failing(4), { machine: shortest, what: 'x', judge: passing, patience });
    expect(shortest.waits).toEqual([0, 0, 0, 0]);
  });

  it('ends after the last try with the store’s reason', async () => {
    const machine = testMachine();
    expect(await failureOf(retrying(failing(5), { machine, what: 'x', judge: passing, patience }))).toBe('retry');
    expect(machine.waits).toHaveLength(4);
    expect(machine.events.map((one) => one.event)).toEqual(Array(4).fill('store_retry'));
  });

  it('does not try again what is final', async () => {
    const machine = testMachine();
    const judge = () => ({ error: new StoreError('denied', 'no'), again: false });
    expect(await failureOf(retrying(failing(1), { machine, what: 'x', judge, patience }))).toBe('denied');
    expect(machine.waits).toEqual([]);
  });

  it('stops when the run is interrupted while it waits', async () => {
    const machine = testMachine();
    const controller = new AbortController();
    const tries: number[] = [];
    const work = (attempt: number) => {
      tries.push(attempt);
      return Promise.reject(new Error('busy'));
    };
    const waiting = { ...machine, wait: () => Promise.resolve(controller.abort()) };
    const { signal } = controller;
    expect(await failureOf(retrying(work, { machine: waiting, what: 'x', judge: passing, patience, signal }))).toBe(
      'retry',
    );
    expect(tries).toEqual([1]);
  });
});
