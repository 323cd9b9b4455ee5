import type { LastRestore } from './last-restore';
import type { PlacedChain } from './point';
import { storedBytes } from './stored-bytes';

/** How long a restore will take, about. */
export interface Expected {
  readonly expectedSeconds: number;
  /** By the newest restore on record, in bytes a second; or as long as taking the chain took, where none was measured. */
  readonly expectedFrom: 'restore' | 'backup';
}

/** A small backup is no faster by the byte than a large one: a server has to start all the same. */
export function expectedOf(chain: PlacedChain | undefined, last: LastRestore | undefined): Expected {
  const measured = chain && measuredSeconds(storedBytes(chain), last);
  if (measured !== undefined) return { expectedSeconds: measured, expectedFrom: 'restore' };
  const members = chain?.members ?? [];
  const taken = members.map(({ manifest: { startedAt, endedAt } }) => Date.parse(endedAt) - Date.parse(startedAt));
  return {
    expectedSeconds: taken.reduce((sum, milliseconds) => sum + Math.ceil(milliseconds / 1000), 0),
    expectedFrom: 'backup',
  };
}

function measuredSeconds(bytes: number, last: LastRestore | undefined): number | undefined {
  const { rtoAchievedSeconds, backup } = last?.record ?? {};
  if (rtoAchievedSeconds === undefined || backup === undefined || backup.bytes === 0) return undefined;
  return Math.ceil(rtoAchievedSeconds * Math.max(1, bytes / backup.bytes));
}
