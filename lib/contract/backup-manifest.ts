import { z } from 'zod';
import { BackupType, EngineName } from './task';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const instant = z.iso.datetime().describe('UTC');

/** A slot: the planned start of a run in UTC, as it stands in object names. */
export const Slot = z.string().regex(/^\d{8}T\d{6}Z$/);

/** What a store itself said of an object when it took it. */
export const StoreReceipt = z.strictObject({
  store: z.string().describe('id of the store'),
  checksum: z.string().optional().describe('algorithm:value, as the store computes it: crc64nvme, sha256, md5, crc32c'),
  etag: z.string().optional(),
  version: z.string().optional().describe('version id or generation, where the store told it'),
});

export const Segment = z.strictObject({
  name: z.string().describe('last part of the object key, <stream>.<number>'),
  bytes: z.int().min(0),
  sha256,
  receipts: z.array(StoreReceipt).readonly(),
});

/** The same bytes for all stores that take them so: encrypted by the store's own key, or by us to a recipient. */
export const Encoding = z.strictObject({
  encryption: z.enum(['store', 'age', 'none']),
  stores: z.array(z.string()).readonly().describe('ids of the stores that hold these bytes'),
  bytes: z.int().min(0),
  sha256: sha256.describe('of all segments together'),
  segments: z.array(Segment).min(1).readonly(),
});

export const BackupStream = z.strictObject({
  name: z.string().describe('such as globals, or the name of a database'),
  format: z.enum(['pg_custom', 'pg_directory_tar', 'pg_plain', 'pg_tar', 'sql', 'tar', 'binlog', 'sqlserver']),
  database: z.string().optional(),
  compression: z.enum(['none', 'gzip', 'zstd', 'internal']).describe('internal: by the format itself'),
  bytes: z.int().min(0).describe('as the engine wrote them'),
  sha256: sha256.describe('as the engine wrote them'),
  encodings: z.array(Encoding).min(1).readonly(),
});

/** How much of something the backup holds. */
export const Content = z.strictObject({
  database: z.string().optional(),
  name: z.string().describe('table, or root of a file set'),
  rows: z.int().min(0).optional(),
  entries: z.int().min(0).optional(),
  bytes: z.int().min(0).optional(),
  exact: z.boolean(),
});

/**
 * The proof of a run: created last and conditionally, so that nothing exists without it. Its SHA-256 is what the next
 * member of a chain names as its parent.
 */
export const BackupManifest = z.strictObject({
  version: z.literal(1),
  task: z.string(),
  engine: EngineName,
  type: BackupType,
  for: z.array(BackupType).readonly().describe('types of the spec that the run serves'),
  slot: Slot,
  attempt: z.string().regex(/^[0-9a-f]{16}$/),
  startedAt: instant,
  endedAt: instant,
  parent: z.strictObject({ slot: Slot, type: BackupType, sha256 }).nullable(),
  fullBecause: z.string().optional().describe('why a full was taken where an increment was asked for'),
  source: z.strictObject({
    identity: z.record(z.string(), z.string()).describe('system_identifier, server_uuid, mount device, ...'),
    position: z.record(z.string(), z.string()).describe('LSN, binlog coordinate, GTID set, tar state, ...'),
  }),
  pointInTime: instant.describe('the start of the snapshot'),
  tools: z.record(z.string(), z.string()).describe('versions of tools, servers and this program'),
  contents: z.array(Content).readonly(),
  streams: z.array(BackupStream).min(1).readonly(),
  dropped: z.array(z.strictObject({ store: z.string(), why: z.string() })).readonly(),
  degraded: z.array(z.strictObject({ name: z.string(), why: z.string() })).readonly(),
  lockedUntil: instant.describe('asked of each store that locks single objects, those of `unlocked` excepted'),
  unlocked: z
    .array(z.string())
    .readonly()
    .optional()
    .describe('stores that lock single objects and did not lock these; left out by programs that did not look'),
  expiresAt: instant.describe('end of its own retention; a chain may need it longer'),
});

/** The verifier's word on one manifest in one store, kept where no writer can write. */
export const LedgerEntry = z.strictObject({
  version: z.literal(1),
  store: z.string(),
  manifestKey: z.string(),
  manifestSha256: sha256,
  manifest: z.string().describe("the manifest's own bytes"),
  verifiedAt: instant,
  method: z.enum(['head', 'full']),
  objects: z
    .array(
      z.strictObject({
        key: z.string(),
        bytes: z.int(),
        version: z.string().optional(),
        checksum: z.string().optional(),
      }),
    )
    .readonly(),
});

export type BackupManifest = z.infer<typeof BackupManifest>;
export type BackupStream = z.infer<typeof BackupStream>;
export type Encoding = z.infer<typeof Encoding>;
export type Segment = z.infer<typeof Segment>;
export type StoreReceipt = z.infer<typeof StoreReceipt>;
export type Content = z.infer<typeof Content>;
export type LedgerEntry = z.infer<typeof LedgerEntry>;
