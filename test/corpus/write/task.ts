import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { BackupType, TaskManifest, TaskRun } from '../../../lib/contract';
import { testTask } from '../../suites/runner/engine-machine';

export interface SetTask {
  readonly name: string;
  readonly engine: TaskManifest['engine'];
  readonly tool: string;
  readonly source: TaskManifest['source'];
  readonly options?: TaskManifest['options'];
  readonly compression: TaskRun['compression'];
  /** `age`: to the key beside the corpus. */
  readonly encryption: 'age' | 'none';
  /** Folder of the local store. */
  readonly store: string;
  /** A second store, whose limits cut every stream into small segments. */
  readonly blobs?: TaskManifest['stores'][number];
}

const NODE = { id: 'corpus', from: [] };
const TYPES: readonly BackupType[] = ['full', 'incremental', 'differential', 'log'];

/** @param database - left out: all databases of the server */
export function databaseSource(database?: string): TaskManifest['source'] {
  return { kind: 'database', ...(database !== undefined && { database }), secret: 'shop', environment: [] };
}

/** A task with runs of every type. */
export function taskOf({ compression, encryption, store, blobs, ...task }: SetTask): TaskManifest {
  const recipient = encryption === 'age' ? recipientOf(path.join(__dirname, '../identity.txt')) : undefined;
  return testTask({
    ...task,
    options: task.options ?? {},
    runs: TYPES.map((type): TaskRun => ({
      ...NODE,
      type,
      for: [type],
      cadence: { kind: 'daily' },
      schedule: { kind: 'interval', everySeconds: 86_400, offsetSeconds: 0 },
      expectedSeconds: 1800,
      retentionDays: 35,
      lockDays: 0,
      compression,
      encryption: encryption === 'age',
    })),
    local: { ...NODE, path: store, ...(recipient !== undefined && { recipient }) },
    stores: blobs ? [blobs] : [],
  });
}

function recipientOf(identityFile: string): string {
  const found = /^# public key: (age1\S+)$/m.exec(readFileSync(identityFile, 'utf8'));
  if (!found?.[1]) throw new Error('identity.txt names no public key');
  return found[1];
}
