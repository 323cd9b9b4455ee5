import { z } from 'zod';
import { nodeShape } from './node';
import { BackupType, RunSchedule } from './task';
import { TerraformBackend } from './terraform';

/** Data volumes: of the machines, or of the machine that holds the database. Always encrypted, never deleted with it. */
export const SiteVolume = z.strictObject({
  ...nodeShape,
  type: z.string().describe('disk type of the cloud'),
  sizeGiB: z.int().min(1),
  iops: z.int().min(1).optional().describe('left out: what the type gives'),
});

/** A private network of its own; no two sites overlap. */
export const SiteNetwork = z.strictObject({
  ...nodeShape,
  cidr: z.string().describe('a /20'),
  outbound: z
    .enum(['nat', 'public'])
    .describe('how machines get out: by a NAT, or (a site that sleeps) by an address of their own that nobody reaches'),
});

/** The machines of the application. */
export const SiteCompute = z.strictObject({
  ...nodeShape,
  instanceType: z.string(),
  architecture: z.enum(['x86_64', 'arm64']),
  image: z.string().optional().describe('image of the operator; left out: the current one of Ubuntu 24.04 LTS'),
  asleep: z.int().min(0).describe('machines that run until the site is activated'),
  active: z.strictObject({ least: z.int().min(1), most: z.int().min(1) }).describe('once it is activated'),
  autoScaling: z.boolean(),
  volume: SiteVolume.nullable(),
});

/** Layer 4: TLS ends on the machines, as on the primary, so that no certificate is needed on the worst day. */
export const SiteBalancer = z.strictObject({
  ...nodeShape,
  port: z.int().min(1),
  healthPath: z.string().optional().describe('asked by HTTPS at the port; left out: a connection is enough'),
});

/** The database of a site. */
export const SiteDatabase = z.discriminatedUnion('kind', [
  z
    .strictObject({
      ...nodeShape,
      kind: z.literal('replica'),
      engine: z.enum(['postgresql', 'mysql', 'mariadb']),
      databaseClass: z.string(),
      multiZone: z.boolean(),
      source: z.string().describe('id of the primary, as its own cloud names it'),
    })
    .describe('replica that the managed service keeps of a primary of the same cloud'),
  z
    .strictObject({
      ...nodeShape,
      kind: z.literal('service'),
      engine: z.enum(['postgresql', 'mysql']),
      version: z.string().describe('major version'),
      databaseClass: z.string(),
      multiZone: z.boolean(),
      sizeGiB: z.int().min(1),
    })
    .describe('managed database that is stopped, started to restore backups into, and when the site is activated'),
  z
    .strictObject({
      ...nodeShape,
      kind: z.literal('machines'),
      engine: z.enum(['postgresql', 'mysql', 'mariadb']).describe('MySQL and MariaDB only with backup_restore'),
      version: z.string().describe('major version'),
      instanceType: z.string(),
      architecture: z.enum(['x86_64', 'arm64']),
      count: z.int().min(1).max(2).describe('2: one in each of two zones'),
      volume: SiteVolume,
      always: z.boolean().describe('false: it runs only while it restores, and once the site is activated'),
    })
    .describe('machines with a database that follows the primary, or into which backups are restored'),
]);

/** The primary that a site follows, as far as the spec says it. Nothing secret. */
export const SitePrimary = z.strictObject({
  dataSet: z.string(),
  host: z.string().optional().describe('left out: unknown, and the site follows nothing yet'),
  port: z.int(),
  database: z.string().optional().describe('database with the heartbeat; left out: the one of the engine'),
  secret: z.string().describe("name in the cloud's secret store of the user that replicates, made by the operator"),
});

/** Where the primary puts its write-ahead log for a site: a store of the site's own. */
export const SiteArchive = z.strictObject({
  ...nodeShape,
  name: z
    .string()
    .describe('bucket or storage account; on AWS the account and region, on Google the project number end it'),
  container: z.string().optional().describe('on Azure'),
  path: z.string().describe('folder in it'),
  days: z.int().min(1).describe('how long segments are kept'),
});

