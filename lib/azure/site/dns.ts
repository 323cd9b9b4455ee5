import { TrafficManagerAzureEndpoint } from '@cdktf/provider-azurerm/lib/traffic-manager-azure-endpoint';
import { TrafficManagerExternalEndpoint } from '@cdktf/provider-azurerm/lib/traffic-manager-external-endpoint';
import { TrafficManagerProfile } from '@cdktf/provider-azurerm/lib/traffic-manager-profile';
import { Construct } from 'constructs';
import type { SiteDns as Dns } from '../../contract/site';
import { nodeComment, TerraformOutput } from '../../terraform';
import { fitName } from '../../units';
import type { SiteBalancer } from './balancer';
import type { SiteFrame } from './frame';

export interface SiteDnsProps {
  readonly frame: SiteFrame;
  readonly dns: Dns;
  readonly balancer: SiteBalancer;
}

/** Clients ask again after so long. */
const TTL_SECONDS = 60;

/**
 * Who has the name: the primary as long as it answers, then the site, which is switched on by its activation and not
 * before, and takes the primary out: one that answers again is not the one to write to. It is back once the site is left,
 * with the lease or without: nobody else serves then, and with both off there is no address at all.
 * Where the primary's address is unknown the site alone is in it, switched off.
 * @see https://learn.microsoft.com/azure/traffic-manager/traffic-manager-monitoring
 */
export class SiteDns extends Construct {
  readonly site: TrafficManagerAzureEndpoint;
  /** @default - nobody knows the primary's address */
  readonly primary: TrafficManagerExternalEndpoint | undefined;

  constructor(scope: Construct, id: string, { frame, dns, balancer }: SiteDnsProps) {
    super(scope, id);
    const { site, group } = frame;
    const { port, healthPath } = site.balancer;
    // Its name is a host name below trafficmanager.net, and all the world's.
    const name = fitName(`${site.prefix}-name`, 60);
    const profile = new TrafficManagerProfile(this, 'Resource', {
      name,
      resourceGroupName: group.name,
      trafficRoutingMethod: 'Priority',
      dnsConfig: { relativeName: name, ttl: TTL_SECONDS },
      monitorConfig: {
        ...(healthPath === undefined ? { protocol: 'TCP' } : { protocol: 'HTTPS', path: healthPath }),
        port,
        intervalInSeconds: 10,
        timeoutInSeconds: 5,
        toleratedNumberOfFailures: 2,
      },
    });
    nodeComment(profile, [dns.id]);
    this.primary =
      dns.primary === undefined
        ? undefined
        : new TrafficManagerExternalEndpoint(this, 'primary', {
            name: 'primary',
            profileId: profile.id,
            target: dns.primary,
            priority: 1,
            enabled: true,
            lifecycle: { ignoreChanges: ['enabled'] },
          });
    this.site = new TrafficManagerAzureEndpoint(this, 'site', {
      name: 'site',
      profileId: profile.id,
      targetResourceId: balancer.address.id,
      priority: 2,
      enabled: false,
      lifecycle: { ignoreChanges: ['enabled'] },
    });
    new TerraformOutput(this, 'name', {
      value: profile.fqdn,
      description: `what ${dns.record} in ${dns.zone} has to be a CNAME of, by whoever keeps that zone`,
      staticId: true,
    }).overrideLogicalId('name_target');
  }
}
