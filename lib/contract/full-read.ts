import { z } from 'zod';

/**
 * The longest that a full re-read may take: from its latest start to the earliest pruning after it, on the day that has
 * an hour less. What is pruned while it is read would be taken for lost.
 */
export const LONGEST_FULL_READ_SECONDS = (24 - 4 - 1) * 3600;

const instant = z.iso.datetime().describe('UTC');
const count = z.int().min(0);

/**
 * The verifier's word that it read again all that a store keeps of a data set. It lies beside the ledger, where no writer
 * writes, so that a reading that never came is noticed. What was found was told when it was found.
 */
export const FullRead = z.strictObject({
  version: z.literal(1),
  task: z.string(),
  store: z.string().describe('id of the store'),
  startedAt: instant.describe('what was stored later was not read'),
  endedAt: instant,
  backups: count,
  bytes: count,
  archived: z.strictObject({ backups: count, bytes: count }).describe('not read: it lies in an archive'),
  findings: z.record(z.string(), count).describe('how many of each kind'),
});

export type FullRead = z.infer<typeof FullRead>;
