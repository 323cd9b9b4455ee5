import type { Construct } from 'constructs';
import type { Site } from '../../lib/contract/site';
import type { TaskManifest } from '../../lib/contract/task';
import { addProvider, imageVariable, notificationChannels } from '../../lib/google';
import {
  DatabaseOfSite,
  isWatched,
  primaryInputs,
  SiteActivation,
  SiteBalancer,
  SiteCompute,
  SiteDns,
  siteFrame,
  SiteLagAlarm,
  SiteLease,
  SiteNetwork,
  SiteProbe,
  SiteWatch,
  type RunnerFile,
} from '../../lib/google/site';
import { frameStack, nodeComment, TerraformOutput, TerraformStack } from '../../lib/terraform';

export interface GoogleSiteStackProps {
  /** Data sets that are restored, or that the site backs up. */
  readonly tasks: readonly TaskManifest[];
  /** The runner as one file. */
  readonly runner: RunnerFile;
}

/** A recovery site: its network and machines, the database that follows the primary or is restored, and the lease. */
export class GoogleSiteStack extends TerraformStack {
  constructor(scope: Construct, site: Site, { tasks, runner }: GoogleSiteStackProps) {
    super(scope, site.stack);
    frameStack(this, { id: site.id, name: site.stack, backend: site.backend });
    // Where there is no database, or nobody is told how far it is behind, the site itself is all that says how it is kept current.
    if (site.database === null || site.synchronization.lagSeconds === undefined) {
      nodeComment(this, [site.id, site.synchronization.id]);
    }
    addProvider(this, { project: site.account, region: site.region });
    const { synchronization, activation } = site;
    const frame = siteFrame(this, site);
    primaryInputs(this, { archives: synchronization.archive !== undefined });
    const channels = notificationChannels(this);

    const network = new SiteNetwork(this, 'network', { frame });
    const probe = new SiteProbe(this, 'probe', { frame });
    const lease = new SiteLease(this, 'lease', { frame });
    const image = () => imageVariable(this);
    const database = new DatabaseOfSite(this, 'database', {
      ...{ frame, network, lease, tasks, runner, channels, image },
    });
    const compute = new SiteCompute(this, 'compute', { frame, network, probe, databaseHost: database.host });
    const balancer = new SiteBalancer(this, 'balancer', { frame, compute, probe });
    const { follower } = database;
    const dns = activation.dns ? new SiteDns(this, 'dns', { frame, dns: activation.dns, balancer }) : undefined;
    const taking = new SiteActivation(this, 'activation', {
      ...{ frame, compute, balancer, lease, database, dns, channels },
    });
    const { lagSeconds } = synchronization;
    if (follower && lagSeconds !== undefined) {
      new SiteLagAlarm(this, 'lag', { frame, follower, lagSeconds, channels });
      if (isWatched(site)) {
        new SiteWatch(this, 'watch', { frame, lease, follower, lagSeconds, activation: taking, channels });
      }
    }

    this.#output('address', balancer.address.address, 'address of the load balancer');
    this.#output('machine_group', compute.group.name, 'machines of the application');
    this.#output(
      'lease_url',
      lease.urlIn(lease.bucket.name),
      'the lease, which the primary reads and without which it stops writing',
    );
  }

  #output(name: string, value: string, description: string): void {
    new TerraformOutput(this, `output_${name}`, { value, description }).overrideLogicalId(name);
  }
}
