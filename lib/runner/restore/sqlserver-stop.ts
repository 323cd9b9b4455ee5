import type { SetChain } from './sqlserver-chain';
import type { PlacedSet } from './sqlserver-sets';
import type { LogMoment, StopPoint } from './target';

/**
 * Where logs end, between the backups on both sides of the moment. SQL Server shows no single transactions of a backup:
 * its neighbours are the last set that lies before the moment, and the one within which it stops.
 */
export function stopOf(chains: readonly SetChain[]): StopPoint | undefined {
  for (const { full, rest, stop } of chains) {
    const inside = rest.at(-1);
    if (!stop?.reached || !inside) continue;
    const last = momentOf(rest.at(-2) ?? full);
    const next = momentOf(inside);
    return {
      file: inside.name,
      position: inside.header.lastLsn,
      ...(last && { last }),
      ...(next && { next }),
    };
  }
  return undefined;
}

function momentOf({ name, header, at }: PlacedSet): LogMoment | undefined {
  return at && { file: name, position: header.lastLsn, at: at.toISOString() };
}
