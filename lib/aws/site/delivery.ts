import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';

/** A script that is uploaded at a deployment, with the SHA-256 by which a machine knows it. */
export interface ScriptAsset {
  readonly asset: Asset;
  readonly sha256: string;
}

/** Uploads a text without tokens. */
export function scriptAsset(scope: Construct, id: string, text: string): ScriptAsset {
  const file = join(mkdtempSync(join(tmpdir(), 'hypdr-')), 'install.sh');
  writeFileSync(file, text);
  return { asset: new Asset(scope, id, { path: file }), sha256: createHash('sha256').update(text).digest('hex') };
}
