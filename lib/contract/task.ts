import { z } from 'zod';
import { days, nodeShape } from './node';

const Cadence = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['hourly', 'daily', 'weekly', 'monthly', 'as_needed']) }),
  z.strictObject({ kind: z.literal('every'), seconds: z.int().min(1) }),
]);

export const EngineName = z.enum(['postgresql', 'mysql', 'mariadb', 'sqlserver', 'files']);
export const BackupType = z.enum(['full', 'incremental', 'differential', 'log']);

/** What a task reads. Secrets are names in the cloud's secret store, never values. */
export const TaskSource = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('database'),
    host: z.string().optional().describe("left out: the tool's own environment says it"),
    port: z.int().optional(),
    database: z.string().optional().describe('left out: all databases of the server'),
    user: z.string().optional().describe("left out: the secret's own username"),
    tls: z.string().optional(),
    secret: z.string().describe("name in the cloud's secret store, made by the operator"),
    environment: z
      .array(z.string())
      .readonly()
      .describe('variables that the spec names for user and password; used for a run by hand'),
  }),
  z.strictObject({
    kind: z.literal('files'),
    paths: z.array(z.string()).readonly(),
    exclude: z.array(z.string()).readonly(),
    hidden: z.boolean(),
    permissions: z.boolean(),
    ownership: z.boolean(),
  }),
]);

/** One kind of run of a task, and the spec's types that it serves. */
export const TaskRun = z.strictObject({
  ...nodeShape,
  type: BackupType.describe('what runs'),
  for: z.array(BackupType).readonly().describe('the types of the spec that it serves'),
  cadence: Cadence,
  day: z.union([z.string(), z.int()]).optional().describe('weekday of a weekly run, day of a monthly one'),
  notOn: z.union([z.string(), z.int()]).optional().describe('day that belongs to the full backup'),
  retentionDays: days,
  lockDays: days.describe('days from the slot for which a stored object of this run is locked, where its store locks'),
  compression: z.enum(['gzip', 'zstd', 'none']),
  encryption: z.boolean(),
});

/** A place that the task writes to. */
export const TaskStore = z.strictObject({
  ...nodeShape,
  store: z.string().describe('id of the bucket or container in the plan'),
  cloud: z.enum(['aws', 'azure', 'google']),
  region: z.string(),
  account: z.string().optional().describe('storage account, on Azure'),
  bucket: z.string().describe('bucket or container'),
  path: z.string().describe('prefix with {year}, {month} and {day} in the zone of the window'),
  retrievalTier: z.string().optional().describe('how a restore thaws archived objects'),
});

export const TaskManifest = z.strictObject({
  ...nodeShape,
  version: z.literal(1),
  name: z.string(),
  engine: EngineName,
  tool: z.string().describe('pg_dump, mysqldump, mariadb-dump, sqlcmd or tar'),
  cloud: z.enum(['aws', 'azure', 'google']).describe('cloud in which it runs, or whose stores it writes to from hosts'),
  host: z.string().describe('container, or hosts with a tag or a machine'),
  source: TaskSource,
  options: z.record(z.string(), z.union([z.string(), z.boolean(), z.number(), z.array(z.string()).readonly()])),
  window: z.strictObject({ ...nodeShape, start: z.string(), end: z.string(), timeZone: z.string() }),
  runs: z.array(TaskRun).readonly(),
  local: z
    .strictObject({ ...nodeShape, path: z.string(), maxBytes: z.int().optional(), recipient: z.string().optional() })
    .nullable(),
  stores: z.array(TaskStore).readonly(),
  validation: z.strictObject({
    ...nodeShape,
    checksum: z.boolean(),
    testRestore: z.boolean(),
    cadence: Cadence,
    queries: z.array(z.string()).readonly(),
  }),
  expectedDurationSeconds: z.int().optional(),
  hardStop: z.boolean(),
  maxParallel: z.int(),
  hooks: z.strictObject({
    before: z.string().optional(),
    after: z.string().optional(),
    onError: z.string().optional(),
  }),
});

export type TaskManifest = z.infer<typeof TaskManifest>;
export type TaskRun = z.infer<typeof TaskRun>;
export type TaskStore = z.infer<typeof TaskStore>;
export type TaskSource = z.infer<typeof TaskSource>;
export type EngineName = z.infer<typeof EngineName>;
export type BackupType = z.infer<typeof BackupType>;
