import type { EngineName, RestoreCheck, TaskManifest } from '../../contract';
import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import { openTarget } from '../restore/open';
import type { Point } from '../restore/point';
import type { Target, TargetOptions } from '../restore/target';
import { freshnessOf } from './freshness';
import type { PrivateFolder } from './private-folder';
import { openThrowAway } from './throwaway';
import type { ThrowAway } from './throwaway';

/** Engines whose databases are counted when all is in place. */
const AT_THE_END: readonly EngineName[] = ['postgresql', 'sqlserver'];

/** What a test restore learns while `restore` uses its target. */
export interface Watched {
  /** The point that was chosen. @default - none could be */
  readonly point?: Point;
  readonly throwAway?: ThrowAway;
  /** Id of the place that was read. @default - none was */
  readonly store?: string;
  readonly checks: readonly RestoreCheck[];
  /** Of what was looked at between the full and what follows it: no part of the restore's own time. */
  readonly lookedSeconds: number;
}

export interface WatchedOptions {
  readonly folder: PrivateFolder;
  readonly machine: Machine;
}

/**
 * A target that comes to be when the point is known: it refuses what is stale, starts the server that the backup needs,
 * and counts what the full brought.
 */
export function watchedTarget(
  task: TaskManifest,
  { folder, machine }: WatchedOptions,
): { readonly target: (options: TargetOptions) => Target; readonly seen: () => Watched } {
  let seen: Watched = { checks: [], lookedSeconds: 0 };
  const add = (checks: readonly RestoreCheck[]) => (seen = { ...seen, checks: [...seen.checks, ...checks] });

  async function start(point: Point): Promise<ThrowAway> {
    const [chain] = point.chains;
    const manifest = chain?.members[0]?.manifest;
    if (!chain || !manifest) throw new Error('a point without a chain');
    seen = { ...seen, point };
    const freshness = await freshnessOf(chain.place, task, machine.now());
    add(freshness);
    const stale = freshness.find(({ result }) => result === 'failed');
    if (stale)
      throw new EngineError('source', `stale: ${stale.name} is ${stale.found} old, and should be ${stale.expected}`);
    const throwAway = await openThrowAway(task, {
      ...{ folder, manifest, machine },
      chain: chain.members.map((one) => one.manifest),
    });
    seen = { ...seen, throwAway };
    return throwAway;
  }

  async function count(throwAway: ThrowAway, { chains: [chain] }: Point, where?: string): Promise<void> {
    const began = machine.seconds();
    add(await throwAway.inspection.full(chain?.members[0]?.manifest.contents ?? [], where));
    seen = { ...seen, lookedSeconds: seen.lookedSeconds + machine.seconds() - began };
  }

  const target = (options: TargetOptions): Target => {
    let inner: Target | undefined;
    let checked: Point | undefined;
    const opened = () => {
      if (!inner || !checked || !seen.throwAway) throw new Error('the target was used before check');
      return { inner, point: checked, throwAway: seen.throwAway };
    };
    return {
      name: folder.id,
      // Of a backup that is restored as a whole.
      wants: (stream) => inner?.wants(stream) ?? true,
      plan: (point) => opened().inner.plan(point),
      check: async (point) => {
        checked = point;
        const throwAway = await start(point);
        const onFull = (where?: string) => count(throwAway, point, where);
        const asked = { ...options, ...throwAway.restoredAs, target: throwAway.target, onFull };
        inner = await openTarget(task, asked, machine);
        await inner.check(point);
      },
      room: async (point) => opened().inner.room?.(point),
      restore: async (backups, steps) => {
        const { inner: own, point, throwAway } = opened();
        const read = point.chains.find(({ members }) => members[0] === backups[0]?.backup);
        if (read) seen = { ...seen, store: read.place.store.id };
        const restored = await own.restore(backups, steps);
        // Nothing follows those of PostgreSQL, and nobody can look into those of SQL Server before all of it is there.
        if (AT_THE_END.includes(task.engine)) await count(throwAway, point);
        return restored;
      },
      close: async () => inner?.close(),
    };
  };
  return { target, seen: () => seen };
}
