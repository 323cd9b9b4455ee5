import type { TaskManifest } from '../../../lib/contract';
import { testTask } from './engine-machine';

const run = {
  ...{ id: 'run', from: [], retentionDays: 30, lockDays: 0, compression: 'none' as const, encryption: false },
  schedule: { kind: 'interval', everySeconds: 86_400, offsetSeconds: 0 },
  expectedSeconds: 600,
} as const;

/** One database of the server that the environment names, by its own tools; MariaDB has its logs as increments. */
export function databaseTask(
  engine: 'postgresql' | 'mariadb',
  database: string,
  changes: Partial<TaskManifest>,
): TaskManifest {
  return testTask({
    name: database,
    engine,
    tool: engine === 'mariadb' ? 'mariadb-dump' : 'pg_dump',
    source: { kind: 'database', database, secret: 'test', environment: [] },
    runs: [
      { ...run, type: 'full', for: ['full'], cadence: { kind: 'daily' } },
      ...(engine === 'mariadb' ? [{ ...run, type: 'log', for: ['log'], cadence: { kind: 'hourly' } } as const] : []),
    ],
    ...changes,
  });
}
