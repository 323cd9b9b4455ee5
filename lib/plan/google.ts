import type { GoogleBucket, GoogleKey, GoogleLifecycleRule, GoogleStack } from '../contract';
import { kmsLocationOf } from '../clouds';
import { digest, fitName } from '../units';
import { retentionPaths } from './aws';
import { terraformBackend } from './backend';
import { groupClaims } from './bucket-group';
import type { BucketGroup } from './bucket-group';
import type { Claim } from './claim';
import type { PlanContext } from './context';
import { immutabilityOf } from './immutability';
import { encryptionPaths, googleKeyOf } from './storage-key';

const SOFT_DELETE_DAYS = 7;
const ABORT_MULTIPART_DAYS = 7;
const KEY_ROTATION_DAYS = 90;
const SERVICES = ['cloudkms.googleapis.com', 'storage.googleapis.com'];

/** The Google stack, if any bucket is there: one for all locations. */
export function resolveGoogle(context: PlanContext, claims: readonly Claim[]): readonly GoogleStack[] {
  const groups = groupClaims(
    context,
    claims.filter((claim) => claim.cloud === 'google'),
  );
  if (groups.length === 0) return [];
  const keys = new Map<string, GoogleKey>();
  const buckets = groups.map((group) => bucketOf(context, group, keys)).sort((a, b) => (a.id < b.id ? -1 : 1));
  const name = `${context.prefix}-google-backup`;
  const project = context.deployment.google?.project;
  return [
    {
      id: 'google.stack.backup',
      from: [
        ...buckets.flatMap((bucket) => bucket.from),
        'deployment.environment',
        'deployment.google.project',
        'deployment.name',
        'deployment.state',
      ].sort(),
      name,
      ...(project !== undefined && { project }),
      services: SERVICES,
      keys: [...keys.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
      buckets,
      backend: terraformBackend(context, name),
    },
  ];
}

function bucketOf(context: PlanContext, group: BucketGroup, keys: Map<string, GoogleKey>): GoogleBucket {
  const { bucket: name, claims } = group;
  const location = group.region ?? '';
  const key = keyNode(context, group, location);
  const other = keys.get(key.id);
  keys.set(key.id, other ? { ...key, from: [...new Set([...other.from, ...key.from])].sort() } : key);
  const asked = immutabilityOf(context.deployment, [
    name,
    ...claims.flatMap((claim) => (claim.store ? [claim.store.name] : [])),
  ]);
  const retentions = claims.flatMap((claim) => claim.retentions);
  const shortest = retentions.length === 0 ? 0 : Math.min(...retentions.map((one) => one.shortestDays));
  const days = asked.days ?? shortest;
  // Cloud Storage knows no governance mode: a retention policy binds everybody, so it stands only where it is asked for.
  const retention =
    asked.asked && asked.mode !== 'off' && days > 0 ? { days, locked: asked.mode === 'compliance' } : null;
  reportProtection(context, claims, retention);
  return {
    id: `google.bucket.${name}`,
    from: [
      ...claims.map((claim) => claim.path),
      ...(asked.asked ? asked.from : []),
      ...(retention && asked.days === undefined ? (claims[0]?.typePaths ?? []) : []),
    ].sort(),
    name,
    location: location.toUpperCase(),
    keyId: key.id,
    versioning: retention === null,
    retention,
    softDeleteDays: SOFT_DELETE_DAYS,
    abortMultipartAfterDays: ABORT_MULTIPART_DAYS,
    lifecycle: claims.flatMap((claim) => lifecycleOf(name, claim)),
  };
}

function reportProtection(context: PlanContext, claims: readonly Claim[], retention: GoogleBucket['retention']): void {
  const [first] = claims as [Claim];
  context.report({
    code: 'DR3049',
    path: first.path,
    message: retention
      ? `a retention policy of ${retention.days} days protects "${first.bucket}", so versioning is off`
      : `versioning and soft delete protect "${first.bucket}"; a retention policy would bind everybody and is not asked for`,
    fix: retention
      ? ''
      : `name "${first.store?.name ?? first.bucket}" in deployment.immutability.stores for a retention policy`,
  });
}

function keyNode(context: PlanContext, group: BucketGroup, bucketLocation: string): GoogleKey {
  const location = kmsLocationOf(bucketLocation);
  const named = googleKeyOf(context, group.claims);
  if (named) {
    if (named.key.location !== location) {
      context.report({
        code: 'DR3011',
        path: named.path,
        message: `the key is in ${named.key.location} and the bucket in ${bucketLocation}`,
        fix: `use a key of ${location}`,
      });
    }
    // One node per key, not per bucket: the grant on a key may stand only once.
    const id = `google.key.${named.key.location}.${named.key.keyRing}.${named.key.key}.${digest(named.key.name)}`;
    return { id, from: [named.path], kind: 'existing', name: named.key.name };
  }
  const name = fitName(`${context.prefix}-backup`, 63);
  return {
    id: `google.key.created.${location}`,
    from: encryptionPaths(group.claims),
    kind: 'created',
    location,
    keyRing: name,
    keyName: name,
    rotationDays: KEY_ROTATION_DAYS,
  };
}

function lifecycleOf(bucket: string, claim: Claim): readonly GoogleLifecycleRule[] {
  const id = (what: string) =>
    `google.lifecycle.${bucket}.${claim.store?.name ?? claim.dataSet?.name ?? 'data'}.${what}`;
  const moves = claim.moves.map((move) => ({
    id: id(move.storageClass.toLowerCase()),
    from: [move.path],
    prefix: claim.prefix,
    action: 'set-class' as const,
    storageClass: move.storageClass,
    afterDays: move.afterDays,
  }));
  if (claim.expireAfterDays === undefined) return moves;
  const expiry = {
    id: id('delete'),
    from: [...(claim.expirePath === undefined ? [] : [claim.expirePath]), ...retentionPaths(claim)],
    prefix: claim.prefix,
    action: 'delete' as const,
    afterDays: claim.expireAfterDays,
  };
  return [...moves, expiry];
}
