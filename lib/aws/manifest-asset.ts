import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { TaskManifest } from '../contract/task';

/** Uploads a task manifest at deployment. The file's name in the assembly is the hash of what it says. */
export function manifestAsset(scope: Construct, id: string, task: TaskManifest): Asset {
  return jsonAsset(scope, id, task, 2);
}

/** Uploads a value without tokens at deployment. @param indent - @default - one line */
export function jsonAsset(scope: Construct, id: string, value: unknown, indent?: number): Asset {
  const file = join(mkdtempSync(join(tmpdir(), 'hypdr-')), 'task.json');
  writeFileSync(file, `${JSON.stringify(value, null, indent)}\n`);
  return new Asset(scope, id, { path: file });
}
