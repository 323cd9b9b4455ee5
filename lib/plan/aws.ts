import type { AwsBucket, AwsKey, AwsLifecycleRule, AwsStack } from '../contract';
import { fitName } from '../units';
import {
  archiveRules,
  checkArchive,
  checkPartitions,
  replicaRule,
  replicaSource,
  replicationOf,
  replicationRoleName,
  stackKindOf,
} from './aws-replication';
import { accountRegionalName } from '../clouds';
import type { Replica } from './aws-replication';
import { groupClaims } from './bucket-group';
import type { BucketGroup } from './bucket-group';
import type { Claim } from './claim';
import type { PlanContext } from './context';
import { immutabilityOf } from './immutability';
import { awsKeyAlias, awsKeyOf, encryptionPaths } from './storage-key';

/** Days that access logs and inventories are kept. */
const LOG_DAYS = 400;
/** Versions that were deleted or overwritten stay at least this long, so that an attack is noticed in time. */
const NONCURRENT_DAYS = 30;
const ABORT_MULTIPART_DAYS = 7;

/** Settings that decide names and places of whole stacks. */
const STACK_PATHS = [
  'deployment.aws.account',
  'deployment.aws.permissions_boundary',
  'deployment.bucket_naming',
  'deployment.environment',
  'deployment.name',
  'deployment.vault.account',
] as const;

type StackKind = AwsStack['kind'];

/** The AWS stacks: one for the buckets of each region, one for the replicas of each region. */
export function resolveAws(context: PlanContext, claims: readonly Claim[]): readonly AwsStack[] {
  const groups = groupClaims(
    context,
    claims.filter((claim) => claim.cloud === 'aws'),
  );
  const stacks = new Map<string, StackDraft>();
  const draft = (kind: StackKind, region: string): StackDraft => {
    const id = `${kind}.${region}`;
    const found = stacks.get(id) ?? {
      kind,
      region,
      buckets: [],
      keys: new Map(),
      keyPaths: [],
      after: new Set<string>(),
    };
    stacks.set(id, found);
    return found;
  };
  const replicas: Replica[] = [];
  for (const group of groups) {
    const region = group.region ?? '';
    checkArchive(context, group);
    checkBucketName(context, group, region);
    const stack = draft(stackKindOf(group), region);
    stack.buckets.push(bucketOf(context, group, groups, stack));
    for (const replica of replicasOf(group)) {
      if (reportTaken(context, replica, groups, replicas)) continue;
      replicas.push(replica);
      checkPartitions(context, region, replica.region, `${replica.path}.destination_region`);
      checkBucketName(
        context,
        { bucket: replica.bucket, claims: [{ ...(group.claims[0] as Claim), path: replica.path }] },
        replica.region,
      );
      draft('replica-store', replica.region).buckets.push(replicaOf(context, group, replica));
    }
  }
  for (const stack of stacks.values()) {
    for (const bucket of stack.buckets) {
      for (const rule of bucket.replication?.rules ?? []) {
        const holder = [...stacks.values()].find(
          (one) => one !== stack && one.buckets.some((two) => two.name === rule.bucket),
        );
        if (holder) stack.after.add(stackName(context, holder));
      }
    }
  }
  return [...stacks.values()].map((stack) => finish(context, stack)).sort((a, b) => (a.id < b.id ? -1 : 1));
}

interface StackDraft {
  readonly kind: StackKind;
  readonly region: string;
  readonly buckets: AwsBucket[];
  readonly keys: Map<string, AwsKey>;
  /** Paths of the spec that leave the key to the stack. */
  readonly keyPaths: string[];
  readonly after: Set<string>;
}

function stackName(context: PlanContext, stack: { kind: StackKind; region: string }): string {
  return `${context.prefix}-${stack.kind}-${stack.region}`;
}

