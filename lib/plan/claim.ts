import { childPath } from '../diagnostics';
import type { CloudId } from '../clouds';
import type { CloudStoreSpec } from '../spec';
import type { PlanContext } from './context';
import type { DataSet } from './data-set';
import { SHARED_PREFIX, rulePrefix } from './object-path';
import { retentionOf } from './retention';
import type { Retention } from './retention';
import { typesOf } from './run';

/** One use of a bucket or container by the spec: who, where in it, and what the ages mean. */
export interface Claim {
  readonly cloud: CloudId;
  /** Storage account, on Azure. */
  readonly account?: string;
  readonly bucket: string;
  /** Region or location; `undefined` where the deployment's own holds. */
  readonly region?: string;
  /** Path in the spec of the block that names it. */
  readonly path: string;
  /** Data set whose own it is, or `undefined` for a store of backup.cloud. */
  readonly dataSet?: DataSet;
  /** Prefix of lifecycle rules. */
  readonly prefix: string;
  readonly moves: readonly Move[];
  /** `undefined` where nothing fills the place, so that nothing says when it may go. */
  readonly expireAfterDays: number | undefined;
  /** Path of the number, where the spec gives one. */
  readonly expirePath?: string;
  readonly retentions: readonly Retention[];
  /** Paths of the numbers that decide ages and locks where the spec gives none of its own. */
  readonly typePaths: readonly string[];
  /** The store of backup.cloud, with its key and its replication. */
  readonly store?: { readonly name: string; readonly spec: CloudStoreSpec };
  /** Filled by replication of this prefix of another bucket, by nobody else. */
  readonly archiveOf?: { readonly bucket: string; readonly region: string };
}

export interface Move {
  readonly afterDays: number;
  /** Storage class as the cloud spells it. */
  readonly storageClass: string;
  readonly path: string;
}

/**
 * Replication keeps the keys of objects, and an archive in the bucket itself is a move of class: in both, what `s3`
 * beside it says holds, and another word would change nothing.
 */
function reportIgnoredGlacier(context: PlanContext, { path, storage: { s3, glacier } }: DataSet): void {
  if (!s3 || !glacier) return;
  const sameBucket = glacier.bucket === s3.bucket;
  const ignored = [
    ['path', glacier.path, s3.path],
    ...(sameBucket
      ? ([
          ['region', glacier.region, s3.region],
          ['expiration_days', glacier.expiration_days, s3.lifecycle?.expiration_days],
        ] as const)
      : []),
  ] as const;
  for (const [key, said, holds] of ignored) {
    if (said === undefined || said === holds) continue;
    context.report({
      code: 'DR3008',
      path: `${path}.storage.glacier.${key}`,
      message: sameBucket
        ? `the archive is in the bucket of s3, so ${key} is that of s3`
        : 'replication keeps the keys of objects, so the path of the archive is that of s3',
      fix: `leave ${key} out${sameBucket ? ', or say it at s3' : ''}`,
    });
  }
}

/** Every use of a bucket or container, by names, whatever the order of the text. */
export function claimsOf(context: PlanContext, dataSets: readonly DataSet[]): readonly Claim[] {
  const own = dataSets.flatMap((dataSet) => ownClaims(context, dataSet));
  const shared = [...(context.backup.cloud ?? [])]
    .filter(([, store]) => store.enabled)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, store]) => sharedClaim(context, dataSets, name, store));
  const claims = [...own, ...shared];
  for (const claim of claims) {
    if (claim.prefix !== '') continue;
    context.report({
      code: 'DR3007',
      path: childPath(claim.path, 'path'),
      message: 'the path starts with {month} or {day}, so no prefix tells its objects from others',
      fix: 'start it with a word or with {year}',
    });
  }
  return claims;
}

