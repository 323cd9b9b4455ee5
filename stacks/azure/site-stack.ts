import type { Construct } from 'constructs';
import { addSiteProvider } from '../../lib/azure';
import { vaultInput } from '../../lib/azure/secrets-vault';
import {
  DatabaseOfSite,
  machineInputs,
  primaryInputs,
  SiteActivation,
  SiteBalancer,
  SiteCompute,
  SiteDns,
  siteFrame,
  SiteLagAlarm,
  SiteLease,
  SiteNetwork,
  SiteOperations,
  SiteWatch,
  type Restored,
} from '../../lib/azure/site';
import type { Site } from '../../lib/contract/site';
import { frameStack, nodeComment, TerraformOutput, TerraformStack } from '../../lib/terraform';

/** A recovery site: its network and machines, the database that follows the primary, and what takes over. */
export class AzureSiteStack extends TerraformStack {
  constructor(scope: Construct, site: Site, restored: Restored) {
    super(scope, site.stack);
    frameStack(this, { id: site.id, name: site.stack, backend: site.backend });
    // Where there is no database, the site itself is all that says how none is kept current.
    if (site.database === null) nodeComment(this, [site.id, site.synchronization.id]);
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
    const database = new DatabaseOfSite(this, 'database', { frame, network, balancer, lease, operations, restored });
    const compute = new SiteCompute(this, 'compute', { frame, network, balancer, databaseHost: database.host });
    const { follower } = database;
    const { lagSeconds } = synchronization;
    if (follower && lagSeconds !== undefined) {
      new SiteLagAlarm(this, 'lag', { frame, operations, follower, lagSeconds });
    }
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
