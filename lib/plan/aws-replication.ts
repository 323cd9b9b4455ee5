import type { AwsBucket, AwsReplicationRule, AwsStack } from '../contract';
import { Duration, fitName } from '../units';
import type { BucketGroup } from './bucket-group';
import type { Claim } from './claim';
import type { PlanContext } from './context';
import { awsKeyAlias } from './storage-key';

/** A replica that a store of backup.cloud asks for. */
export interface Replica {
  readonly bucket: string;
  readonly region: string;
  readonly path: string;
}

const ROLE_NAME_LENGTH = 64;

type Draft = Omit<AwsReplicationRule, 'priority'>;

/** S3 wants priorities as soon as there are two rules, and they must differ. */
export function replicationOf(rules: readonly Draft[], roleName: string): AwsBucket['replication'] {
  const sorted = [...rules].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (sorted.length === 0) return null;
  return { roleName, rules: sorted.map((rule, index) => ({ ...rule, priority: index + 1 })) };
}

/** Partitions of AWS know nothing of each other: no replication, key or role reaches over. */
export function checkPartitions(context: PlanContext, from: string, to: string, path: string): void {
  const partition = (region: string) => /^(cn|us-gov|us-iso[a-z]*|eu-isoe|eusc)-/.exec(region)?.[1] ?? 'aws';
  if (partition(from) === partition(to)) return;
  context.report({
    code: 'DR3019',
    path,
    message: `${from} and ${to} are in different partitions of AWS, between which nothing is replicated`,
    fix: 'choose a region of the same partition, or a store of another cloud',
  });
}

/** The whole bucket to its replica. Replication Time Control promises 15 minutes, so it is bought for an RPO of 15 minutes. */
export function replicaRule(context: PlanContext, source: string, replica: Replica): Draft {
  const strictest = strictestRpo(context);
  const name = fitName(`replica-${replica.bucket}`, 255);
  return {
    id: `aws.replication.${source}.${name}`,
    from: [replica.path, ...(strictest ? [strictest.path] : [])].sort(),
    name,
    prefix: '',
    bucket: replica.bucket,
    naming: context.deployment.bucket_naming,
    region: replica.region,
    ...vaultAccount(context),
    keyAlias: awsKeyAlias(context, 'replica-store'),
    timeControl: strictest !== undefined && !strictest.rpo.isLongerThan(Duration.minutes(15)),
  };
}

/**
 * Lifecycle can't move objects to another bucket, so an archive bucket is filled by replication: of the data's prefix,
 * and of what the protocol keeps beside it, without which the archive could not be restored alone.
 */
export function archiveRules(context: PlanContext, source: string, archive: BucketGroup): readonly Draft[] {
  const claims = archive.claims.filter((claim) => claim.archiveOf?.bucket === source);
  return claims.flatMap((claim) => {
    const rules = rulesOfArchive(context, source, archive, claim);
    // What several data sets share is replicated once.
    return claim === claims[0]
      ? rules.map((rule) => (rule.prefix === RECOVERY ? { ...rule, from: claims.map((one) => one.path).sort() } : rule))
      : rules.filter((rule) => rule.prefix !== RECOVERY);
  });
}

const RECOVERY = '_recovery/';

function rulesOfArchive(context: PlanContext, source: string, archive: BucketGroup, claim: Claim): readonly Draft[] {
  const dataSet = claim.dataSet?.name ?? '';
  const kind = stackKindOf(archive);
  checkPartitions(context, claim.archiveOf?.region ?? '', claim.region ?? '', claim.path);
  const prefixes = [
    ['data', claim.prefix],
    ['verified', `_verified/${dataSet}/`],
    ['records', `_records/${dataSet}/`],
    ['recovery', RECOVERY],
  ] as const;
  return prefixes.map(([part, prefix]) => {
    const name = fitName(`archive-${dataSet}-${part}`, 255);
    return {
      id: `aws.replication.${source}.${name}`,
      from: [claim.path],
      name,
      prefix,
      bucket: archive.bucket,
      naming: context.deployment.bucket_naming,
      region: claim.region ?? '',
      ...(kind === 'replica-store' && vaultAccount(context)),
      keyAlias: awsKeyAlias(context, kind),
      timeControl: false,
    };
  });
}

/**
 * What only replication fills and lies in another region than a source of it is deployed before that source, in the
 * stack of replicas; key and account follow from the stack.
 */
export function stackKindOf({ claims, region }: BucketGroup): AwsStack['kind'] {
  const abroad = claims.some((claim) => claim.archiveOf && claim.archiveOf.region !== region);
  return claims.every((claim) => claim.archiveOf !== undefined) && abroad ? 'replica-store' : 'backup-store';
}

/** An archive bucket is filled by replication only, and in an account of its own from one bucket only. */
export function checkArchive(context: PlanContext, { bucket, claims, region }: BucketGroup): void {
  const archives = claims.filter((claim) => claim.archiveOf);
  const direct = claims.find((claim) => !claim.archiveOf);
  const [archive] = archives;
  if (!archive) return;
  if (direct) {
    context.report({
      code: 'DR3003',
      path: `${archive.path}.bucket`,
      message: `"${bucket}" is also the bucket of ${direct.path}`,
      fix: 'give the archive a bucket of its own: it is filled by replication only',
    });
  }
  const sources = [...new Set(archives.map((claim) => claim.archiveOf?.bucket))];
  if (
    sources.length < 2 ||
    stackKindOf({ bucket, claims, ...(region !== undefined && { region }) }) !== 'replica-store'
  )
    return;
  if (vaultAccount(context).account === undefined) return;
  context.report({
    code: 'DR3009',
    path: `${archive.path}.bucket`,
    message: `"${bucket}" is in an account of its own and would be filled from ${sources.join(' and ')}`,
    fix: 'give each source an archive of its own: the bucket lets one replication role in',
  });
}

/** Account of replicas, where it is another one than that of the sources. */
function vaultAccount(context: PlanContext): { readonly account?: string } {
  const vault = context.deployment.vault?.account;
  return vault === undefined || vault === context.deployment.aws?.account ? {} : { account: vault };
}

/** Source of a bucket that replication fills, as its policy needs to know it. */
export function replicaSource(
  context: PlanContext,
  bucket: string,
  place: AwsStack['kind'],
): NonNullable<AwsBucket['replicaOf']> {
  const account = context.deployment.aws?.account;
  const elsewhere = place === 'replica-store' && vaultAccount(context).account !== undefined;
  return { bucket, roleName: replicationRoleName(bucket), ...(elsewhere && account !== undefined && { account }) };
}

export function replicationRoleName(bucket: string): string {
  return fitName(`${bucket}-replication`, ROLE_NAME_LENGTH);
}

function strictestRpo(context: PlanContext): { readonly rpo: Duration; readonly path: string } | undefined {
  const objectives = context.spec.disaster_recovery?.objectives?.rpo;
  if (!objectives) return undefined;
  const path = 'disaster_recovery.objectives.rpo';
  const given = (['critical_data', 'important_data', 'standard_data'] as const).flatMap((name) => {
    const rpo = objectives[name];
    return rpo ? [{ rpo, path: `${path}.${name}` }] : [];
  });
  return given.sort((a, b) => a.rpo.seconds - b.rpo.seconds)[0];
}
