import type { Collector } from '../diagnostics';
import type { Tree } from '../syntax';
import { keyPlaces } from './key-places';
import { backup } from './schema/backup';
import { backupMonitoring } from './schema/monitoring';
import { businessContinuity } from './schema/business-continuity';
import { connections } from './schema/connections';
import { deployment } from './schema/deployment';
import { disasterRecovery } from './schema/disaster-recovery';
import type { DecodeContext, Type, Typed } from './type';

/** The blocks of a spec, in the order of the reference page. */
export const BLOCKS = {
  backup,
  disaster_recovery: disasterRecovery,
  business_continuity: businessContinuity,
  backup_monitoring: backupMonitoring,
  database: connections,
  deployment,
} as const satisfies Record<string, Type<unknown>>;

export const BLOCK_NAMES: readonly string[] = Object.keys(BLOCKS);

const KEY_PLACES = keyPlaces(Object.fromEntries(Object.entries(BLOCKS).map(([name, { shape }]) => [name, shape])));

/** A whole spec: what was refused is missing and was reported. */
export type Spec = { readonly [B in keyof typeof BLOCKS]: Typed<(typeof BLOCKS)[B]> | undefined };

export type Environment = Readonly<Record<string, string | undefined>>;

export interface DecodedSpec {
  readonly spec: Spec;
  /** Paths whose values were refused: nothing more is said about them. */
  readonly broken: ReadonlySet<string>;
}

/** Reads a tree into a typed Spec. */
export function decodeSpec(tree: Tree, environment: Environment, collector: Pick<Collector, 'report'>): DecodedSpec {
  const broken = new Set<string>();
  const context: DecodeContext = {
    report: collector.report,
    environment,
    markBroken: (path) => broken.add(path),
    keyPlaces: KEY_PLACES,
  };
  const spec: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(BLOCKS)) {
    const entry = tree.get(name);
    spec[name] = entry && type.decode(entry.value, name, context);
  }
  // A block that nobody wrote holds its defaults.
  spec.deployment ??= tree.has('deployment') ? undefined : defaultsOf(deployment, context);
  return { spec: spec as Spec, broken };
}

function defaultsOf<T>(type: Type<T>, context: DecodeContext): T | undefined {
  const nowhere = { file: { name: '', text: '' }, start: 0, end: 0 };
  return type.decode({ kind: 'object', entries: new Map(), span: nowhere, damaged: false }, '', context);
}
