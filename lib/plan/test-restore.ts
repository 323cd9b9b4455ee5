import type { RunSchedule } from '../contract';
import type { Cadence } from '../units';
import { wellAfterWindow } from './full-read';
import type { Window } from './slots';

/**
 * When the newest backup of a data set is restored into a throw-away target: as full re-reads, after what follows the
 * window has begun, on a day and minute of its own.
 */
export function testRestoreOf(cadence: Cadence, window: Window, name: string): RunSchedule {
  return wellAfterWindow(cadence, window, `${name} test-restore`);
}
