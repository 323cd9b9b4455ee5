import { EngineError } from './engine';
import type { Database } from './sqlserver-catalogue';

export interface Choice {
  readonly usable: readonly Database[];
  /** Should be backed up and cannot be now. */
  readonly broken: readonly { readonly name: string; readonly why: string }[];
  /** Not meant to be backed up here: switched off, or a copy that is being restored to. */
  readonly passive: readonly { readonly name: string; readonly why: string }[];
}

/** States that an operator or a restore brought about; others are trouble: https://learn.microsoft.com/sql/relational-databases/databases/database-states */
const PASSIVE = ['OFFLINE', 'RESTORING', 'COPYING'];

/** @throws EngineError where the database that is asked for cannot be had */
export function chooseDatabases(databases: readonly Database[], wanted: string | undefined): Choice {
  const asked = wanted === undefined ? databases : named(databases, wanted);
  if (wanted !== undefined && asked.length === 0)
    throw new EngineError('config', `there is no database "${wanted}"`, 'check the name of the database');
  const why = ({ state, standby }: Database) => (standby ? 'it is a standby of log shipping' : `it is ${state}`);
  const here = asked.filter(({ state, standby }) => state === 'ONLINE' && !standby);
  const passive = asked.filter(({ state, standby }) => standby || PASSIVE.includes(state));
  const broken = asked.filter((one) => !here.includes(one) && !passive.includes(one));
  const [first] = [...passive, ...broken];
  if (wanted !== undefined && first)
    throw new EngineError('config', `database "${first.name}" cannot be backed up: ${why(first)}`, 'bring it online');
  const told = (list: readonly Database[]) => list.map((one) => ({ name: one.name, why: why(one) }));
  return { usable: here, broken: told(broken), passive: told(passive) };
}

/** A collation may tell upper from lower case: what is written exactly so comes first. */
function named(databases: readonly Database[], wanted: string): readonly Database[] {
  const exact = databases.filter(({ name }) => name === wanted);
  return exact.length > 0 ? exact : databases.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase());
}
