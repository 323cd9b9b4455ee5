import { EngineError } from '../engine/engine';
import { offsetAt, offsetOf, stopText, zoneText } from './sqlserver-time';
import type { PlacedSet } from './sqlserver-sets';

/** What is restored of one database, in its order: proved before the first statement. */
export interface SetChain {
  readonly database: string;
  readonly full: PlacedSet;
  readonly rest: readonly PlacedSet[];
  readonly stop?: Stop;
}

export interface Stop {
  readonly until: Date;
  /** Of the source's clock, as STOPAT takes it. */
  readonly local: string;
  readonly zone: string;
  /** Whether a log goes beyond it; without, the database ends before the moment. */
  readonly reached: boolean;
}

/**
 * The chain of one database out of all its sets, oldest first: its last full up to the moment, and what follows it.
 * @returns `undefined` where the database was taken for the first time after the moment
 * @throws EngineError for a set that does not follow
 */
export function chainOf(database: string, sets: readonly PlacedSet[], until: Date | undefined): SetChain | undefined {
  const usable = until ? sets.filter((set) => set.header.type !== 'full' || !endsAfter(set, until)) : sets;
  const begin = usable.map(({ header }) => header.type).lastIndexOf('full');
  const full = usable[begin];
  if (!full) {
    const [first] = sets.filter(({ header }) => header.type === 'full');
    if (!first) throw refused(database, sets[0]?.name ?? 'it', 'no full goes before it');
    if (first.last) return undefined;
    throw new EngineError(
      'config',
      `database "${database}" was still being backed up at ${until?.toISOString() ?? ''}: ${first.name} ends later`,
      'choose a later moment, or a chain before it',
    );
  }
  const following = prove(database, full, usable.slice(begin + 1));
  const chain = { database, full, rest: following };
  if (!until) return chain;
  const differential = following.find(({ header }) => header.type === 'differential');
  if (differential && endsAfter(differential, until))
    throw refused(database, differential.name, `it ends after ${until.toISOString()}`);
  const offset = offsetAt([full, ...following], until);
  const local = until.getTime() + offset;
  // Whatever was written before a backup of the log began is in it.
  const reached = following.findIndex(({ header, started }) => header.type === 'log' && started > local);
  return {
    ...chain,
    rest: reached < 0 ? following : following.slice(0, reached + 1),
    stop: { until, local: stopText(until, offset), zone: zoneText(offset), reached: reached >= 0 },
  };
}

function endsAfter(set: PlacedSet, until: Date): boolean {
  const offset = offsetOf(set);
  return offset !== undefined && set.finished - offset > until.getTime();
}

/** As strict as the server: it would say 3136, 3154, 4305 or 4330 when half of it is done. */
function prove(database: string, full: PlacedSet, sets: readonly PlacedSet[]): readonly PlacedSet[] {
  const proved: PlacedSet[] = [];
  let at = BigInt(full.header.lastLsn);
  let { fork } = full.header;
  for (const set of sets) {
    const { header, name } = set;
    if (header.familyGuid !== full.header.familyGuid) throw refused(database, name, 'it is of another database');
    if (header.type === 'differential') {
      if (full.header.copyOnly)
        throw refused(database, name, `${full.name} is a copy_only full, which is no base of a differential`);
      if (header.baseGuid !== full.header.backupSetGuid)
        throw refused(database, name, `its base is ${header.baseGuid ?? 'unknown'}, and ${full.name} is another full`);
      if (proved.length > 0) throw refused(database, name, 'a differential follows its full at once');
    } else {
      if (header.firstFork !== fork) throw refused(database, name, 'it is of another recovery path');
      if (BigInt(header.firstLsn) > at)
        throw refused(
          database,
          name,
          `its log begins at LSN ${header.firstLsn}, and what goes before it ends at ${at}: what lies between is lost`,
        );
      // All of it is in what went before: the server would refuse it as too early.
      if (BigInt(header.lastLsn) <= at) continue;
    }
    at = BigInt(header.lastLsn);
    ({ fork } = header);
    proved.push(set);
  }
  return proved;
}

function refused(database: string, name: string, why: string): EngineError {
  return new EngineError(
    'source',
    `${name} can't be restored into database "${database}": ${why}`,
    'nothing was touched: choose another point by --from',
  );
}
