import { KmsCryptoKey } from '@cdktf/provider-google/lib/kms-crypto-key';
import { KmsKeyRing } from '@cdktf/provider-google/lib/kms-key-ring';
import { Construct } from 'constructs';
import type { GoogleRecordKey } from '../contract/google-tasks';
import { nodeComment, type ITerraformDependable } from '../terraform';
import { secondsOf } from './seconds';
import type { TaskProject } from './task-project';

export interface RecordKeyProps {
  readonly key: GoogleRecordKey;
  /** Region of the tasks. */
  readonly region: string;
  /** What has to be on before Cloud KMS can be asked. */
  readonly services: ITerraformDependable[];
}

/** Days in which a destroyed key version can be restored: whoever lacks its public half believes no record. */
const DESTROY_DELAY_DAYS = 90;

/**
 * The key that signs records of test restores, wherever tasks run, whether or not one asks for them today. It is never rotated by itself, which Cloud KMS does to symmetric keys
 * only, and never destroyed: names of rings and keys are taken for good.
 * @see https://cloud.google.com/kms/docs/algorithms#elliptic_curve_signing_algorithms
 */
export class RecordKey extends Construct {
  constructor(scope: Construct, id: string, { key, region, services }: RecordKeyProps) {
    super(scope, id);
    const ring = new KmsKeyRing(this, 'ring', {
      name: key.keyRing,
      location: region,
      dependsOn: services,
      lifecycle: { preventDestroy: true },
    });
    const created = new KmsCryptoKey(this, 'Resource', {
      name: key.keyName,
      keyRing: ring.id,
      purpose: 'ASYMMETRIC_SIGN',
      destroyScheduledDuration: `${secondsOf(DESTROY_DELAY_DAYS)}s`,
      versionTemplate: { algorithm: 'EC_SIGN_P256_SHA256', protectionLevel: 'SOFTWARE' },
      lifecycle: { preventDestroy: true },
    });
    for (const one of [ring, created]) nodeComment(one, [key.id]);
  }
}

/** `projects/P/locations/L/keyRings/R/cryptoKeys/K`, from names: no stack reads another one's state. */
export function recordKeyName(
  { id, region }: Pick<TaskProject, 'id' | 'region'>,
  { keyRing, keyName }: Pick<GoogleRecordKey, 'keyRing' | 'keyName'>,
): string {
  return `projects/${id}/locations/${region}/keyRings/${keyRing}/cryptoKeys/${keyName}`;
}

/** How the runner finds the key: by cosign's name of its first version, which is made with it. */
export function recordKeyEnvironment(name: string): Readonly<Record<string, string>> {
  return { HYPDR_RECORD_KEY: `gcpkms://${name}/cryptoKeyVersions/1` };
}
