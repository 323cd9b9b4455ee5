import { StorageBucketObject } from '@cdktf/provider-google/lib/storage-bucket-object';
import type { Construct } from 'constructs';
import { AssetType, TerraformAsset, type ITerraformDependable } from '../../terraform';
import type { SiteLease } from './lease';
import { MARKS } from './standby-machine';

/** The runner as one file, where the build has put it. */
export interface RunnerFile {
  readonly file: string;
  readonly sha256: string;
}

/** Folder of the runner in the bucket of the site. */
export const RUNNER_FOLDER = 'runner/';

/** The runner, where machines of a site get it: a site needs nothing that lies with the primary. */
export function runnerObject(
  scope: Construct,
  id: string,
  lease: SiteLease,
  { file, sha256 }: RunnerFile,
): ITerraformDependable {
  const asset = new TerraformAsset(scope, `${id}_file`, { path: file, type: AssetType.FILE, assetHash: sha256 });
  return new StorageBucketObject(scope, id, {
    bucket: lease.bucket.name,
    name: `${RUNNER_FOLDER}${sha256}.js`,
    source: asset.path,
    contentType: 'text/javascript',
    lifecycle: { createBeforeDestroy: true },
  });
}

/** Its address, with a mark for the name of the bucket. */
export function runnerUrl({ sha256 }: RunnerFile): string {
  return `https://storage.googleapis.com/${MARKS.state}/${RUNNER_FOLDER}${sha256}.js`;
}
