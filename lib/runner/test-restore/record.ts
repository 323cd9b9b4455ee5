import type { RestoreRecord, TaskManifest } from '../../contract';
import type { Machine } from '../machine';
import type { RestoreReport } from '../restore/report';
import { storedBytes } from '../restore/stored-bytes';
import type { Watched } from './target';

export interface RecordFacts {
  readonly task: TaskManifest;
  readonly machine: Pick<Machine, 'now' | 'version'>;
  readonly startedAt: Date;
  readonly watched: Watched;
  /** @default - it did not come to a restore */
  readonly report?: RestoreReport;
  /** @default - those of the report */
  readonly steps?: RestoreReport['steps'];
  readonly warnings?: readonly string[];
  /** @default - nothing answered in the end */
  readonly achieved?: { readonly rtoSeconds: number; readonly rpoSeconds: number };
  /** Why it failed. */
  readonly failure: string | undefined;
}

/** What a test restore came to, as it is signed and kept. */
export function recordOf(facts: RecordFacts): RestoreRecord {
  const { task, machine, startedAt, watched, report, achieved, failure } = facts;
  const { point, throwAway, store } = watched;
  const chain = point?.chains.find(({ place }) => place.store.id === store) ?? point?.chains[0];
  return {
    ...{ version: 1, kind: 'test-restore', task: task.name, engine: task.engine },
    ...{ startedAt: startedAt.toISOString(), endedAt: machine.now().toISOString() },
    result: failure === undefined ? 'passed' : 'failed',
    ...(failure !== undefined && { why: failure }),
    ...(store !== undefined && { store }),
    ...(point &&
      chain && {
        backup: {
          ...{ slot: point.manifest.slot, type: point.manifest.type, sha256: point.sha256 },
          ...{ pointInTime: point.manifest.pointInTime, bytes: storedBytes(chain) },
        },
      }),
    steps: facts.steps ?? report?.steps ?? [],
    ...(achieved && {
      rtoAchievedSeconds: milliseconds(achieved.rtoSeconds),
      rpoAchievedSeconds: milliseconds(achieved.rpoSeconds),
    }),
    ...(task.objective && { objective: task.objective }),
    checks: watched.checks,
    warnings: facts.warnings ?? report?.warnings ?? [],
    tools: { ...throwAway?.tools, 'hypdr-runner': machine.version },
  };
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
