import type { Copy } from '../contract';
import type { Claim } from './claim';
import { sharedPath } from './object-path';
import { storeId } from './task';
import type { PlacedSet } from './task';

/**
 * A task writes directly to the stores of its own cloud. Each store of backup.cloud in another cloud is filled by one
 * copy job that runs there and pulls, so that no cloud holds a key to another one's stores.
 */
export function copiesOf(placed: readonly PlacedSet[], claims: readonly Claim[]): readonly Copy[] {
  return placed
    .flatMap(({ dataSet, cloud, shared }) => {
      const source =
        claims.find((claim) => claim.cloud === cloud && claim.dataSet === dataSet && !claim.archiveOf) ??
        shared.find((one) => one.cloud === cloud);
      if (!source) return [];
      return shared
        .filter((claim) => claim.cloud !== cloud)
        .map((claim) => ({
          id: `copy.${dataSet.name}.${claim.store?.name ?? ''}`,
          from: [claim.path],
          dataSet: dataSet.name,
          source: storeId(source),
          destination: storeId(claim),
          region: claim.region ?? '',
          path: sharedPath(dataSet.name),
        }));
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}
