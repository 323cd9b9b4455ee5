import { Construct } from 'constructs';
import { addSiteProvider } from '../../lib/azure';
import { vaultInput } from '../../lib/azure/secrets-vault';
import {
  carryLines,
  DatabaseOfSite,
  machineInputs,
  primaryInputs,
  SiteActivation,
  SiteBackupAlarm,
  SiteBalancer,
  SiteCompute,
  SiteDns,
  siteFrame,
  SiteLagAlarm,
  SiteLease,
  SiteNetwork,
  SiteOperations,
  SiteWatch,
  type Backed,
  type Restored,
} from '../../lib/azure/site';
import type { RunnerFile } from '../../lib/azure/task-config';
import type { Site } from '../../lib/contract/site';
import { frameStack, nodeComment, TerraformOutput, TerraformStack } from '../../lib/terraform';

export interface AzureSiteStackProps {
  /** What is restored. */
  readonly restored: Restored;
  /** What the site backs up while it is active. @default - nothing */
  readonly backed: Backed | undefined;
  /** The runner as one file. */
  readonly runner: RunnerFile;
}

/** A recovery site: its network and machines, the database that follows the primary, and what takes over. */
export class AzureSiteStack extends TerraformStack {
  constructor(scope: Construct, site: Site, { restored, backed, runner }: AzureSiteStackProps) {
    super(scope, site.stack);
    frameStack(this, { id: site.id, name: site.stack, backend: site.backend });
    // Where there is no database, or nobody is told how far it is behind, the site itself is all that says how it is kept current.
    if (site.database === null || site.synchronization.lagSeconds === undefined) {
      nodeComment(this, [site.id, site.synchronization.id]);
    }
    addSiteProvider(this, site.account);
    const { synchronization, activation } = site;
    const frame = siteFrame(this, site);
    machineInputs(this);
    primaryInputs(this, { archives: synchronization.archive !== undefined });
    if (synchronization.primary && site.database?.kind === 'machines') vaultInput(this);

    const operations = new SiteOperations(this, 'operations', { frame });
    const network = new SiteNetwork(this, 'network', { frame });
    const balancer = new SiteBalancer(this, 'balancer', { frame });
    const lease = new SiteLease(this, 'lease', { frame });
    const database = new DatabaseOfSite(this, 'database', {
      ...{ frame, network, balancer, lease, operations, restored, backed, runner },
    });
    const compute = new SiteCompute(this, 'compute', { frame, network, balancer, databaseHost: database.host });
    const { follower } = database;
    const { lagSeconds } = synchronization;
    if (follower && lagSeconds !== undefined) {
      new SiteLagAlarm(this, 'lag', { frame, operations, follower, lagSeconds });
    } else if (backed && follower?.kind === 'machines') {
      // Where the alarm on lag has it: a machine has one agent, whoever asks for it.
      carryLines(new Construct(this, 'lag'), { frame, operations, follower });
    }
    if (backed) new SiteBackupAlarm(this, 'backup_failed', { frame, operations, backups: backed.backups });
    const dns = activation.dns ? new SiteDns(this, 'dns', { frame, dns: activation.dns, balancer }) : undefined;
    const taking = new SiteActivation(this, 'activation', { frame, lease, operations, compute, database, dns });
    // Two signs that have nothing in common, or nothing happens by itself.
    if (activation.automated && activation.healthUrls.length > 0 && follower) {
      new SiteWatch(this, 'watch', { frame, lease, operations, follower, activation: taking });
    }

    this.#output('resource_group', frame.group.name, 'group of the site');
    this.#output('address', balancer.address.ipAddress, 'address of the load balancer');
    this.#output('scale_set', compute.machines.name, 'machines of the application');
    this.#output('lease_url', lease.leaseUrl, 'the lease, which the primary reads and without which it stops writing');
  }

  #output(name: string, value: string, description: string): void {
    new TerraformOutput(this, name, { value, description, staticId: true });
  }
}
