import type { Report } from '../diagnostics';
import type { Spec } from '../spec';
import type { BackupSpec, DeploymentSpec } from '../spec';

/** What every step of the resolution may ask. The spec has no errors when it comes here. */
export interface PlanContext {
  readonly spec: Spec;
  readonly backup: BackupSpec;
  readonly deployment: DeploymentSpec;
  readonly report: Report;
  /** Prefix of every name that the spec does not give. */
  readonly prefix: string;
  /** Severity of a key or URL that is not set: a warning, or an error under --strict-env or in production. */
  readonly unset: 'warning' | 'error';
}

export function prefixOf(deployment: DeploymentSpec): string {
  return deployment.environment === 'default' ? deployment.name : `${deployment.name}-${deployment.environment}`;
}
