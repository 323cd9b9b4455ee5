import { StoreError } from '../../../../lib/runner/store/store';
import { MemoryStore } from '../../../runner/memory-store';

const DAY = 86_400_000;

/** A place that is there, is not, or goes while somebody is at it. */
export interface Weather {
  down: boolean;
  /** Requests until it goes. @default - it stays */
  left: number | undefined;
}

export function isAway(weather: Weather): boolean {
  return weather.down || weather.left === 0;
}

/** A bucket with versions and object locks, by the clock of the year. */
export function bucketAt(id: string, now: () => Date, weather: Weather): MemoryStore {
  return new MemoryStore({
    id,
    now,
    fault: ({ phase }) => {
      if (phase === 'after') return;
      if (weather.left !== undefined && weather.left > 0) weather.left -= 1;
      if (isAway(weather)) throw new StoreError('retry', `${id} does not answer`);
    },
  });
}

/** The numbers of the plan for a bucket. */
export interface Lifecycle {
  readonly expireAfterDays: number;
  readonly noncurrentExpireAfterDays: number;
}

/**
 * What S3 does every day by the rules of a bucket: a marker over what is old, and the end of what has lain below one for
 * long enough, unless it is locked. The ledger is under no rule.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 * @returns how many objects got a marker, and how many versions ended
 */
export async function applyLifecycle(store: MemoryStore, rules: Lifecycle, now: Date) {
  const versions = [];
  for await (const one of store.list('', { versions: 'all' })) if (!one.key.startsWith('_')) versions.push(one);
  const age = (from: Date) => (now.getTime() - from.getTime()) / DAY;
  let [marked, ended] = [0, 0];
  for (const one of versions) {
    if (one.deleteMarker) continue;
    const over = versions.find(({ key, latest }) => key === one.key && latest);
    if (one.latest) {
      if (age(one.modified) < rules.expireAfterDays) continue;
      await store.remove(one.key, undefined);
      marked += 1;
    } else if (
      over &&
      age(over.modified) >= rules.noncurrentExpireAfterDays &&
      !(one.retainUntil && one.retainUntil > now)
    ) {
      await store.remove(one.key, one.version);
      if (over.deleteMarker) await store.remove(over.key, over.version);
      ended += 1;
    }
  }
  return { marked, ended };
}
