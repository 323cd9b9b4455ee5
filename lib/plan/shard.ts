import { spread } from '../units';

/** The shard of a task, counted from 1: a hash of its name, so that another task moves none. */
export function shardOf(task: string, shards: number): number {
  return spread(task, shards) + 1;
}
