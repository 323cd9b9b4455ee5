import { childPath } from '../diagnostics';
import type { DeploymentSpec } from '../spec';

/** How stored objects of a place are protected against deletion; `undefined` days are computed by the cloud's rule. */
export interface Immutability {
  readonly mode: 'off' | 'governance' | 'compliance';
  readonly days: number | undefined;
  /** True where the spec asks for it, rather than taking the default. */
  readonly asked: boolean;
  /** Paths of the spec that decide it. */
  readonly from: readonly string[];
}

/** @param names names under which `deployment.immutability.stores` may speak of the place */
export function immutabilityOf(deployment: DeploymentSpec, names: readonly string[]): Immutability {
  const general = deployment.immutability;
  if (!general) return { mode: 'governance', days: undefined, asked: false, from: [] };
  const name = names.find((one) => general.stores?.has(one));
  const own = name === undefined ? undefined : general.stores?.get(name);
  if (own) {
    const path = childPath('deployment.immutability.stores', name ?? '');
    return { mode: own.mode, days: own.days ?? general.days, asked: true, from: [path] };
  }
  return {
    mode: general.mode,
    days: general.days,
    asked: general.mode === 'compliance',
    from: ['deployment.immutability.days', 'deployment.immutability.mode'],
  };
}
