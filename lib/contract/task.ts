import { z } from 'zod';
import { days, nodeShape } from './node';

const Cadence = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['hourly', 'daily', 'weekly', 'monthly', 'as_needed']) }),
  z.strictObject({ kind: z.literal('every'), seconds: z.int().min(1) }),
]);

const Weekday = z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']);

/** When a run starts: on dates of a zone's calendar, or every so many seconds of UTC, counted from midnight. */
export const RunSchedule = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('calendar'),
    at: z.string().describe('HH:MM on the clock of the zone'),
    timeZone: z.string(),
    days: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('all') }),
        z.strictObject({ kind: z.literal('weekdays'), weekdays: z.array(Weekday).readonly() }),
        z.strictObject({ kind: z.enum(['month_day', 'not_month_day']), monthDay: z.int().min(1).max(29) }),
      ])
      .describe('days on which the start itself lies; a window opens the day before when it starts after midnight'),
  }),
  z.strictObject({
    kind: z.literal('interval'),
    everySeconds: z.int().min(60),
    offsetSeconds: z.int().min(0),
  }),
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
  schedule: RunSchedule,
  expectedSeconds: z.int().min(1).describe('how long it is expected to take'),
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
  keptDays: days
    .optional()
    .describe("days after which the store's own lifecycle deletes, where the spec says it; left out: types decide"),
  retrievalTier: z.string().optional().describe('how a restore thaws archived objects'),
});

/** A store in another cloud, which a copy job there fills: the task itself has no key to it. */
export const TaskCopy = TaskStore.extend({
  source: z.string().describe("id of the task's store that the job reads"),
  delaySeconds: z
    .int()
    .min(0)
    .optional()
    .describe('from the start of the window until a copy of its runs is expected to have begun; left out: at once'),
});

/** A bucket that replication fills from a store of the task, ledger and all, version by version. */
export const TaskReplica = TaskStore.omit({ id: true, from: true, cloud: true }).extend({
  of: z.string().describe("id of the task's store that it follows"),
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
  copies: z.array(TaskCopy).readonly(),
  replicas: z
    .array(TaskReplica)
    .readonly()
    .optional()
    .describe('on AWS, read by restores where the store itself is gone, and by nobody else; left out: none'),
  validation: z.strictObject({
    ...nodeShape,
    checksum: z.boolean(),
    testRestore: z
      .strictObject({
        schedule: RunSchedule,
        database: z
          .string()
          .optional()
          .describe('database in which the queries run; left out: the only one that there is'),
        byHand: z
          .literal(true)
          .optional()
          .describe('the image of tasks has no server of the engine: no schedule starts it; left out: one does'),
      })
      .optional()
      .describe('when the newest backup is restored into a throw-away target; left out: never by itself'),
    cadence: Cadence,
    fullRead: RunSchedule.optional().describe(
      'when all that is stored is read again, in each cloud that holds it; left out: never by itself',
    ),
    queries: z
      .array(z.string())
      .readonly()
      .describe('asked of a test restore; each must answer with a first value that is not false, 0, empty or NULL'),
  }),
  objective: z
    .strictObject({
      tier: z.string(),
      rtoSeconds: z.int().min(0).optional(),
      rpoSeconds: z.int().min(0).optional(),
    })
    .optional()
    .describe('what the spec promises for it; left out: nothing'),
  hardStop: z.boolean(),
  maxParallel: z.int(),
  hooks: z.strictObject({
    before: z.string().optional(),
    after: z.string().optional(),
    onError: z.string().optional(),
  }),
});

export type TaskManifest = z.infer<typeof TaskManifest>;
export type RunSchedule = z.infer<typeof RunSchedule>;
export type TaskRun = z.infer<typeof TaskRun>;
export type TaskStore = z.infer<typeof TaskStore>;
export type TaskReplica = z.infer<typeof TaskReplica>;
export type TaskCopy = z.infer<typeof TaskCopy>;
export type TaskSource = z.infer<typeof TaskSource>;
export type EngineName = z.infer<typeof EngineName>;
export type BackupType = z.infer<typeof BackupType>;
