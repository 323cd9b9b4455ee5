import type { AwsTaskStore } from '../../../../lib/contract/aws-task-store';
import type { Ask } from '../rights';
import { plain } from './asks';
import type { Deployment } from './deployments';
import { Resolved } from './resolved';
import type { Role } from './roles';

/** The ARN of the key or of the alias by which a store names its key. */
export function storeKey({ stack: { account } }: Role, { key, region }: Pick<AwsTaskStore, 'key' | 'region'>): string {
  const arn = (rest: string) => `arn:aws:kms:${region}:${account}:${rest}`;
  if (key.kind === 'created') return arn(key.alias);
  if (key.form.endsWith('arn')) return key.value;
  return arn(key.form === 'alias' ? key.value : `key/${key.value}`);
}

/** The key that an alias of a deployment is of. */
function aliased(deployment: Deployment, alias: string): string | undefined {
  for (const stack of deployment.stacks) {
    const resolved = new Resolved(deployment, stack);
    for (const { Type, Properties = {} } of Object.values(stack.resources)) {
      const here = Type === 'AWS::KMS::Alias' && resolved.text(Properties.AliasName);
      if (here && alias === `arn:aws:kms:${stack.region}:${stack.account}:${here}`)
        return resolved.text(Properties.TargetKeyId);
    }
  }
  return undefined;
}

/** A key elsewhere, which nobody here uses, whatever it is called there. */
export const ELSEWHERE = 'arn:aws:kms:ap-south-1:999988887777:key/99999999-8888-7777-6666-555555555555';

/** Asks of a key, by its ARN or by that of an alias, through S3 and for objects of a bucket. */
export function keyUse({ deployment }: Role, key: string, bucket: string) {
  const [, , , region = '', account = '', name = ''] = key.split(':');
  const alias = name.startsWith('alias/') ? name : undefined;
  const made = `arn:aws:kms:${region}:${account}:key/11111111-2222-3333-4444-555555555555`;
  const resource = alias === undefined ? key : (aliased(deployment, key) ?? made);
  return (action: string, context: Ask['context'] = {}, on = resource): Ask =>
    plain(`kms:${action}`, on, {
      'kms:ViaService': `s3.${region}.amazonaws.com`,
      'kms:EncryptionContext:aws:s3:arn': bucket,
      ...(alias !== undefined && { 'kms:ResourceAliases': [alias] }),
      ...context,
    });
}
