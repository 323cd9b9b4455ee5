import { CfnHealthCheck, CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import type { SiteDns as Dns } from '../../contract/site';
import { READY_PORT } from '../../hosts/standby';
import { answerFor } from '../node-metadata';
import type { SiteBalancer } from './balancer';
import type { SiteFrame } from './frame';
import type { SiteMachines } from './machines';

export interface SiteDnsProps {
  readonly frame: SiteFrame;
  readonly dns: Dns;
  readonly balancer: SiteBalancer;
  /** Machines that say whether they are promoted. @default - the application's own health check has to say it */
  readonly machines: SiteMachines | undefined;
}

/** Seconds for which a name is remembered: a failover is not seen before. */
const TTL = '60';
const CHECK = { requestInterval: 30, failureThreshold: 3 } as const;

/**
 * The name that clients know: the primary's while it answers, the site's once it is promoted. Nothing of it is changed
 * during a failover, since what changes names is run in one region: only health checks decide. The site's says no until
 * its database is promoted; where both say no, Route 53 answers with the primary.
 * @see https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-types.html
 */
export class SiteDns extends Construct {
  constructor(scope: Construct, id: string, { frame, dns, balancer, machines }: SiteDnsProps) {
    super(scope, id);
    const { site } = frame;
    const address = balancer.balancer.attrDnsName;
    const { port, healthPath } = site.balancer;
    if (machines) balancer.addReadiness(machines.addresses);
    const ready = new CfnHealthCheck(this, 'ready', {
      healthCheckConfig: {
        ...CHECK,
        fullyQualifiedDomainName: address,
        ...(machines
          ? { type: 'HTTP', port: READY_PORT, resourcePath: '/ready' }
          : healthPath === undefined
            ? { type: 'TCP', port }
            : { type: 'HTTPS', port, resourcePath: healthPath, enableSni: true }),
      },
      healthCheckTags: [{ key: 'Name', value: `${site.prefix}-ready` }],
    });
    const record = { hostedZoneName: `${dns.zone.replace(/\.$/, '')}.`, name: dns.record };
    const second = new CfnRecordSet(this, 'Resource', {
      ...record,
      failover: 'SECONDARY',
      setIdentifier: `${site.prefix}-site`,
      healthCheckId: ready.attrHealthCheckId,
      // Both records of a pair have one type, and the primary has a name.
      type: 'CNAME',
      ttl: TTL,
      resourceRecords: [address],
    });
    answerFor(second, [dns.id]);
    if (dns.primary !== undefined) this.#primary(frame, dns.primary, record);
  }

  #primary(
    { site }: SiteFrame,
    primary: string,
    record: { readonly hostedZoneName: string; readonly name: string },
  ): void {
    const [url] = site.activation.healthUrls;
    const check = new CfnHealthCheck(this, 'primary', {
      healthCheckConfig: {
        ...CHECK,
        // The record's own name leads to the site after a failover: the primary is asked by another.
        ...(url === undefined
          ? { type: 'TCP', port: site.balancer.port, fullyQualifiedDomainName: primary }
          : healthCheckOf(url)),
      },
      healthCheckTags: [{ key: 'Name', value: `${site.prefix}-primary` }],
    });
    new CfnRecordSet(this, 'primary-record', {
      ...record,
      type: 'CNAME',
      ttl: TTL,
      resourceRecords: [primary],
      failover: 'PRIMARY',
      setIdentifier: `${site.prefix}-primary`,
      healthCheckId: check.attrHealthCheckId,
    });
  }
}

/** A health check that asks a URL. */
export function healthCheckOf(url: string) {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const isHttps = protocol === 'https:';
  return {
    type: isHttps ? 'HTTPS' : 'HTTP',
    fullyQualifiedDomainName: hostname,
    port: port === '' ? (isHttps ? 443 : 80) : Number(port),
    resourcePath: `${pathname}${search}`,
    ...(isHttps && { enableSni: true }),
  };
}
