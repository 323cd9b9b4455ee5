import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { startAzureStore, startGcsStore, startS3Store } from '../../servers/cloud-store';
import type { CloudStore } from '../../servers/cloud-store';
import { cloudShelf, folderShelf } from './shelf';
import type { Shelf } from './shelf';

/** A bucket in each of three clouds, and a folder. */
export interface FourStores {
  readonly folder: string;
  readonly azure: CloudStore;
  /** For the runner. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where a task writes to, under a path of its own. */
  places(name: string): Pick<TaskManifest, 'stores' | 'local'>;
  /** The same as somebody sees it who has no program of ours, the year filled in. */
  shelves(name: string): readonly Shelf[];
  stop(): Promise<void>;
}

export const FOUR_IDS = ['azure', 'gcs', 'local', 's3'];
const BUCKET = 'four';

export async function startFourStores(): Promise<FourStores> {
  const [s3, azure, gcs] = await Promise.all([startS3Store(), startAzureStore(), startGcsStore()]);
  const clouds = [s3, azure, gcs];
  for (const one of clouds) await one.makeBucket(BUCKET);
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-four-'));
  const local = (name: string) => path.join(folder, name, 'local');
  return {
    folder,
    azure,
    environment: { ...s3.environment, ...azure.environment, ...gcs.environment },
    places: (name) => ({
      stores: clouds.map((one) => one.target(BUCKET, `${name}/{year}/`)) as TaskManifest['stores'],
      local: { id: 'local', from: [], path: local(name) },
    }),
    shelves: (name) => [...clouds.map((one) => cloudShelf(one, BUCKET, `${name}/2027/`)), folderShelf(local(name))],
    stop: async () => {
      await Promise.all(clouds.map((one) => one.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