function finish(context: PlanContext, stack: StackDraft): AwsStack {
  const { kind, region } = stack;
  const own = { ...createdKey(context, kind, region), from: [...stack.keyPaths].sort() };
  const usesOwn = stack.buckets.some((bucket) => bucket.keyId === own.id);
  const keys = [...(usesOwn ? [own] : []), ...stack.keys.values()];
  const account =
    kind === 'replica-store'
      ? (context.deployment.vault?.account ?? context.deployment.aws?.account)
      : context.deployment.aws?.account;
  const id = `aws.stack.${kind}.${region}`;
  return {
    id,
    from: [...stack.buckets.flatMap((bucket) => bucket.from), ...STACK_PATHS].sort(),
    name: stackName(context, stack),
    kind,
    region,
    ...(account !== undefined && { account }),
    after: [...stack.after].sort(),
    keys: keys.sort((a, b) => (a.id < b.id ? -1 : 1)),
    logs: {
      id: `aws.logs.${kind}.${region}`,
      from: [],
      name: fitLogName(`${context.prefix}-${kind}-logs`, region),
      expireAfterDays: LOG_DAYS,
    },
    buckets: [...stack.buckets].sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

/** Bucket names are global, so the log bucket's carries account and region: 63 characters in all. */
function fitLogName(name: string, region: string): string {
  return `${fitName(name, 63 - '-123456789012-'.length - region.length)}-{account}-${region}`;
}

function createdKey(context: PlanContext, kind: StackKind, region: string): AwsKey {
  return { id: `aws.key.${kind}.${region}`, from: [], kind: 'created', alias: awsKeyAlias(context, kind) };
}

function bucketOf(
  context: PlanContext,
  group: BucketGroup,
  groups: readonly BucketGroup[],
  stack: StackDraft,
): AwsBucket {
  const { bucket: name, claims } = group;
  const named = awsKeyOf(context, claims);
  let keyId = createdKey(context, stack.kind, stack.region).id;
  if (named) {
    keyId = `aws.key.${name}`;
    const { form, value } = named.key;
    stack.keys.set(keyId, { id: keyId, from: [named.path], kind: 'existing', form, value });
    checkKeyRegion(context, named.path, named.key.region, stack.region);
  } else {
    stack.keyPaths.push(...encryptionPaths(claims));
  }
  const lock = lockOf(context, group);
  const rules = [
    ...claims
      .flatMap((claim) => (claim.store ? replicasOf({ ...group, claims: [claim] }) : []))
      .map((replica) => replicaRule(context, name, replica)),
    ...groups.flatMap((archive) => archiveRules(context, name, archive)),
  ];
  const source = claims.find((claim) => claim.archiveOf)?.archiveOf?.bucket;
  return {
    id: `aws.bucket.${name}`,
    from: [...claims.map((claim) => claim.path), ...lock.from].sort(),
    name,
    naming: context.deployment.bucket_naming,
    keyId,
    lock: lock.lock,
    noncurrentExpireAfterDays: Math.max(NONCURRENT_DAYS, lock.lock?.days ?? 0),
    abortMultipartAfterDays: ABORT_MULTIPART_DAYS,
    lifecycle: claims.flatMap((claim) => lifecycleOf(name, claim)).sort((a, b) => (a.name < b.name ? -1 : 1)),
    replication: replicationOf(rules, replicationRoleName(name)),
    replicaOf: source === undefined ? null : replicaSource(context, source, stack.kind),
  };
}

function lifecycleOf(bucket: string, claim: Claim): readonly AwsLifecycleRule[] {
  if (claim.moves.length === 0 && claim.expireAfterDays === undefined) return [];
  const name = fitName(`age-${claim.store?.name ?? claim.dataSet?.name ?? 'data'}`, 255);
  const rule = {
    id: `aws.lifecycle.${bucket}.${name}`,
    from: [
      ...claim.moves.map((move) => move.path),
      ...(claim.expirePath === undefined ? [] : [claim.expirePath]),
      ...retentionPaths(claim),
    ].sort(),
    name,
    prefix: claim.prefix,
    transitions: claim.moves.map(({ afterDays, storageClass }) => ({ afterDays, storageClass })),
    ...(claim.expireAfterDays !== undefined && { expireAfterDays: claim.expireAfterDays }),
  };
  return [rule];
}

/** Where the spec gives no number, the retention of the types decides. */
export function retentionPaths(claim: Claim): readonly string[] {
  return claim.expirePath === undefined ? claim.typePaths : [];
}

function lockOf(
  context: PlanContext,
  group: BucketGroup,
): { readonly lock: AwsBucket['lock']; readonly from: readonly string[] } {
  const names = [group.bucket, ...group.claims.flatMap((claim) => (claim.store ? [claim.store.name] : []))];
  const asked = immutabilityOf(context.deployment, names);
  if (asked.mode === 'off') return { lock: null, from: asked.from };
  const computed = Math.max(0, ...group.claims.flatMap((claim) => claim.retentions.map((one) => one.longestLockDays)));
  const days = asked.days ?? computed;
  const typePaths = asked.days === undefined ? (group.claims[0]?.typePaths ?? []) : [];
  return { lock: days === 0 ? null : { mode: asked.mode, days }, from: [...asked.from, ...typePaths] };
}

// --- replicas ---------------------------------------------------------------------------------------------------

function replicasOf(group: BucketGroup): readonly Replica[] {
  return group.claims.flatMap((claim) => {
    const spec = claim.store?.spec;
    if (spec?.provider !== 'aws' || !spec.replication?.enabled) return [];
    const { destination_bucket: bucket, destination_region: region } = spec.replication;
    return [{ bucket, region, path: `${claim.path}.replication` }];
  });
}

function replicaOf(context: PlanContext, group: BucketGroup, replica: Replica): AwsBucket {
  const { lock, from } = lockOf(context, group);
  return {
    id: `aws.bucket.${replica.bucket}`,
    from: [replica.path, ...from].sort(),
    name: replica.bucket,
    naming: context.deployment.bucket_naming,
    keyId: createdKey(context, 'replica-store', replica.region).id,
    lock,
    noncurrentExpireAfterDays: Math.max(NONCURRENT_DAYS, lock?.days ?? 0),
    abortMultipartAfterDays: ABORT_MULTIPART_DAYS,
    // Lifecycle actions are not replicated, so the replica has the same rules of its own.
    lifecycle: group.claims.flatMap((claim) => lifecycleOf(replica.bucket, claim)),
    replication: null,
    replicaOf: replicaSource(context, group.bucket, 'replica-store'),
  };
}

/** Whether the bucket of a replica is somebody else's: a store of the spec, or the replica of another one. */
function reportTaken(
  context: PlanContext,
  replica: Replica,
  groups: readonly BucketGroup[],
  replicas: readonly Replica[],
): boolean {
  const store = groups.find((group) => group.bucket === replica.bucket)?.claims[0];
  const other = store ?? replicas.find((one) => one.bucket === replica.bucket);
  if (!other) return false;
  context.report({
    code: 'DR3003',
    path: `${replica.path}.destination_bucket`,
    message: `"${replica.bucket}" is also the bucket of ${other.path}`,
    fix: 'give the replica a bucket of its own: a replica bucket is filled by replication only',
  });
  return true;
}

/** With account-regional names the account and the region become part of the name, and have to fit in. */
function checkBucketName(context: PlanContext, { bucket, claims }: BucketGroup, region: string): void {
  const [first] = claims;
  if (!first) return;
  const regions = context.deployment.aws?.regions;
  if (regions && !regions.includes(region)) {
    context.report({
      code: 'DR3016',
      path: first.path,
      message: `"${bucket}" is in ${region}, and deployment.aws.regions allows ${regions.join(', ')}`,
      fix: 'choose one of these regions, or add this one',
    });
  }
  if (context.deployment.bucket_naming !== 'account_regional') return;
  const reading = accountRegionalName(bucket, context.deployment.aws?.account ?? '000000000000', region);
  if (reading.ok) return;
  context.report({
    code: 'DR3013',
    path: first.path,
    message: `"${bucket}" ${reading.why}`,
    fix: 'choose another name, or bucket_naming: "literal"',
  });
}

function checkKeyRegion(context: PlanContext, path: string, keyRegion: string | undefined, region: string): void {
  if (keyRegion === undefined || keyRegion === region) return;
  context.report({
    code: 'DR3011',
    path,
    message: `the key is in ${keyRegion} and the bucket in ${region}`,
    fix: `use a key of ${region}`,
  });
}
