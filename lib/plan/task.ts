import type { CloudId } from '../clouds';
import type { AwsStack, TaskManifest, TaskRun, TaskSource, TaskStore } from '../contract';
import { childPath } from '../diagnostics';
import { Duration } from '../units';
import type { Claim } from './claim';
import type { PlanContext } from './context';
import type { DataSet } from './data-set';
import { fullReadOf } from './full-read';
import { sharedPath } from './object-path';
import { objectiveOf } from './objective';
import { physicalBucket } from './physical-bucket';
import { replicasOfTask } from './replica';
import { retentionOf } from './retention';
import { runsOf } from './run';
import type { RunDraft } from './run';
import { scheduleRuns, windowOf } from './slots';
import { hasTestServer, testRestoreOf } from './test-restore';

/** A data set with what the plan knows of where it is kept: its own stores and the shared ones of its cloud. */
export interface PlacedSet {
  readonly dataSet: DataSet;
  readonly cloud: CloudId;
  /** Stores of backup.cloud that get a copy of it. */
  readonly shared: readonly Claim[];
}

/** The cloud in which a data set's task runs follows from its own stores, else from the first shared one. */
export function placeSets(
  context: PlanContext,
  dataSets: readonly DataSet[],
  claims: readonly Claim[],
): readonly PlacedSet[] {
  const stores = claims.filter((claim) => claim.store !== undefined);
  return dataSets.flatMap((dataSet) => {
    const wanted = dataSet.spec.set.copies;
    reportDisabledCopies(context, dataSet, wanted);
    const shared = stores.filter((claim) => !wanted || wanted.includes(claim.store?.name ?? ''));
    const cloud = ownCloud(dataSet) ?? shared[0]?.cloud;
    if (cloud) return [{ dataSet, cloud, shared }];
    context.report({
      code: 'DR3005',
      path: dataSet.path,
      message: `"${dataSet.name}" is kept in no cloud${dataSet.storage.local ? ': its only copy is on the host that it protects against losing' : ''}`,
      fix: 'add s3, glacier, azure or gcs to its storage, or a store to backup.cloud',
    });
    return [];
  });
}

function reportDisabledCopies(context: PlanContext, dataSet: DataSet, wanted: readonly string[] | undefined): void {
  wanted?.forEach((name, index) => {
    if (context.backup.cloud?.get(name)?.enabled !== false) return;
    context.report({
      code: 'DR3018',
      path: `${dataSet.path}.copies[${index}]`,
      message: `"${dataSet.name}" is to be copied to "${name}", which is switched off`,
      fix: `switch ${name} on, or remove it from copies`,
    });
  });
}

function ownCloud(dataSet: DataSet): CloudId | undefined {
  const { s3, glacier, azure, gcs } = dataSet.storage;
  if (s3 || glacier) return 'aws';
  if (azure) return 'azure';
  return gcs ? 'google' : undefined;
}