function ownClaims(context: PlanContext, dataSet: DataSet): Claim[] {
  const { s3, glacier, azure, gcs } = dataSet.storage;
  const retention = retentionOf(dataSet.engine, context.backup.general);
  const at = (key: string) => `${dataSet.path}.storage.${key}`;
  const base = { dataSet, retentions: [retention], typePaths: typePathsOf(context) };
  const sameBucket = s3 !== undefined && glacier?.bucket === s3.bucket;
  reportIgnoredGlacier(context, dataSet);
  const claims: Claim[] = [];
  if (s3) {
    const age = s3.lifecycle;
    const moves = [
      ...move(age?.transition_days, 'STANDARD_IA', `${at('s3')}.lifecycle.transition_days`),
      ...(sameBucket ? move(glacier.transition_days, 'GLACIER', `${at('glacier')}.transition_days`) : []),
    ];
    const expiry = expiryOf(age?.expiration_days, `${at('s3')}.lifecycle.expiration_days`, retention);
    claims.push({
      ...base,
      cloud: 'aws',
      bucket: s3.bucket,
      region: s3.region,
      path: at('s3'),
      prefix: rulePrefix(s3.path),
      moves,
      ...expiry,
    });
  }
  if (glacier && !sameBucket) {
    const path = glacier.path ?? s3?.path;
    const region = glacier.region ?? s3?.region;
    if (path === undefined || region === undefined) {
      context.report({
        code: 'DR3006',
        path: at('glacier'),
        message: `without s3 beside it, the archive needs ${path === undefined ? 'a path' : 'a region'} of its own`,
        fix: 'add region and path to glacier, or an s3 block beside it',
      });
    } else {
      const explicit = glacier.expiration_days ?? s3?.lifecycle?.expiration_days;
      const from =
        glacier.expiration_days === undefined
          ? `${at('s3')}.lifecycle.expiration_days`
          : `${at('glacier')}.expiration_days`;
      claims.push({
        ...base,
        cloud: 'aws',
        bucket: glacier.bucket,
        region,
        path: at('glacier'),
        prefix: rulePrefix(path),
        moves: move(glacier.transition_days, 'GLACIER', `${at('glacier')}.transition_days`),
        ...expiryOf(explicit, from, retention),
        ...(s3 && { archiveOf: { bucket: s3.bucket, region: s3.region } }),
      });
    }
  }
  if (azure) {
    const age = azure.lifecycle;
    claims.push({
      ...base,
      cloud: 'azure',
      account: azure.storage_account,
      bucket: azure.container,
      ...(azure.location !== undefined && { region: azure.location }),
      path: at('azure'),
      prefix: rulePrefix(azure.path),
      moves: [
        ...move(age?.tier_to_cool, 'Cool', `${at('azure')}.lifecycle.tier_to_cool`),
        ...move(age?.tier_to_archive, 'Archive', `${at('azure')}.lifecycle.tier_to_archive`),
      ],
      ...expiryOf(age?.delete_after, `${at('azure')}.lifecycle.delete_after`, retention),
    });
  }
  if (gcs) {
    const age = gcs.lifecycle;
    claims.push({
      ...base,
      cloud: 'google',
      bucket: gcs.bucket,
      region: gcs.location,
      path: at('gcs'),
      prefix: rulePrefix(gcs.path),
      moves: googleMoves(age ?? {}, `${at('gcs')}.lifecycle`),
      ...expiryOf(age?.delete_after, `${at('gcs')}.lifecycle.delete_after`, retention),
    });
  }
  return claims;
}

function reportUnfilled(context: PlanContext, path: string, name: string): void {
  context.report({
    code: 'DR3047',
    path,
    message: `no data set fills the store "${name}"`,
    fix: `name it in copies of a data set, or leave the store out`,
  });
}

function sharedClaim(context: PlanContext, dataSets: readonly DataSet[], name: string, spec: CloudStoreSpec): Claim {
  const path = childPath('backup.cloud', name);
  const filling = dataSets.filter((one) => one.spec.set.copies?.includes(name) ?? true);
  if (filling.length === 0) reportUnfilled(context, path, name);
  const engines = [...new Set(filling.map((one) => one.engine))];
  const retentions = engines.map((engine) => retentionOf(engine, context.backup.general));
  const backstops = retentions.map((one) => one.backstopDays);
  const backstop = { backstopDays: backstops.length === 0 ? undefined : Math.max(...backstops) };
  const base = { path, prefix: SHARED_PREFIX, retentions, typePaths: typePathsOf(context), store: { name, spec } };
  const expiry = expiryOf(spec.lifecycle?.delete_after, `${path}.lifecycle.delete_after`, backstop);
  switch (spec.provider) {
    case 'aws':
      return {
        ...base,
        ...expiry,
        cloud: 'aws',
        bucket: spec.bucket,
        region: spec.region,
        moves: [
          ...move(spec.lifecycle?.transition_to_ia, 'STANDARD_IA', `${path}.lifecycle.transition_to_ia`),
          ...move(spec.lifecycle?.transition_to_glacier, 'GLACIER', `${path}.lifecycle.transition_to_glacier`),
        ],
      };
    case 'azure':
      return {
        ...base,
        ...expiry,
        cloud: 'azure',
        account: spec.storage_account,
        bucket: spec.container,
        ...(spec.location !== undefined && { region: spec.location }),
        moves: [
          ...move(spec.lifecycle?.tier_to_cool, 'Cool', `${path}.lifecycle.tier_to_cool`),
          ...move(spec.lifecycle?.tier_to_archive, 'Archive', `${path}.lifecycle.tier_to_archive`),
        ],
      };
    case 'google':
      return {
        ...base,
        ...expiry,
        cloud: 'google',
        bucket: spec.bucket,
        region: spec.location,
        moves: googleMoves(spec.lifecycle?.set_storage_class ?? {}, `${path}.lifecycle.set_storage_class`),
      };
  }
}

function move(afterDays: number | undefined, storageClass: string, path: string): readonly Move[] {
  return afterDays === undefined ? [] : [{ afterDays, storageClass, path }];
}

function googleMoves(
  ages: {
    readonly nearline?: number | undefined;
    readonly coldline?: number | undefined;
    readonly archive?: number | undefined;
  },
  path: string,
): readonly Move[] {
  return [
    ...move(ages.nearline, 'NEARLINE', `${path}.nearline`),
    ...move(ages.coldline, 'COLDLINE', `${path}.coldline`),
    ...move(ages.archive, 'ARCHIVE', `${path}.archive`),
  ];
}

function typePathsOf(context: PlanContext): readonly string[] {
  const retentions = typesOf(context.backup.general.types).map(([name]) => `backup.general.types.${name}.retention`);
  return [...retentions, 'backup.general.types.full.frequency'].sort();
}

/** The spec's own number where it gives one, else the backstop. */
function expiryOf(
  explicit: number | undefined,
  path: string,
  retention: { readonly backstopDays: number | undefined },
) {
  return explicit === undefined
    ? { expireAfterDays: retention.backstopDays }
    : { expireAfterDays: explicit, expirePath: path };
}
