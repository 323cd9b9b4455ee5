import type { Site } from '../../contract/site';

/** Namespace of the numbers of sites; each has `siteDimension`. */
export const SITE_NAMESPACE = 'HypnoScript/Site';

/**
 * What its machines are found by. Two deployments in one account may each have a site of the same name: the prefix, which
 * begins the names of all that is in a site, is what no other one there has.
 */
export const SITE_TAG = 'hypnoscript:site';

export function siteTag({ prefix }: Pick<Site, 'prefix'>): { readonly key: string; readonly value: string } {
  return { key: SITE_TAG, value: prefix };
}

/** What tells its numbers from those of other sites. */
export function siteDimension({ prefix }: Pick<Site, 'prefix'>): { readonly name: string; readonly value: string } {
  return { name: 'Site', value: prefix };
}

/** 1 while a site is active, else 0: said each minute where a name of Route 53 depends on it. */
export const ACTIVE_METRIC = 'Active';

type Place = { readonly account: string; readonly region: string };

/** Bucket with the lease, the records of activations, and the state of one that is under way. */
export function stateBucket({ prefix }: Pick<Site, 'prefix'>, { account, region }: Place): string {
  return `${prefix}-state-${account}-${region}`;
}

/** Bucket that the primary writes its log to. */
export function archiveBucket(name: string, { account, region }: Place): string {
  return `${name}-${account}-${region}`;
}

/** Key of the object without which a primary only reads. */
export function leaseKey({ name }: Pick<Site, 'name'>): string {
  return `lease/${name}`;
}

export const RECORDS = 'records/';

/** Address of the lease. Where the account is open, a machine fills it in for `{account}`. */
export function leaseUrl(site: Pick<Site, 'prefix' | 'name' | 'region' | 'account'>, account: string): string {
  const { region } = site;
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://${stateBucket(site, { account, region })}.s3.${region}.${suffix}/${leaseKey(site)}`;
}

/** Names of the workflows. */
export function workflowName({ prefix }: Pick<Site, 'prefix'>, what: 'activate' | 'deactivate' | 'report'): string {
  return `${prefix}-${what}`;
}

/** Alarm in us-east-1, where health checks report: nobody of several regions reaches the primary. */
export function signalAlarm({ prefix }: Pick<Site, 'prefix'>): string {
  return `${prefix}-primary`;
}

/** Whether a site is started by a watch that asks the primary's addresses. */
export function isWatched({ activation }: Pick<Site, 'activation'>): boolean {
  const { automated, triggers, healthUrls } = activation;
  return automated && healthUrls.length > 0 && triggers.some((one) => one !== 'manual_activation');
}

/** Alarm that rings only where the database itself says that nothing comes from the primary. */
export function behindAlarm({ prefix }: Pick<Site, 'prefix'>): string {
  return `${prefix}-behind`;
}

/** Alarm that rings while the site is active. */
export function activeAlarm({ prefix }: Pick<Site, 'prefix'>): string {
  return `${prefix}-active`;
}

/** Whether a second sign besides the primary's addresses is there: a database that follows, and a limit. */
export function isMeasured({ database, synchronization }: Pick<Site, 'database' | 'synchronization'>): boolean {
  if (synchronization.lagSeconds === undefined || !database) return false;
  return database.kind === 'replica' || (database.kind === 'machines' && database.always);
}

/** Name of the stack with what watches the primary of a site. */
export function signalStackName({ stack }: Pick<Site, 'stack'>): string {
  return `${stack}-signal`;
}

/** Names of the stacks of a site on AWS. */
export function siteStackNames(site: Site): readonly string[] {
  return [site.stack, ...(isWatched(site) ? [signalStackName(site)] : [])];
}
