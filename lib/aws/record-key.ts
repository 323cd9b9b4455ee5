import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Alias, Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { AwsSharedTasks } from '../contract/aws-tasks';
import { answerFor } from './node-metadata';

export interface RecordKeyProps {
  readonly records: AwsSharedTasks['records'];
  /** Paths of the roles that may sign, with wildcards. */
  readonly restorers: string;
}

/**
 * The key that signs records of test restores; its private half never leaves the service. It is there wherever tasks run:
 * with the last test restore it would take its export from stacks that still use it, and the proof from all records. Nobody but the roles that
 * restore may sign, whatever a policy of the account says, and nobody may delete it or grant its use: who wants that has
 * to change its policy first, which is seen. Keys of this kind have no rotation: a new one would be another identity.
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/symmetric-asymmetric.html
 */
export class RecordKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, { records, restorers }: RecordKeyProps) {
    super(scope, id);
    const { partition, account } = Stack.of(this);
    const byAccount = { principals: [new AccountRootPrincipal()], resources: ['*'] };
    this.key = new Key(this, 'Resource', {
      description: 'Signs records of restored backups',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      pendingWindow: Duration.days(30),
      removalPolicy: RemovalPolicy.RETAIN,
      policy: new PolicyDocument({
        statements: [
          new PolicyStatement({
            ...byAccount,
            sid: 'AllowAdministration',
            actions: [
              'kms:CreateAlias',
              'kms:UpdateAlias',
              'kms:DeleteAlias',
              'kms:DescribeKey',
              'kms:EnableKey',
              'kms:DisableKey',
              'kms:CancelKeyDeletion',
              'kms:GetKeyPolicy',
              'kms:PutKeyPolicy',
              'kms:ListKeyPolicies',
              'kms:GetKeyRotationStatus',
              'kms:ListGrants',
              'kms:RevokeGrant',
              'kms:ListResourceTags',
              'kms:TagResource',
              'kms:UntagResource',
              'kms:UpdateKeyDescription',
            ],
          }),
          new PolicyStatement({ ...byAccount, sid: 'AllowVerification', actions: ['kms:GetPublicKey', 'kms:Verify'] }),
          new PolicyStatement({
            ...byAccount,
            sid: 'AllowSigning',
            actions: ['kms:Sign'],
            conditions: { ArnLike: { 'aws:PrincipalArn': `arn:${partition}:iam::${account}:role${restorers}` } },
          }),
        ],
      }),
    });
    // A name only, which nothing of ours goes by: one that outlived a failed deployment would stop the next one.
    const alias = new Alias(this, 'Alias', { aliasName: records.alias, targetKey: this.key });
    answerFor(this.key, [records.id]);
    answerFor(alias, [records.id]);
  }
}

/** Folder of the roles that may sign, below the path of their shard. */
export const RESTORER_PATH = 'restorer/';

/** What a restorer may do with the key. */
export function renderSigning(keyArn: string): PolicyStatement[] {
  return [new PolicyStatement({ actions: ['kms:Sign', 'kms:GetPublicKey'], resources: [keyArn] })];
}

/** What a verifier may do with it: know what was signed by it. */
export function renderKnowing(keyArn: string): PolicyStatement[] {
  return [new PolicyStatement({ actions: ['kms:GetPublicKey'], resources: [keyArn] })];
}
