import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { TaskManifest } from '../contract/task';

/** Uploads a task manifest at deployment. The file's name in the assembly is the hash of what it says. */
export function manifestAsset(scope: Construct, id: string, task: TaskManifest): Asset {
  const file = join(mkdtempSync(join(tmpdir(), 'hypdr-')), 'task.json');
  writeFileSync(file, `${JSON.stringify(task, null, 2)}\n`);
  return new Asset(scope, id, { path: file });
}
