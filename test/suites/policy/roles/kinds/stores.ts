import type { Ask } from '../../rights';
import { arnsAt, bucketGuards, create, list, overwrite, plain } from '../asks';
import type { Rows } from '../asks';
import { ELSEWHERE, keyUse } from '../keys';
import type { Role } from '../roles';
import { idIs, takenBy } from './kind';
import type { RoleKind } from './kind';

interface ReplicatedBucket {
  readonly BucketEncryption: {
    readonly ServerSideEncryptionConfiguration: readonly [
      { readonly ServerSideEncryptionByDefault: { readonly KMSMasterKeyID: string } },
    ];
  };
  readonly ReplicationConfiguration?: {
    readonly Role: string;
    readonly Rules: readonly {
      readonly Destination: {
        readonly Bucket: string;
        readonly AccessControlTranslation?: object;
        readonly EncryptionConfiguration: { readonly ReplicaKmsKeyID: string };
      };
    }[];
  };
}

/** The bucket that is replicated as a role. */
function sourceOf({ arn, resolved, stack, title }: Role) {
  for (const [id, { Type, Properties }] of Object.entries(stack.resources)) {
    if (Type !== 'AWS::S3::Bucket') continue;
    const bucket = resolved.value(Properties) as ReplicatedBucket;
    const { ReplicationConfiguration: replication } = bucket;
    if (replication?.Role !== arn) continue;
    return {
      arn: resolved.text({ 'Fn::GetAtt': [id, 'Arn'] }),
      key: bucket.BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.KMSMasterKeyID,
      destinations: replication.Rules.map(({ Destination }) => Destination),
    };
  }
  throw new Error(`nothing is replicated as ${title}`);
}

const OBJECT = 'postgresql/2026/11/22/20261122T021500Z-full-0011/main.0001';
const READ_FOR_REPLICATION = [
  'GetObjectVersionForReplication',
  'GetObjectVersionAcl',
  'GetObjectVersionTagging',
  'GetObjectRetention',
  'GetObjectLegalHold',
].map((one) => `s3:${one}`);

function replicationRows(role: Role): Rows {
  const source = sourceOf(role);
  const from = `${source.arn}/${OBJECT}`;
  const read = keyUse(role, source.key, source.arn);
  const each = source.destinations.map(({ Bucket, AccessControlTranslation, EncryptionConfiguration }): Rows => {
    const to = `${Bucket}/${OBJECT}`;
    const use = keyUse(role, EncryptionConfiguration.ReplicaKmsKeyID, Bucket);
    const override = plain('s3:ObjectOwnerOverrideToBucketOwner', to);
    return {
      allowed: [
        plain('s3:ReplicateObject', to),
        plain('s3:ReplicateTags', to),
        use('Encrypt'),
        use('GenerateDataKey'),
        ...(AccessControlTranslation ? [override] : []),
      ],
      forbidden: [
        ...bucketGuards(Bucket, to),
        create(to),
        overwrite(to),
        ...['GetObject', 'GetObjectVersion', 'PutObjectRetention'].map((one) => plain(`s3:${one}`, to)),
        ...READ_FOR_REPLICATION.map((action) => plain(action, to)),
        list(Bucket, ''),
        use('Decrypt'),
        ...misused(use, 'GenerateDataKey'),
        ...(AccessControlTranslation ? [] : [override]),
      ],
    };
  });
  return {
    allowed: [
      plain('s3:GetReplicationConfiguration', source.arn),
      plain('s3:ListBucket', source.arn),
      ...READ_FOR_REPLICATION.map((action) => plain(action, from)),
      read('Decrypt'),
      ...each.flatMap(({ allowed }) => allowed),
    ],
    forbidden: [
      ...bucketGuards(source.arn, from),
      create(from),
      overwrite(from),
      ...['GetObject', 'ReplicateObject', 'ReplicateTags'].map((one) => plain(`s3:${one}`, from)),
      read('GenerateDataKey'),
      ...misused(read, 'Decrypt'),
      ...each.flatMap(({ forbidden }) => forbidden),
      ...READ_FOR_REPLICATION.map((action) => plain(action, `arn:aws:s3:::somebody-else/${OBJECT}`)),
    ],
  };
}

/** A key for something else than what it is for. */
export function misused(use: ReturnType<typeof keyUse>, action: string): readonly Ask[] {
  return [
    use('ScheduleKeyDeletion'),
    use('PutKeyPolicy'),
    use(action, { 'kms:ViaService': 'dynamodb.eu-west-1.amazonaws.com' }),
    use(action, { 'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::somebody-else' }),
    use(action, {}, ELSEWHERE),
    // One that is known by its alias.
    ...(use(action).context?.['kms:ResourceAliases']
      ? [use(action, { 'kms:ResourceAliases': ['alias/of-another'] })]
      : []),
  ];
}

/** What the stack's output tells whoever replicates what was there before the rules. */
function backfillOf({ arn, resolved, stack, title }: Role) {
  const commands = Object.values(stack.outputs).map(({ Value }) => resolved.text(Value));
  const command = commands.find((one) => one.includes(`--role-arn ${arn}`));
  if (command === undefined) throw new Error(`no command names ${title}`);
  const part = (option: string) =>
    JSON.parse(new RegExp(`--${option} '([^']*)'`).exec(command)?.[1] ?? 'null') as Readonly<Record<string, unknown>>;
  const { SourceBucket } = part('manifest-generator').S3JobManifestGenerator as { SourceBucket: string };
  const { Bucket, Prefix } = part('report') as { Bucket: string; Prefix: string };
  return { source: SourceBucket, bucket: Bucket, reports: `${Bucket}/${Prefix}` };
}

function backfillRows(role: Role): Rows {
  const { source, bucket, reports } = backfillOf(role);
  const object = `${source}/${OBJECT}`;
  return {
    allowed: [
      plain('s3:GetReplicationConfiguration', source),
      plain('s3:PutInventoryConfiguration', source),
      plain('s3:InitiateReplication', object),
      overwrite(`${reports}/job-0011/results/report.csv`),
    ],
    forbidden: [
      ...bucketGuards(source, object),
      ...bucketGuards(bucket, `${reports}/x`),
      create(object),
      overwrite(object),
      create(`${bucket}/access/x`),
      overwrite(`${reports.replace(/[^/]+$/, 'of-another')}/x`),
      ...['GetObject', 'GetObjectVersion', 'ReplicateObject'].map((one) => plain(`s3:${one}`, object)),
      plain('s3:GetObject', `${reports}/x`),
      list(source, ''),
      plain('s3:InitiateReplication', `${bucket}/x`),
      plain('s3:PutInventoryConfiguration', bucket),
    ],
  };
}

export const STORE_KINDS: readonly RoleKind[] = [
  {
    name: 'replicates a bucket',
    matches: idIs(/replicationRole$/),
    rows: replicationRows,
    trust: (role) => takenBy('s3.amazonaws.com', role, sourceOf(role).arn),
  },
  {
    name: 'replicates what was there before',
    matches: idIs(/backfillRole$/),
    rows: backfillRows,
    trust: (role) =>
      takenBy(
        'batchoperations.s3.amazonaws.com',
        role,
        arnsAt(role)('s3', 'job/0011').replace('::', `:${role.stack.region}:`),
      ),
  },
];