export const SiteSynchronization = z.strictObject({
  ...nodeShape,
  method: z.enum(['streaming_replication', 'log_shipping', 'backup_restore']),
  lagSeconds: z.int().min(1).optional().describe('alarm beyond it; left out: none'),
  primary: SitePrimary.optional().describe('left out: with backup_restore'),
  archive: SiteArchive.optional().describe('with log_shipping into a machine'),
  restores: z
    .strictObject({
      ...nodeShape,
      schedule: RunSchedule,
      tasks: z.array(z.string()).min(1).readonly().describe('names of the data sets'),
    })
    .optional()
    .describe('with backup_restore'),
});

/** Backups that the site's own machine takes of its database while the site is active, into the stores of its data set. */
export const SiteBackups = z.strictObject({
  ...nodeShape,
  task: z.string().describe('name of the data set'),
  runs: z
    .array(z.strictObject({ type: BackupType.describe('a type of the spec'), schedule: RunSchedule }))
    .min(1)
    .readonly()
    .describe('as the task has them'),
  afterSeconds: z
    .int()
    .min(1)
    .describe("from the planned start to the slot: no slot of the site is one of the primary's, or of another site"),
});

/** The record that is failed over to the site, in a zone of the site's own cloud. */
export const SiteDns = z.strictObject({
  ...nodeShape,
  zone: z.string(),
  record: z.string(),
  primary: z.string().optional().describe('address of the primary; left out: unknown'),
  moveSeconds: z.int().min(1).describe('from the promotion until the last client is sent to the site'),
});

export const SiteActivation = z.strictObject({
  ...nodeShape,
  automated: z.boolean(),
  triggers: z.array(z.enum(['primary_site_unreachable', 'database_unreachable', 'manual_activation'])).readonly(),
  estimatedSeconds: z.int().min(1),
  healthUrls: z.array(z.string()).readonly(),
  abortSeconds: z.int().min(0).describe('how long a person may stop an automatic activation'),
  leaseSeconds: z.int().min(1).describe('after so long without the lease a primary is read-only by itself'),
  dns: SiteDns.nullable(),
});

/** One recovery site: a stack of its own. */
export const Site = z.strictObject({
  ...nodeShape,
  name: z.string().describe('its key in the spec'),
  kind: z.enum(['hot', 'warm', 'cold']),
  cloud: z.enum(['aws', 'azure', 'google']),
  region: z.string(),
  location: z.string().describe('for people'),
  account: z
    .string()
    .optional()
    .describe('AWS account, Azure subscription or Google project; left out: by the credentials'),
  stack: z.string().describe('name of the CloudFormation or Terraform stack'),
  prefix: z.string().describe('kebab case, prefix of the names of all that is in it, at most 40 characters'),
  backend: TerraformBackend.describe('of no use on AWS'),
  network: SiteNetwork,
  compute: SiteCompute,
  balancer: SiteBalancer,
  database: SiteDatabase.nullable(),
  synchronization: SiteSynchronization,
  backups: SiteBackups.optional().describe('left out: nobody backs its database up while it is active (DR3098)'),
  activation: SiteActivation,
});

export type SiteVolume = z.infer<typeof SiteVolume>;
export type SiteNetwork = z.infer<typeof SiteNetwork>;
export type SiteCompute = z.infer<typeof SiteCompute>;
export type SiteBalancer = z.infer<typeof SiteBalancer>;
export type SiteDatabase = z.infer<typeof SiteDatabase>;
export type SitePrimary = z.infer<typeof SitePrimary>;
export type SiteArchive = z.infer<typeof SiteArchive>;
export type SiteSynchronization = z.infer<typeof SiteSynchronization>;
export type SiteBackups = z.infer<typeof SiteBackups>;
export type SiteDns = z.infer<typeof SiteDns>;
export type SiteActivation = z.infer<typeof SiteActivation>;
export type Site = z.infer<typeof Site>;
