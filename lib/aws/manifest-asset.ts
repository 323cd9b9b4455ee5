import { mkdtempSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
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
  return textAsset(scope, id, 'task.json', `${JSON.stringify(value, null, indent)}\n`);
}

/** A script that is uploaded at a deployment, with the SHA-256 by which a machine knows it. */
export interface ScriptAsset {
  readonly asset: Asset;
  readonly sha256: string;
}

/** Uploads a script without tokens. */
export function scriptAsset(scope: Construct, id: string, text: string): ScriptAsset {
  return {
    asset: textAsset(scope, id, 'install.sh', text),
    sha256: createHash('sha256').update(text).digest('hex'),
  };
}

function textAsset(scope: Construct, id: string, name: string, text: string): Asset {
  const file = join(mkdtempSync(join(tmpdir(), 'hypdr-')), name);
  writeFileSync(file, text);
  return new Asset(scope, id, { path: file });
}
