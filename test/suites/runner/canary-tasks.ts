import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import type { CanaryMachine } from './canary-machine';
import type { CanaryServers } from './canary-servers';
import { testTask } from './engine-machine';

const run = {
  id: 'run',
  from: [],
  schedule: { kind: 'interval', everySeconds: 86_400, offsetSeconds: 0 },
  expectedSeconds: 600,
  retentionDays: 30,
  lockDays: 0,
  compression: 'zstd',
  encryption: true,
} as const;

export function hooksOf({ hook }: CanaryMachine): TaskManifest['hooks'] {
  return { before: `${hook} before`, after: `${hook} after`, onError: `${hook} onError` };
}

/** Places of everything that there is: three clouds, and a folder that is encrypted to a recipient. */
export function everywhere(
  name: string,
  { azurite }: CanaryServers,
  machine: CanaryMachine,
): Pick<TaskManifest, 'stores' | 'local' | 'hooks'> {
  const store = { id: 's', from: [], bucket: 'canaries', path: `${name}/` };
  return {
    stores: [
      { ...store, store: 's3', cloud: 'aws', region: 'us-east-1' },
      { ...store, store: 'blob', cloud: 'azure', region: 'westeurope', account: azurite.account },
      { ...store, store: 'gcs', cloud: 'google', region: 'europe-west3' },
    ],
    local: { id: 'local', from: [], path: path.join(machine.folder, 'local', name), recipient: machine.recipient },
    hooks: hooksOf(machine),
  };
}

export const only = (task: TaskManifest, id: string): TaskManifest => ({
  ...task,
  local: null,
  stores: task.stores.filter((one) => one.store === id),
});

export const intoFolder = (task: TaskManifest): TaskManifest => ({ ...task, stores: [] });

/** A database `shop` with its logs, by the tool of PostgreSQL unless `changes` say another. */
export function databaseTask(
  places: Pick<TaskManifest, 'stores' | 'local' | 'hooks'>,
  name: string,
  source: object,
  changes: Partial<TaskManifest> = {},
): TaskManifest {
  return testTask({
    name,
    source: { kind: 'database', database: 'shop', secret: 'shop/pg', environment: [], ...source },
    runs: [
      { ...run, type: 'full', for: ['full'], cadence: { kind: 'weekly' } },
      { ...run, type: 'log', for: ['log'], cadence: { kind: 'hourly' } },
    ],
    ...places,
    ...changes,
  });
}
