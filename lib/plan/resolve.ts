import type { ProtectionPlan, TaskManifest } from '../contract';
import type { Report } from '../diagnostics';
import type { Spec } from '../spec';
import { TIME_ZONE_DATA } from '../units';
import { archivedBeforeFull } from './archived';
import { resolveAws } from './aws';
import { resolveAwsReaders } from './aws-readers';
import { resolveAwsTasks } from './aws-tasks';
import { resolveAzure, withLocations } from './azure';
import { resolveAzureReaders } from './azure-readers';
import { resolveAzureTasks } from './azure-tasks';
import { claimsOf } from './claim';
import { prefixOf } from './context';
import type { PlanContext } from './context';
import { copiesOf, taskCopiesOf } from './copy';
import { dataSetsOf } from './data-set';
import { checkPlan } from './findings';
import { deepFreeze } from './freeze';
import { resolveGoogle } from './google';
import { resolveGoogleReaders } from './google-readers';
import { resolveGoogleTasks } from './google-tasks';
import { holdingsOf } from './holding';
import { tasksOfSites } from './site/backups';
import { resolveSites } from './site/sites';
import { placeSets, taskOf } from './task';

export interface ResolveOptions {
  readonly report: Report;
  /** `error` makes a key or URL whose variable is not set an error; production always does. */
  readonly unset: 'warning' | 'error';
}

/**
 * From a typed Spec without errors to the ProtectionPlan: pure, sorted and frozen. What the spec says in two ways, or
 * not at all, is decided here and reported.
 * @returns `undefined` for a spec that names no backups and no deployment
 */
export function resolve(spec: Spec, options: ResolveOptions): ProtectionPlan | undefined {
  const { backup, deployment } = spec;
  if (!backup || !deployment) return undefined;
  const context: PlanContext = {
    spec,
    backup,
    deployment,
    report: options.report,
    prefix: prefixOf(deployment),
    unset: deployment.environment === 'production' ? 'error' : options.unset,
  };
  const dataSets = dataSetsOf(context);
  const claims = backup.general.enabled ? withLocations(context, claimsOf(context, dataSets)) : [];
  const placed = placeSets(context, dataSets, claims);
  const aws = resolveAws(context, claims);
  const azure = resolveAzure(context, claims);
  const google = resolveGoogle(context, claims);
  const { start, end, timezone: timeZone } = backup.general.backup_window;
  const window = { start: start.toString(), end: end.toString(), timeZone };
  const copies = copiesOf(placed, claims, window);
  const tasks = placed.map((one) => taskOf(context, one, claims, taskCopiesOf(context, one, claims, window), aws));
  const isArchived = (task: TaskManifest) => archivedBeforeFull(task, claims) !== undefined;
  const sites = resolveSites(context, dataSets, tasks);
  const onSites = tasksOfSites(sites);
  const plan = deepFreeze<ProtectionPlan>({
    version: 1,
    name: context.prefix,
    timeZoneData: TIME_ZONE_DATA,
    tasks,
    copies,
    holdings: holdingsOf(tasks, copies, aws),
    ...(deployment.aws?.permissions_boundary !== undefined && { rolesBoundary: deployment.aws.permissions_boundary }),
    aws,
    awsTasks: resolveAwsTasks(context, tasks, aws, { isArchived, onSites }),
    awsReaders: resolveAwsReaders(context, tasks, aws),
    azure,
    azureReaders: resolveAzureReaders(context, tasks, azure),
    azureTasks: resolveAzureTasks(context, tasks, azure, { isArchived, onSites }),
    google,
    googleReaders: resolveGoogleReaders(context, tasks),
    googleTasks: resolveGoogleTasks(context, tasks, google, onSites),
    sites,
  });
  checkPlan({ context, dataSets, claims, plan });
  return plan;
}
