import { z } from 'zod';
import { BackupType, EngineName } from './task';
import { Slot } from './backup-manifest';

const instant = z.iso.datetime().describe('UTC');
const seconds = z.number().min(0);

/** One thing that was looked at after a restore. */
export const RestoreCheck = z.strictObject({
  kind: z.enum(['freshness', 'count', 'query', 'integrity', 'newest']),
  name: z
    .string()
    .describe('table, folder, query or tool; never an answer that holds data, except of counts and times'),
  result: z.enum(['passed', 'failed', 'told']).describe('told: said for people, no judgement'),
  expected: z.string().optional(),
  found: z.string().optional(),
});

/**
 * What a test restore or a drill came to. It lies in `_records/<data set>/`, create-only, inside of an envelope that is
 * signed (DSSE, https://github.com/secure-systems-lab/dsse).
 */
export const RestoreRecord = z.strictObject({
  version: z.literal(1),
  kind: z.enum(['test-restore', 'drill']),
  task: z.string(),
  engine: EngineName,
  startedAt: instant,
  endedAt: instant,
  result: z.enum(['passed', 'failed']),
  why: z.string().optional().describe('of a failure'),
  store: z.string().optional().describe('id of the place that was read; left out: nothing was'),
  backup: z
    .strictObject({
      slot: Slot,
      type: BackupType,
      sha256: z.string().describe('of its manifest'),
      pointInTime: instant,
      bytes: z.int().min(0).describe('stored bytes of its chain'),
    })
    .optional(),
  steps: z.array(z.strictObject({ step: z.string(), seconds })).readonly(),
  rtoAchievedSeconds: seconds.optional().describe('from the first read of the store to a target that answers'),
  rpoAchievedSeconds: seconds.optional().describe("from the backup's point in time to the start of the test"),
  objective: z
    .strictObject({ tier: z.string(), rtoSeconds: z.int().optional(), rpoSeconds: z.int().optional() })
    .optional()
    .describe('what the spec promises'),
  checks: z.array(RestoreCheck).readonly(),
  warnings: z.array(z.string()).readonly(),
  tools: z.record(z.string(), z.string()).describe('versions of tools, of the throw-away server and of this program'),
});

export type RestoreCheck = z.infer<typeof RestoreCheck>;
export type RestoreRecord = z.infer<typeof RestoreRecord>;
