import { createHash } from 'node:crypto';
import { StorageBucketObject } from '@cdktf/provider-google/lib/storage-bucket-object';
import type { Construct } from 'constructs';
import type { TaskManifest } from '../contract/task';
import { escapeTemplate } from '../terraform';

export interface ManifestAsset {
  readonly object: StorageBucketObject;
  /** Name in the bucket. */
  readonly name: string;
  readonly url: string;
}

/**
 * A task manifest in the bucket of the configuration, named by the hash of what it says: another manifest is another
 * object, there before the old one goes. It holds names of secrets and none of them.
 */
export function manifestAsset(
  scope: Construct,
  id: string,
  props: { readonly bucket: string; readonly folder: string; readonly task: TaskManifest },
): ManifestAsset {
  const content = `${JSON.stringify(props.task, null, 2)}\n`;
  const name = `${props.folder}${createHash('sha256').update(content).digest('hex')}.json`;
  const object = new StorageBucketObject(scope, id, {
    bucket: props.bucket,
    name,
    content: escapeTemplate(content),
    contentType: 'application/json',
    lifecycle: { createBeforeDestroy: true },
  });
  return { object, name, url: `gs://${props.bucket}/${name}` };
}
