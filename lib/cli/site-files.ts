import type { Site } from '../contract';
import { secretNameIn } from '../contract';
import { renderPrimaryInstaller, slotOf } from '../hosts/standby';
import type { PrimaryMachine } from '../hosts/standby';
import { distinctKebab } from '../units';

/** GB of log that a site's slot may keep at the primary before it is given up: its disk comes first. */
const SLOT_KEEPS_GB = 50;

/**
 * What the owner of the primary is handed for a site: a script, and a page that says what it does. None for a site that
 * follows nothing, and none for a replica, which its own service keeps.
 * @returns texts by the names of files
 */
export function siteFiles(site: Site): Readonly<Record<string, string>> {
  const machine = primaryOf(site);
  if (!machine) return {};
  return { 'primary.sh': renderPrimaryInstaller(machine), 'primary.md': page(site, machine) };
}

/** Folder of a site's files in `sites`, whatever the site is called. */
export function siteFolder({ name }: Pick<Site, 'name'>): string {
  return /^[\w-]+$/.test(name) ? name : distinctKebab(name);
}

function primaryOf(site: Site): PrimaryMachine | undefined {
  const { database, synchronization, activation, network } = site;
  const { method, primary, archive } = synchronization;
  if (database?.kind !== 'machines' || primary === undefined || method === 'backup_restore') return undefined;
  return {
    site: site.name,
    cloud: site.cloud,
    region: site.region,
    version: database.version,
    method,
    slot: slotOf(site.name, 0),
    ...(primary.database !== undefined && { database: primary.database }),
    secret: secretNameIn(site.cloud, primary.secret),
    standbyRange: network.cidr,
    ...(archive && {
      archive: {
        cloud: site.cloud,
        // Azure's account is the plan's own name; on the others an account or project ends it.
        ...(site.cloud === 'azure' && { store: archive.name }),
        ...(archive.container !== undefined && { container: archive.container }),
        region: site.region,
        path: archive.path,
      },
    }),
    lease: { seconds: activation.leaseSeconds },
    slotKeepsGB: SLOT_KEEPS_GB,
  };
}

function page(site: Site, { slot, secret, standbyRange, lease, slotKeepsGB, method, archive }: PrimaryMachine): string {
  const asked = [
    'LEASE_URL="(output of the stack)"',
    ...(archive && archive.store === undefined ? ['ARCHIVE_STORE="(output of the stack)"'] : []),
  ].join(' ');
  return `# What the primary runs for ${site.name}

${site.location} (${site.cloud} ${site.region}) follows this server by ${method}. Nothing here is done by a deployment: the owner of
the server does it, once, as root.

1. Keep the secret \`${secret}\` in the secret store of ${site.cloud}, region ${site.region}, as JSON with \`username\` and \`password\`:
   who replicates. The script makes that role.
2. Give this machine an identity there with the rights that the stack \`${site.stack}\` names in its outputs: it reads the lease${archive ? ', and writes the archive' : ''}.
   A machine of elsewhere keeps what it needs in \`/etc/hypnoscript-dr/environment\`, for root only: \`AWS_ACCESS_KEY_ID\` and
   \`AWS_SECRET_ACCESS_KEY\`, or \`HYPDR_TOKEN_COMMAND\`, which prints a token.
3. Have Debian or Ubuntu with PostgreSQL ${archive ? 'and pgBackRest ' : ''}running, \`curl\` and \`python3\`. Where it is not their cluster \`main\` at
   port 5432, that file says so too: \`HYPDR_DATA\`, \`HYPDR_PGPORT\`, \`HYPDR_SOCKETS\`, and how the server is started and stopped:
   \`HYPDR_START="systemctl start NAME"\`, \`HYPDR_STOP="systemctl stop NAME"\`; then \`systemctl add-wants NAME hypdr-gate.service\`.
4. \`${asked} bash primary.sh\` puts \`hypdr-primary\` and its units into their places. Where the site reaches this
   server from outside of a common network, its connections come from the address of its NAT: \`STANDBY_RANGE=ADDRESS/32\` before it.
5. \`hypdr-primary setup --dry-run\` says what it would change, \`hypdr-primary setup\` does it, and says what needs a restart.${archive ? ' Then\n   `runuser -u postgres -- pgbackrest --config=/etc/hypnoscript-dr/pgbackrest.conf --stanza=' + slot + ' backup`, once, and each week by your own schedule.' : ''}

What it changes: \`wal_level\`, \`max_wal_senders\`, \`max_replication_slots\`, \`wal_log_hints\` (unless there are data checksums: the way
back needs one of them), \`max_slot_wal_keep_size\` (${slotKeepsGB} GB: a site that is away is given up before the disk is full)${archive ? ', `archive_mode`,\n`archive_command`, `archive_timeout` (60 s)' : ''}; lines between two marks in \`pg_hba.conf\` for ${standbyRange}; the slot \`${slot}\`; the
schema \`hypdr\` with one row, the heartbeat, which a timer writes every ten seconds.

**The lease.** \`hypdr-lease.service\` reads it every five seconds. When it can't for ${lease.seconds} seconds, or when an activation of the site has
revoked it, this server restarts as a read-only standby: every connection ends, and nothing can write. The site takes over only after
that time has passed. When the lease is there again and no site was activated meanwhile, this server goes on by itself; else a person
decides. \`hypdr-gate.service\` does the same before each start of the server. Without these two servers may accept writes at once. Until the lease
was read once nothing is guarded and nothing is stopped: \`hypdr-primary setup\` ends with an error as long as that is so.

**The way back.** \`hypdr-primary failback ${site.name} HOST\` keeps a copy of the data folder, counts what only this server has
(\`divergence.json\`), rewinds and follows; \`hypdr-primary take-back ${site.name}\` makes it the primary again once the site has stopped, and refuses
where the last that the site wrote, the end of its server, is not here: people may have written what this server would lose.${archive ? ' Nobody\narchives what the site wrote: once this server is the primary again, make a backup as in step 5, since from an older one there is no way over that.' : ''}
`;
}
