import { DnsRecordSet } from '@cdktf/provider-google/lib/dns-record-set';
import { Construct } from 'constructs';
import type { SiteDns as Dns } from '../../contract/site';
import { input, nodeComment } from '../../terraform';
import type { SiteBalancer } from './balancer';
import type { SiteFrame } from './frame';

export interface SiteDnsProps {
  readonly frame: SiteFrame;
  readonly dns: Dns;
  readonly balancer: SiteBalancer;
}

/** Clients ask again after so long. */
const TTL_SECONDS = 60;
const ZONE = 'dns_zone_name';

/**
 * Who has the name: the primary, until an activation gives it to the site, which has a name of its own in the zone. A
 * failover that Cloud DNS makes by itself would not do: machines of a hot site answer long before its database is
 * promoted, and clients would be sent to a site that may not write.
 * @see https://cloud.google.com/dns/docs/routing-policies-overview
 */
export class SiteDns extends Construct {
  /** The managed zone, the record that is switched, and where to: undefined where the primary's address is unknown. */
  readonly switched: { readonly zone: string; readonly record: string; readonly to: string } | undefined;

  constructor(scope: Construct, id: string, { frame, dns, balancer }: SiteDnsProps) {
    super(scope, id);
    input(this, ZONE, {
      type: 'string',
      default: dns.zone.replace(/[^a-z0-9]+/g, '-'),
      description: `Name that the managed zone of ${dns.zone} has in Cloud DNS: gcloud dns managed-zones list`,
      checks: [
        {
          condition: `\${can(regex("^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$", var.${ZONE}))}`,
          errorMessage: 'a managed zone is named by small letters, digits and hyphens',
        },
      ],
    });
    const managedZone = `\${var.${ZONE}}`;
    const own = `${frame.site.prefix}.${dns.zone}.`;
    const site = new DnsRecordSet(this, 'site', {
      managedZone,
      name: own,
      type: 'A',
      ttl: TTL_SECONDS,
      rrdatas: [balancer.address.address],
      dependsOn: frame.services,
    });
    nodeComment(site, [dns.id]);
    if (dns.primary === undefined) return;
    const record = `${dns.record}.`;
    const switched = new DnsRecordSet(this, 'Resource', {
      managedZone,
      name: record,
      type: 'CNAME',
      ttl: TTL_SECONDS,
      rrdatas: [`${dns.primary}.`],
      dependsOn: [site],
      lifecycle: { ignoreChanges: ['rrdatas'] },
    });
    nodeComment(switched, [dns.id]);
    this.switched = { zone: managedZone, record, to: own };
  }
}