export function taskOf(
  context: PlanContext,
  placed: PlacedSet,
  claims: readonly Claim[],
  copies: TaskManifest['copies'],
  aws: readonly AwsStack[],
): TaskManifest {
  const { dataSet, cloud } = placed;
  const { general } = context.backup;
  const settings = context.deployment.tasks?.get(dataSet.name);
  const retention = retentionOf(dataSet.engine, general);
  const recipient = context.deployment.encryption?.recipient;
  const host = settings?.host ?? defaultHost(dataSet);
  const stores = storesOf(context, placed, claims);
  const replicas = replicasOfTask(context, { name: dataSet.name, stores }, aws);
  const { objective, from: promised } = objectiveOf(context, dataSet.name);
  const local = keepsFolder(cloud, host) ? dataSet.storage.local : undefined;
  return {
    id: `task.${dataSet.name}`,
    from: [
      'backup.general.enabled',
      dataSet.path,
      childPath('deployment.tasks', dataSet.name),
      childPath('database', dataSet.name),
      'deployment.max_parallel',
      ...promised,
    ].sort(),
    version: 1,
    name: dataSet.name,
    engine: dataSet.engine,
    tool: dataSet.spec.kind === 'files' ? 'tar' : dataSet.spec.set.type,
    cloud,
    host,
    source: sourceOf(context, dataSet),
    options: optionsOf(dataSet),
    window: {
      id: `task.${dataSet.name}.window`,
      from: ['backup.general.backup_window'],
      start: general.backup_window.start.toString(),
      end: general.backup_window.end.toString(),
      timeZone: general.backup_window.timezone,
    },
    runs: scheduled(context, dataSet, runsOf(dataSet.engine, general, dataSet.name, retention.lockDays)),
    local: local
      ? {
          id: `task.${dataSet.name}.local`,
          from: [`${dataSet.path}.storage.local`, ...(recipient === undefined ? [] : ['deployment.encryption'])],
          path: local.path,
          ...(local.max_size !== undefined && { maxBytes: local.max_size.toCapBytes() }),
          ...(recipient !== undefined && { recipient }),
        }
      : null,
    stores,
    copies,
    ...(replicas && { replicas }),
    validation: validationOf(context, dataSet),
    ...(objective && { objective }),
    hardStop: settings?.hard_stop ?? false,
    maxParallel: context.deployment.max_parallel,
    hooks: {
      ...(settings?.hooks?.before !== undefined && { before: settings.hooks.before }),
      ...(settings?.hooks?.after !== undefined && { after: settings.hooks.after }),
      ...(settings?.hooks?.on_error !== undefined && { onError: settings.hooks.on_error }),
    },
  };
}

function scheduled(
  context: PlanContext,
  { name, engine, path }: DataSet,
  drafts: readonly RunDraft[],
): readonly TaskRun[] {
  const asked = context.deployment.tasks?.get(name)?.expected_duration;
  const window = windowOf(context.backup.general);
  const { runs, tooSmall } = scheduleRuns({ name, engine, expectedSeconds: asked?.seconds, runs: drafts }, window);
  if (tooSmall) {
    const [needed, left] = [Duration.minutes(tooSmall.needed), Duration.minutes(tooSmall.left)];
    context.report({
      code: 'DR3055',
      path: asked ? `${childPath('deployment.tasks', name)}.expected_duration` : path,
      message: `the runs of "${name}" that follow each other on one date take ${needed}, and the window has ${left} for them`,
      fix: 'widen backup.general.backup_window, or say a true expected_duration',
    });
  }
  return runs;
}

function validationOf(context: PlanContext, { name, path, engine, spec }: DataSet): TaskManifest['validation'] {
  const { backup, deployment } = context;
  const { validation } = spec.set;
  const cadence = validation?.frequency ?? { kind: 'weekly' };
  const checksum = (validation?.enabled ?? true) && (validation?.verify_checksum ?? true);
  const window = windowOf(backup.general);
  const fullRead = checksum ? fullReadOf(cadence, window, name) : undefined;
  const asked = (validation?.enabled ?? false) && (validation?.test_restore ?? false);
  const { queries = [], database } = deployment.validation?.get(name) ?? {};
  return {
    id: `task.${name}.validation`,
    from: [`${path}.validation`, childPath('deployment.validation', name)],
    checksum,
    ...(asked && {
      testRestore: {
        schedule: testRestoreOf(cadence, window, name),
        ...(database !== undefined && { database }),
        ...(!hasTestServer(engine, context) && { byHand: true as const }),
      },
    }),
    cadence,
    ...(fullRead && { fullRead }),
    queries,
  };
}

/** Files lie on hosts; SQL Server writes its backups to a folder of its own host. */
function defaultHost(dataSet: DataSet): string {
  const onHost = dataSet.engine === 'files' || dataSet.engine === 'sqlserver';
  return onHost ? `hosts:hypnoscript:backup=${dataSet.name}` : 'container';
}

