import type { TaskManifest } from '../../contract';

/** A database machine into which backups are restored. Nothing in it is secret. */
export interface RestoreMachine {
  /** Name of the site; typed by whoever confirms an activation. */
  readonly site: string;
  readonly cloud: 'aws' | 'azure' | 'google';
  /** Region of the site, or the project's own word for it: what requests are signed for. */
  readonly region: string;
  readonly engine: 'postgresql' | 'mysql' | 'mariadb';
  /** Major version of the server. */
  readonly version: string;
  /** Address of the object that says whether the site is active: `revoked` once the primary has lost its lease. */
  readonly leaseUrl: string;
  /** Size of the data volume, by which the machine finds it among its disks. */
  readonly volumeGiB: number;
  /**
   * Namespace of the numbers `RestoreSucceeded`, `RestoreFailed` and `RestoreSeconds`, and what tells the site's from those
   * of other sites there, of which one may have the same name.
   */
  readonly metric: { readonly namespace: string; readonly site: string };
  /** What is restored, in this order. */
  readonly tasks: readonly TaskManifest[];
  /** The runner as one file, which whoever delivers the installer put there. */
  readonly runner: { readonly path: string; readonly sha256: string };
}
