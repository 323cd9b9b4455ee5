import { CfnOutput } from 'aws-cdk-lib';
import { CfnHealthCheck, CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import type { SiteDns as Dns } from '../../contract/site';
import { READY_PORT } from '../../hosts/standby';
import { answerFor } from '../node-metadata';
import type { SiteActive } from './active';
import type { SiteBalancer } from './balancer';
import type { SiteFrame } from './frame';
import type { SiteMachines } from './machines';

export interface SiteDnsProps {
  readonly frame: SiteFrame;
  readonly dns: Dns;
  readonly balancer: SiteBalancer;
  /** Machines that say whether they are promoted. @default - nobody of the site says so before its activation does */
  readonly machines: SiteMachines | undefined;
  /** What says whether the site is active. */
  readonly active: SiteActive;
}

type NameOfRecord = Pick<CfnRecordSet, 'hostedZoneName' | 'name'>;

/** Seconds for which a name is remembered: a failover is not seen before. */
const TTL = '60';
const CHECK = { requestInterval: 30, failureThreshold: 3 } as const;

/**
 * The name that clients know: the primary's while it answers and the site is not active, the site's once it is promoted.
 * Nothing of it is changed during a failover, since what changes names is run in one region: only health checks decide.
 * While the site is active the primary's says no, whatever answers there: it only reads, or has what nobody else has. The
 * site's says no until its database is promoted; where both say no, Route 53 answers with the primary.
 * @see https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-types.html
 */
export class SiteDns extends Construct {
  readonly #props: SiteDnsProps;

  constructor(scope: Construct, id: string, props: SiteDnsProps) {
    super(scope, id);
    this.#props = props;
    const { frame, dns, balancer } = props;
    const { site } = frame;
    const record = { hostedZoneName: `${dns.zone.replace(/\.$/, '')}.`, name: dns.record };
    const second = new CfnRecordSet(this, 'Resource', {
      ...record,
      failover: 'SECONDARY',
      setIdentifier: `${site.prefix}-site`,
      healthCheckId: this.#promoted(),
      // Both records of a pair have one type, and the primary has a name.
      type: 'CNAME',
      ttl: TTL,
      resourceRecords: [balancer.balancer.attrDnsName],
    });
    answerFor(second, [dns.id]);
    if (dns.primary === undefined) this.#ownRecord();
    else this.#primary(dns.primary, record);
  }

  /** Whoever keeps the primary's record has it follow the site too. */
  #ownRecord(): void {
    const { dns, active } = this.#props;
    new CfnOutput(this, 'AsleepHealthCheck', {
      value: active.asleep.attrHealthCheckId,
      description: `Health check that a PRIMARY record of ${dns.record} needs besides its own: it fails while the site is active`,
    }).overrideLogicalId('AsleepHealthCheck');
  }

  /**
   * Healthy once the site is the one to write to. A database machine says so itself, before machines of the application
   * are there; a site without a database has nothing to promote. The machines of one with a replica of RDS answer long
   * before it is promoted: there the activation alone says it.
   */
  #promoted(): string {
    const { frame, balancer, machines, active } = this.#props;
    const { site } = frame;
    const { port, healthPath } = site.balancer;
    if (!machines && site.database) return active.active.attrHealthCheckId;
    if (machines) balancer.addReadiness(machines.addresses);
    const ready = this.#check('ready', {
      ...CHECK,
      fullyQualifiedDomainName: balancer.balancer.attrDnsName,
      ...(machines
        ? { type: 'HTTP', port: READY_PORT, resourcePath: '/ready' }
        : healthPath === undefined
          ? { type: 'TCP', port }
          : { type: 'HTTPS', port, resourcePath: healthPath, enableSni: true }),
    });
    return this.#counted('promoted', 1, [ready, active.active]).attrHealthCheckId;
  }

  #primary(primary: string, record: NameOfRecord): void {
    const { frame, active } = this.#props;
    const { site } = frame;
    const [url] = site.activation.healthUrls;
    const answers = this.#check('primary', {
      ...CHECK,
      // The record's own name leads to the site after a failover: the primary is asked by another.
      ...(url === undefined
        ? { type: 'TCP', port: site.balancer.port, fullyQualifiedDomainName: primary }
        : healthCheckOf(url)),
    });
    new CfnRecordSet(this, 'primary-record', {
      ...record,
      type: 'CNAME',
      ttl: TTL,
      resourceRecords: [primary],
      failover: 'PRIMARY',
      setIdentifier: `${site.prefix}-primary`,
      healthCheckId: this.#counted('primary-serves', 2, [answers, active.asleep]).attrHealthCheckId,
    });
  }

  /** Healthy while so many of others are; of these none may count others itself. */
  #counted(id: string, least: number, children: readonly CfnHealthCheck[]): CfnHealthCheck {
    return this.#check(id, {
      type: 'CALCULATED',
      healthThreshold: least,
      childHealthChecks: children.map(({ attrHealthCheckId }) => attrHealthCheckId),
    });
  }

  #check(id: string, healthCheckConfig: CfnHealthCheck.HealthCheckConfigProperty): CfnHealthCheck {
    return new CfnHealthCheck(this, id, {
      healthCheckConfig,
      healthCheckTags: [{ key: 'Name', value: `${this.#props.frame.site.prefix}-${id}` }],
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