/** Containers of Azure and Google have no disk that outlives them; on AWS a file system holds it, on a host its own. */
function keepsFolder(cloud: CloudId, host: string): boolean {
  return cloud === 'aws' || host !== 'container';
}

function sourceOf(context: PlanContext, dataSet: DataSet): TaskSource {
  if (dataSet.spec.kind === 'files') {
    const { paths, settings } = dataSet.spec.set;
    return {
      kind: 'files',
      paths,
      exclude: settings?.exclude_patterns ?? [],
      hidden: settings?.include_hidden ?? true,
      permissions: settings?.preserve_permissions ?? true,
      ownership: settings?.preserve_ownership ?? true,
    };
  }
  const connection = context.spec.database?.get(dataSet.name);
  const server = connection?.replica ?? connection?.primary;
  const user = server?.username;
  const variables = [user && 'variable' in user ? user.variable : undefined, server?.password?.variable];
  return {
    kind: 'database',
    ...(server && { host: server.host, tls: server.ssl_mode }),
    ...(server?.port !== undefined && { port: server.port }),
    ...(server?.database !== undefined && { database: server.database }),
    ...(user && 'literal' in user && { user: user.literal }),
    secret: `${context.deployment.name}/${dataSet.name}`,
    environment: variables.filter((one) => one !== undefined),
  };
}

function optionsOf(dataSet: DataSet): TaskManifest['options'] {
  if (dataSet.spec.kind === 'files') return {};
  const options: Record<string, string | boolean | number | readonly string[]> = {};
  for (const [name, value] of Object.entries(dataSet.spec.set.settings ?? {})) {
    if (value !== undefined) options[name] = value;
  }
  return options;
}

function storesOf(
  context: PlanContext,
  { dataSet, cloud, shared }: PlacedSet,
  claims: readonly Claim[],
): readonly TaskStore[] {
  const own = claims.filter(
    (claim) => claim.dataSet === dataSet && claim.cloud === cloud && claim.archiveOf === undefined,
  );
  const direct = shared.filter((claim) => claim.cloud === cloud);
  const tier = dataSet.storage.glacier?.retrieval_tier;
  return [...own, ...direct].map((claim) => ({
    id: `task.${dataSet.name}.store.${storeId(claim)}`,
    from: [
      claim.path,
      ...(tier !== undefined && claim.cloud === 'aws' ? [`${dataSet.path}.storage.glacier.retrieval_tier`] : []),
    ].sort(),
    store: storeId(claim),
    cloud: claim.cloud,
    region: claim.region ?? '',
    ...(claim.account !== undefined && { account: claim.account }),
    bucket: physicalBucket(context, claim),
    path: pathIn(dataSet, claim),
    ...keptBy(claim),
    ...(tier !== undefined && claim.cloud === 'aws' && { retrievalTier: tier }),
  }));
}

export function storeId(claim: Pick<Claim, 'cloud' | 'account' | 'bucket'>): string {
  return claim.cloud === 'azure'
    ? `azure.container.${claim.account ?? ''}/${claim.bucket}`
    : `${claim.cloud}.bucket.${claim.bucket}`;
}

/** Days that a store keeps what lies in it, where the spec says so: an explicit lifecycle of the destination wins. */
export function keptBy({ expirePath, expireAfterDays }: Claim): Pick<TaskStore, 'keptDays'> {
  return expirePath === undefined || expireAfterDays === undefined ? {} : { keptDays: expireAfterDays };
}

/** Where the data set lies in a store: of its own, or of all. */
export function pathIn(dataSet: DataSet, claim: Claim): string {
  return claim.store ? sharedPath(dataSet.name) : ownPath(dataSet, claim);
}

function ownPath(dataSet: DataSet, claim: Claim): string {
  const { s3, glacier, azure, gcs } = dataSet.storage;
  if (claim.cloud === 'azure') return azure?.path ?? '';
  if (claim.cloud === 'google') return gcs?.path ?? '';
  return s3?.path ?? glacier?.path ?? '';
}
