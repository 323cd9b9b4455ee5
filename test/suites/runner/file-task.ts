import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { testTask } from './engine-machine';

const run = {
  ...{ id: 'run', from: [], retentionDays: 30, lockDays: 0, compression: 'none' as const, encryption: false },
  schedule: { kind: 'interval', everySeconds: 86_400, offsetSeconds: 0 },
  expectedSeconds: 600,
} as const;

/** Fulls and increments of a folder, kept for a month and locked by nobody. */
export function fileTask(name: string, source: string, changes: Partial<TaskManifest>): TaskManifest {
  return testTask({
    name,
    engine: 'files',
    tool: 'tar',
    source: { kind: 'files', paths: [source], exclude: [], hidden: true, permissions: true, ownership: true },
    runs: [
      { ...run, type: 'full', for: ['full'], cadence: { kind: 'weekly' } },
      { ...run, type: 'incremental', for: ['incremental'], cadence: { kind: 'daily' } },
    ],
    ...changes,
  });
}

/** A folder with a few small files, and one of so many random bytes. */
export function makeSource(folder: string, bytes = 0): string {
  mkdirSync(path.join(folder, 'deep/er'), { recursive: true });
  writeFileSync(path.join(folder, 'deep/er/.hidden'), 'hidden');
  writeFileSync(path.join(folder, 'a b\n'), 'an odd name');
  if (bytes > 0) writeFileSync(path.join(folder, 'large'), randomBytes(bytes));
  return folder;
}

/** One slot after the other, a day apart. */
export function slotAt(day: number): string {
  const date = new Date(Date.UTC(2027, 0, 1, 2) + day * 86_400_000);
  return date.toISOString().replace(/[-:]|\.\d{3}/g, '');
}
