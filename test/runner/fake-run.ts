import type { TaskManifest, TaskRun } from '../../lib/contract';
import type { EngineRun, PreparedSource, SourceStream } from '../../lib/runner/engine/engine';
import type { Machine } from '../../lib/runner/machine';
import type { Store } from '../../lib/runner/store/store';
import { take } from '../../lib/runner/take';
import type { Taking } from '../../lib/runner/take';
import { testTask } from '../suites/runner/engine-machine';
import { sourceOf } from './stream/sources';

const NODE = { id: 'run', from: [] };

/** A daily full that is kept and locked for three days. */
export function plannedRun(changes: Partial<TaskRun> = {}): TaskRun {
  return {
    ...NODE,
    type: 'full',
    for: ['full'],
    cadence: { kind: 'daily' },
    schedule: { kind: 'calendar', at: '02:15', timeZone: 'UTC', days: { kind: 'all' } },
    expectedSeconds: 1800,
    retentionDays: 3,
    lockDays: 3,
    compression: 'none',
    encryption: false,
    ...changes,
  };
}

export interface FakeSource extends PreparedSource {
  /** What became of the run. */
  readonly ends: readonly ('finish' | 'adopt' | 'abort')[];
}

/** A source whose run gives these streams. */
export function fakeSource(streams: readonly SourceStream[], run: Partial<EngineRun> = {}): FakeSource {
  const ends: ('finish' | 'adopt' | 'abort')[] = [];
  return {
    identity: {},
    tools: {},
    lock: () => Promise.resolve({ release: () => Promise.resolve() }),
    canFollow: () => Promise.resolve({ ok: false, why: 'there is nothing to follow' }),
    begin: () =>
      Promise.resolve({
        pointInTime: new Date(Date.UTC(2026, 10, 22, 2, 15)),
        position: {},
        async *streams() {
          yield* streams;
        },
        finish: () => {
          ends.push('finish');
          return Promise.resolve({ contents: [], degraded: [] });
        },
        adopt: () => Promise.resolve(void ends.push('adopt')),
        abort: () => Promise.resolve(void ends.push('abort')),
        ...run,
      }),
    close: () => Promise.resolve(),
    ends,
  };
}

/** Takes a full of a source into stores that hold nothing yet. */
export function takeInto(
  stores: readonly Store[],
  machine: Machine,
  changes: Partial<Taking> & { readonly task?: TaskManifest } = {},
) {
  return take({
    task: testTask({ name: 'shop' }),
    planned: plannedRun(),
    slot: '20261122T021500Z',
    source: fakeSource([sourceOf(Buffer.from('rows'))]),
    histories: stores.map((store) => ({ place: { store, path: '' }, history: [], strangers: [] })),
    dropped: [],
    shrinkage: 'refused',
    decision: { type: 'full', parent: undefined, fullBecause: undefined },
    machine,
    ...changes,
  });
}
