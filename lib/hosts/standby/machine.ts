import type { StandbyBackups } from './backup';

/** The write-ahead log that a primary archives, as pgBackRest finds it. */
export interface StandbyArchive {
  readonly cloud: 'aws' | 'azure' | 'google';
  /** Bucket, or the storage account on Azure. */
  readonly store: string;
  /** On Azure. */
  readonly container?: string;
  readonly region: string;
  /** Folder in the bucket or container. */
  readonly path: string;
}

/** The object without which a primary is read-only: `granted` or `revoked`, a term and the second it was written. */
export interface StandbyLease {
  /** Address of the object, `https://...`. */
  readonly url: string;
  /** After so many seconds without it a primary is read-only by itself. */
  readonly seconds: number;
}

/** A database machine of a recovery site. Nothing in it is secret. */
export interface StandbyMachine {
  /** Name of the site; typed by whoever confirms a promotion. */
  readonly site: string;
  readonly cloud: 'aws' | 'azure' | 'google';
  /** Region of the site, or the project's own word for it: what requests are signed for. */
  readonly region: string;
  /** Major version of PostgreSQL. */
  readonly version: string;
  readonly method: 'streaming_replication' | 'log_shipping';
  /** The server that it follows. */
  readonly primary: { readonly host: string; readonly port: number };
  /** Name of the physical slot on the server that it follows. */
  readonly slot: string;
  /** Database that has the heartbeat. @default `postgres` */
  readonly database?: string;
  /** Name of the secret with `username` and `password` of who replicates; on Azure the URL of the secret. */
  readonly secret: string;
  /** With log shipping. */
  readonly archive?: StandbyArchive;
  readonly lease: StandbyLease;
  /** Size of the data volume, by which the machine finds it among its disks. */
  readonly volumeGiB: number;
  /**
   * Namespace and name of the number that says how far it is behind, and what tells the site's numbers from those of other
   * sites there, of which one may have the same name.
   */
  readonly metric: { readonly namespace: string; readonly name: string; readonly site: string };
  /** What it backs up while the site is active. @default - nothing */
  readonly backups?: StandbyBackups;
}

/** The machine that is protected, as far as it has to do something for a site. */
export interface PrimaryMachine {
  readonly site: string;
  readonly cloud: 'aws' | 'azure' | 'google';
  readonly region: string;
  readonly version: string;
  readonly method: StandbyMachine['method'];
  readonly slot: string;
  readonly database?: string;
  readonly secret: string;
  /** Addresses that a standby connects from. */
  readonly standbyRange: string;
  /** Without a store whoever installs says it: `ARCHIVE_STORE`. */
  readonly archive?: Omit<StandbyArchive, 'store'> & { readonly store?: string };
  /** Without a URL whoever installs says it: `LEASE_URL`. */
  readonly lease: Omit<StandbyLease, 'url'> & { readonly url?: string };
  /** GB of log that a slot may keep before it is given up: the primary's disk comes first. */
  readonly slotKeepsGB: number;
  /** Data folder. @default `/var/lib/postgresql/VERSION/main`, as Debian and Ubuntu have it */
  readonly folder?: string;
  /** @default 5432 */
  readonly port?: number;
  /** Unit of systemd that starts and stops the server. @default `postgresql@VERSION-main.service` */
  readonly unit?: string;
}
