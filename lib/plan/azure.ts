import type { AzureAccount, AzureContainer, AzureKey, AzureLifecycleRule, AzureStack } from '../contract';
import { hasPairedRegion } from '../clouds';
import { digest, fitName } from '../units';
import { terraformBackend } from './backend';
import { groupClaims } from './bucket-group';
import type { BucketGroup } from './bucket-group';
import { retentionPaths } from './aws';
import type { Claim } from './claim';
import type { PlanContext } from './context';
import { immutabilityOf } from './immutability';
import { azureKeyOf, encryptionPaths } from './storage-key';

const SOFT_DELETE_DAYS = 30;
const CHANGE_FEED_DAYS = 90;
const LOG_DAYS = 90;
const DEFAULT_LOCATION = 'westeurope';

/** The Azure stacks: one for the storage accounts of each location. */
export function resolveAzure(context: PlanContext, claims: readonly Claim[]): readonly AzureStack[] {
  const here = claims.filter((claim) => claim.cloud === 'azure');
  const accounts = groupAccounts(groupClaims(context, here));
  const byLocation = new Map<string, BucketGroup[][]>();
  for (const groups of accounts) {
    const location = oneLocation(context, groups);
    byLocation.set(location, [...(byLocation.get(location) ?? []), groups]);
  }
  return [...byLocation]
    .map(([location, members]) => stackOf(context, location, members))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Gives every claim on Azure the location that holds for it, so that tasks and copies know it too. */
export function withLocations(context: PlanContext, claims: readonly Claim[]): readonly Claim[] {
  const fallback = defaultLocation(context);
  return claims.map((claim) =>
    claim.cloud === 'azure' ? { ...claim, region: claim.region ?? accountRegion(claims, claim) ?? fallback } : claim,
  );
}

/** A container without a location is where another container of its account says. */
function accountRegion(claims: readonly Claim[], claim: Claim): string | undefined {
  return claims.find((one) => one.cloud === 'azure' && one.account === claim.account && one.region !== undefined)
    ?.region;
}

function defaultLocation(context: PlanContext): string {
  const given = context.deployment.azure?.location;
  if (given !== undefined) return given;
  const site = [...(context.spec.disaster_recovery?.dr_sites?.values() ?? [])].find((one) => one.provider === 'azure');
  return site?.region ?? DEFAULT_LOCATION;
}

function groupAccounts(groups: readonly BucketGroup[]): readonly BucketGroup[][] {
  const accounts = new Map<string, BucketGroup[]>();
  for (const group of groups) {
    const name = group.account ?? '';
    accounts.set(name, [...(accounts.get(name) ?? []), group]);
  }
  return [...accounts.values()];
}

function oneLocation(context: PlanContext, groups: readonly BucketGroup[]): string {
  const [first, ...others] = groups as [BucketGroup, ...BucketGroup[]];
  const other = others.find((one) => one.region !== first.region);
  if (other) {
    context.report({
      code: 'DR3003',
      path: other.claims[0]?.path ?? '',
      message: `storage account "${first.account ?? ''}" is named in ${first.region ?? ''} and in ${other.region ?? ''}, and is one account`,
      fix: 'name one location, or two accounts',
    });
  }
  return first.region ?? DEFAULT_LOCATION;
}

function stackOf(context: PlanContext, location: string, members: readonly BucketGroup[][]): AzureStack {
  const name = `${context.prefix}-azure-backup-${location}`;
  const keys = new Map<string, AzureKey>();
  const accounts = members
    .map((groups) => accountOf(context, location, groups, keys))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const subscription = context.deployment.azure?.subscription;
  return {
    id: `azure.stack.${location}`,
    from: [
      ...accounts.flatMap((account) => account.from),
      'deployment.azure.location',
      'deployment.azure.subscription',
      'deployment.environment',
      'deployment.name',
      'deployment.state',
    ].sort(),
    name,
    location,
    ...(subscription !== undefined && { subscription }),
    resourceGroup: fitName(`rg-${context.prefix}-backup-${location}`, 90),
    keys: [...keys.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    accounts,
    logs: {
      id: `azure.logs.${location}`,
      from: [],
      workspace: fitName(`log-${context.prefix}-backup-${location}`, 63),
      retentionDays: LOG_DAYS,
    },
    backend: terraformBackend(context, name),
  };
}

function accountOf(
  context: PlanContext,
  location: string,
  groups: readonly BucketGroup[],
  keys: Map<string, AzureKey>,
): AzureAccount {
  const claims = groups.flatMap((group) => group.claims);
  const name = groups[0]?.account ?? '';
  const key = keyNode(context, name, claims);
  keys.set(key.id, key);
  return {
    id: `azure.account.${name}`,
    from: [
      ...claims.map((claim) => claim.path),
      ...(context.deployment.network?.azure ? ['deployment.network.azure'] : []),
    ].sort(),
    name,
    keyId: key.id,
    replication: replicationOf(location, claims),
    softDeleteDays: SOFT_DELETE_DAYS,
    changeFeedDays: CHANGE_FEED_DAYS,
    allowedRanges: allowedRanges(context),
    containers: groups.map((group) => containerOf(context, name, group)).sort((a, b) => (a.id < b.id ? -1 : 1)),
    lifecycle: groups
      .flatMap((group) => group.claims.filter(hasAges).map((claim) => lifecycleOf(name, group, claim)))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** Storage accounts take single addresses bare, ranges up to /30, and public ones only. */
function allowedRanges(context: PlanContext): readonly string[] {
  const ranges = context.deployment.network?.azure?.allowed_ranges ?? [];
  ranges.forEach((range, index) => {
    if (isPublicRange(range)) return;
    context.report({
      code: 'DR3054',
      path: `deployment.network.azure.allowed_ranges[${index}]`,
      message: `"${range}" cannot be let in: storage accounts take public IPv4 addresses and ranges from /0 to /30`,
      fix: 'give the public address that the requests come from; private networks need a private endpoint',
    });
  });
  return ranges.map((range) => range.replace(/\/32$/, '')).sort();
}

function isPublicRange(range: string): boolean {
  const [address = '', bits = '32'] = range.split('/');
  const parts = address.split('.').map(Number);
  const [a = 0, b = 0] = parts;
  const hidden =
    a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168) || a === 127 || (a === 169 && b === 254);
  return parts.every((part) => part <= 255) && !hidden && bits !== '31';
}

function keyNode(context: PlanContext, account: string, claims: readonly Claim[]): AzureKey {
  const named = azureKeyOf(context, claims);
  const asked = context.deployment.azure?.key_name;
  const keyName = asked ?? `${context.deployment.name}-backup`;
  const from = asked === undefined ? [] : ['deployment.azure.key_name'];
  if (named) {
    return { id: `azure.key.${account}`, from: [named.path, ...from].sort(), kind: 'existing', ...named.key, keyName };
  }
  // Vault names are global and short; the digest of the account's name keeps two deployments apart.
  const vaultName = fitName(`kv-${context.prefix}-${account}`, 24);
  const paths = [...encryptionPaths(claims), ...from].sort();
  return { id: `azure.key.created.${account}`, from: paths, kind: 'created', vaultName, keyName };
}

/**
 * RA-GRS, readable in the paired region, where there is one. Elsewhere zone-redundant, unless objects are archived:
 * zone-redundant accounts have no archive tier.
 */
function replicationOf(location: string, claims: readonly Claim[]): AzureAccount['replication'] {
  if (hasPairedRegion(location)) return 'RAGRS';
  return claims.some((claim) => claim.moves.some((move) => move.storageClass === 'Archive')) ? 'LRS' : 'ZRS';
}

function hasAges(claim: Claim): boolean {
  return claim.moves.length > 0 || claim.expireAfterDays !== undefined;
}

/** A data set's or store's name in letters, digits and hyphens; two names never become one. */
function ruleWord(name: string): string {
  const word = name.replace(/[^A-Za-z0-9]+/g, '-');
  return word === name ? word : `${word}-${digest(name, 4)}`;
}

function containerOf(context: PlanContext, account: string, group: BucketGroup): AzureContainer {
  const names = [group.bucket, account, ...group.claims.flatMap((claim) => (claim.store ? [claim.store.name] : []))];
  const asked = immutabilityOf(context.deployment, names);
  // One policy holds for all that lands in a container, so it takes the shortest retention of the types.
  const retentions = group.claims.flatMap((claim) => claim.retentions);
  const shortest = retentions.length === 0 ? 0 : Math.min(...retentions.map((one) => one.shortestDays));
  const days = asked.days ?? shortest;
  return {
    id: `azure.container.${account}/${group.bucket}`,
    from: [
      ...group.claims.map((claim) => claim.path),
      ...asked.from,
      ...(asked.days === undefined ? (group.claims[0]?.typePaths ?? []) : []),
    ].sort(),
    name: group.bucket,
    immutability: asked.mode === 'off' || days === 0 ? null : { days, locked: asked.mode === 'compliance' },
  };
}

function lifecycleOf(account: string, group: BucketGroup, claim: Claim): AzureLifecycleRule {
  const name = fitName(
    // Names of containers hold no double hyphen.
    `${group.bucket}--${ruleWord(claim.store?.name ?? claim.dataSet?.name ?? 'data')}`,
    200,
  );
  const ageOf = (storageClass: string) => claim.moves.find((move) => move.storageClass === storageClass)?.afterDays;
  const cool = ageOf('Cool');
  const archive = ageOf('Archive');
  return {
    id: `azure.lifecycle.${account}.${name}`,
    from: [
      ...claim.moves.map((move) => move.path),
      ...(claim.expirePath === undefined ? [] : [claim.expirePath]),
      ...retentionPaths(claim),
    ].sort(),
    name,
    prefix: `${group.bucket}/${claim.prefix}`,
    ...(cool !== undefined && { coolAfterDays: cool }),
    ...(archive !== undefined && { archiveAfterDays: archive }),
    ...(claim.expireAfterDays !== undefined && { deleteAfterDays: claim.expireAfterDays }),
  };
}
