import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccountPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { AwsKey } from '../contract/aws-storage';
import type { KeyReference } from './key-reference';
import { encryptionArn, keyReferenceOf, throughS3 } from './key-reference';
import { answerFor } from './node-metadata';
import { KEPT } from './kept';

/** Longest time in which a deletion of the key can be taken back: what it encrypted is lost with it. */
const PENDING_WINDOW = Duration.days(30);

export interface BackupKeyProps {
  readonly key: AwsKey;
}

/** The key of one or more buckets: made here, or one that exists and is only named. */
export class BackupKey extends Construct {
  readonly key: IKey;
  /** How policies and other buckets name the key. */
  readonly reference: KeyReference;
  /** Ids that the buckets answer for, since a key that exists has no resource here. */
  readonly unanswered: readonly string[];

  constructor(scope: Construct, id: string, { key }: BackupKeyProps) {
    super(scope, id);
    switch (key.kind) {
      case 'created':
        this.key = createKey(this, key);
        this.reference = { kind: 'key', arn: this.key.keyArn };
        this.unanswered = [];
        break;
      case 'existing': {
        const { partition, region, account } = Stack.of(this);
        this.reference = keyReferenceOf(key, { partition, region, account });
        this.key = Key.fromKeyArn(this, 'Resource', encryptionArn(this.reference));
        this.unanswered = [key.id];
        break;
      }
    }
  }

  /**
   * Lets a replication role of another account encrypt replicas. The role may not exist yet, and a policy that names a
   * principal which does not exist is refused: so the account is named, and the role by a condition. The policy of a key
   * that exists is its owner's to change.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
   */
  allowReplicas(source: ReplicaWriter, bucketArn: string): void {
    const { region } = Stack.of(this);
    this.key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new AccountPrincipal(source.account)],
        actions: ['kms:Encrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        conditions: { ArnEquals: { 'aws:PrincipalArn': source.roleArn }, ...throughS3(region, bucketArn) },
      }),
    );
  }
}

export interface ReplicaWriter {
  readonly account: string;
  readonly roleArn: string;
}

/**
 * Single-region on purpose: a multi-region key shares its material, so that one compromise opens both copies. The alias
 * stays with the key when the stack goes, since replication of other stacks reaches the key by it.
 */
function createKey(scope: Construct, { id, alias }: Extract<AwsKey, { kind: 'created' }>): Key {
  const key = new Key(scope, 'Resource', {
    description: 'encrypts backups in S3',
    enableKeyRotation: true,
    pendingWindow: PENDING_WINDOW,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const name = new Alias(scope, 'Alias', { aliasName: alias, targetKey: key, removalPolicy: KEPT });
  answerFor(key, [id]);
  answerFor(name, [id]);
  return key;
}
