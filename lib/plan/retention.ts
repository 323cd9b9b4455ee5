import type { BackupType, EngineName } from '../contract';
import type { GeneralSpec } from '../spec';
import { intervalDaysOf, runTypeOf, typesOf } from './run';

/** Days that a store keeps objects beyond the longest chain, where the spec gives no number of its own. */
const BACKSTOP_DAYS = 90;

/** What the types of the spec mean for one engine, in days. */
export interface Retention {
  /** The longest time that a member of a chain is needed: until the last point that depends on it has passed its retention. */
  readonly longestChainDays: number;
  /** Lifecycle's number where the spec gives none. */
  readonly backstopDays: number;
  /** Shortest retention of all types. */
  readonly shortestDays: number;
  /** Days from the slot for which an object of a type is locked. */
  lockDays(type: BackupType): number;
  /** The longest of them: the bucket's default for uploads that say nothing. */
  readonly longestLockDays: number;
}

export function retentionOf(engine: EngineName, general: GeneralSpec): Retention {
  const types = typesOf(general.types).filter(([name]) => runTypeOf(engine, name) !== undefined);
  const dependents = types.filter(([name]) => runTypeOf(engine, name) !== 'full');
  const fullInterval = general.types.full ? intervalDaysOf(general.types.full) : 0;
  const longest = Math.max(0, ...types.map(([, type]) => type.retention));
  const longestDependent = Math.max(0, ...dependents.map(([, type]) => type.retention));
  const longestChainDays = dependents.length === 0 ? longest : Math.max(longest, fullInterval + longestDependent);

  // A missed full makes a chain one interval longer, so two intervals count.
  const lockDays = (name: BackupType): number => {
    const own = general.types[name]?.retention ?? 0;
    const kind = runTypeOf(engine, name);
    // Nothing is ever taken against a differential: increments follow the full or each other.
    if (dependents.length === 0 || kind === 'differential') return own;
    // Increments and logs hang on each other, whatever type of the spec each of them serves.
    const sameKind = types.filter(([other]) => runTypeOf(engine, other) === kind).map(([, type]) => type.retention);
    const dependent = kind === 'full' ? longestDependent : Math.max(own, ...sameKind);
    return Math.max(own, 2 * fullInterval + dependent);
  };
  return {
    longestChainDays,
    backstopDays: longestChainDays + BACKSTOP_DAYS,
    shortestDays: Math.min(...types.map(([, type]) => type.retention)),
    lockDays,
    longestLockDays: Math.max(0, ...types.map(([name]) => lockDays(name))),
  };
}
