import type { Copy, TaskCopy } from '../contract';
import { afterWindow, delayAfterStart } from './after-window';
import type { WindowTimes } from './after-window';
import type { Claim } from './claim';
import type { PlanContext } from './context';
import { physicalBucket } from './physical-bucket';
import { keptBy, pathIn, storeId } from './task';
import type { PlacedSet } from './task';

/**
 * A task writes directly to the stores of its own cloud. Each store in another cloud, of the data set's own or of
 * backup.cloud, is filled by one copy job that runs there and pulls, so that no cloud holds a key to another one's stores.
 */
export function copiesOf(placed: readonly PlacedSet[], claims: readonly Claim[], window: WindowTimes): readonly Copy[] {
  return placed
    .flatMap((one) =>
      pulledStores(one, claims).map(({ claim, source }) => ({
        id: `copy.${one.dataSet.name}.${claim.store?.name ?? storeId(claim)}`,
        from: [claim.path],
        dataSet: one.dataSet.name,
        source,
        destination: storeId(claim),
        region: claim.region ?? '',
        path: pathIn(one.dataSet, claim),
        schedule: afterWindow(window, one.dataSet.name, copyWork(claim.cloud)),
      })),
    )
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The same stores as a task's own manifest names them, for the copy job that runs it. */
export function taskCopiesOf(
  context: PlanContext,
  placed: PlacedSet,
  claims: readonly Claim[],
  window: WindowTimes,
): readonly TaskCopy[] {
  const { name } = placed.dataSet;
  return pulledStores(placed, claims)
    .map(({ claim, source }) => ({
      id: `task.${name}.copy.${storeId(claim)}`,
      from: [claim.path],
      store: storeId(claim),
      cloud: claim.cloud,
      region: claim.region ?? '',
      ...(claim.account !== undefined && { account: claim.account }),
      bucket: physicalBucket(context, claim),
      path: pathIn(placed.dataSet, claim),
      ...keptBy(claim),
      source,
      delaySeconds: delayAfterStart(window, name, copyWork(claim.cloud)),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The work of the one job that fills all stores of a cloud, by which its minute after the window is found. */
export function copyWork(cloud: TaskCopy['cloud']): string {
  return `copy ${cloud}`;
}

function pulledStores({ dataSet, cloud, shared }: PlacedSet, claims: readonly Claim[]) {
  const source =
    claims.find((claim) => claim.cloud === cloud && claim.dataSet === dataSet && !claim.archiveOf) ??
    shared.find((one) => one.cloud === cloud);
  if (!source) return [];
  const own = claims.filter((claim) => claim.dataSet === dataSet && claim.cloud !== cloud && !claim.archiveOf);
  const ids = new Set(own.map(storeId));
  // One copy is enough for a store that is both.
  const others = shared.filter((claim) => claim.cloud !== cloud && !ids.has(storeId(claim)));
  return [...own, ...others].map((claim) => ({ claim, source: storeId(source) }));
}
