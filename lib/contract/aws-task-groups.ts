import { z } from 'zod';
import { AwsTaskStore } from './aws-task-store';
import { nodeShape } from './node';
import { RunSchedule } from './task';

/** A role that tasks of a shard share for a store; the runner narrows it to the places of one task. */
export const AwsSharedRole = z.strictObject({
  ...nodeShape,
  work: z.enum(['writer', 'copier', 'verifier', 'pruner', 'restorer']),
  store: AwsTaskStore.describe('prefixes: of all the tasks, or beginnings of them where these are many'),
  ledgers: z.array(z.string()).min(1).readonly().describe('beginnings of the ledgers of the tasks'),
});

/** Starts of a shard that lie within an hour on the same days: one schedule starts the first, the others wait. */
export const AwsStartList = z.strictObject({
  ...nodeShape,
  name: z.string().describe('name of its schedule in its group, at most 64 characters'),
  schedule: RunSchedule.describe('of the first'),
  starts: z
    .array(
      z.strictObject({
        id: z.string().describe("id of the task's schedule"),
        afterSeconds: z.int().min(0).describe('from the first start to this one'),
      }),
    )
    .min(1)
    .readonly(),
});

/** What the tasks of a shard share where an account has no room for identities and schedules of each. */
export const AwsTaskGroups = z.strictObject({
  roles: z.array(AwsSharedRole).readonly(),
  secrets: z
    .array(z.string())
    .readonly()
    .describe('names of the secrets of sources, or beginnings of them that end with a slash'),
  lists: z.array(AwsStartList).readonly(),
});

export type AwsSharedRole = z.infer<typeof AwsSharedRole>;
export type AwsStartList = z.infer<typeof AwsStartList>;
export type AwsTaskGroups = z.infer<typeof AwsTaskGroups>;
