import type { App } from 'aws-cdk-lib';
import { CfnOutput, Fn, Stack } from 'aws-cdk-lib';
import { FailureTopic } from '../../lib/aws/failure-topic';
import { LogBucket } from '../../lib/aws/log-bucket';
import { stackAnswersFor } from '../../lib/aws/node-metadata';
import {
  DatabaseOfSite,
  SiteActivation,
  SiteActive,
  SiteArchive,
  SiteBalancer,
  SiteCompute,
  SiteDns,
  SiteKey,
  SiteLease,
  SiteNetwork,
  zonesOf,
} from '../../lib/aws/site';
import type { SiteBackups, SiteFrame } from '../../lib/aws/site';
import type { Site } from '../../lib/contract/site';

export interface SiteStackProps {
  readonly site: Site;
  readonly backups: SiteBackups;
}

/** Days for which it can be seen who touched the buckets of a site. */
const ACCESS_LOG_DAYS = 400;
const PORTS = { postgresql: 5432, mysql: 3306, mariadb: 3306 } as const;

/** A recovery site: network, machines, balancer, database, and what makes it the primary. */
export class SiteStack extends Stack {
  readonly #zones: number;

  constructor(app: App, { site, backups }: SiteStackProps) {
    super(app, site.stack, {
      env: { region: site.region, account: site.account },
      description: `recovery site ${site.name}, ${site.kind}, ${site.region}`,
      terminationProtection: true,
    });
    this.#zones = zonesOf(site.region);
    const { database, synchronization } = site;
    const { key } = new SiteKey(this, 'key', { alias: `alias/${site.prefix}` });
    const { topic } = new FailureTopic(this, 'told', { topicName: `${site.prefix}-told`, key });
    const frame: SiteFrame = { site, key, topic };
    const logs = new LogBucket(this, 'logs', {
      logs: {
        id: site.id,
        from: site.from,
        name: `${site.prefix}-logs-{account}-${site.region}`,
        expireAfterDays: ACCESS_LOG_DAYS,
      },
      sources: [`arn:${this.partition}:s3:::${site.prefix}-*`],
    });
    const archive =
      synchronization.archive && database?.kind === 'machines'
        ? new SiteArchive(this, 'archive', {
            ...{ frame, logs, archive: synchronization.archive },
            version: database.version,
          })
        : undefined;
    const lease = new SiteLease(this, 'lease', { frame, logs, primary: archive?.writing() ?? [] });
    const network = new SiteNetwork(this, 'network', {
      frame,
      ...(database && { databasePort: PORTS[database.engine] }),
    });
    const balancer = new SiteBalancer(this, 'balancer', { frame, network });
    const data = database
      ? new DatabaseOfSite(this, 'database', { frame, database, network, lease, archive, backups })
      : undefined;
    const compute = new SiteCompute(this, 'compute', {
      ...{ frame, network, balancer },
      ...(data && { databaseHost: data.host }),
    });
    const { table } = new SiteActivation(this, 'activation', { frame, lease, compute, balancer, database: data });
    const { dns } = site.activation;
    if (dns) {
      const active = new SiteActive(this, 'active', { frame, table });
      new SiteDns(this, 'dns', { frame, dns, balancer, machines: data?.machines, active });
    }
    if (data) new CfnOutput(this, 'DatabaseHost', { value: data.host, description: 'The database of the site' });
    new CfnOutput(this, 'BalancerName', {
      value: balancer.balancer.attrDnsName,
      description: 'Where clients reach the site once it is active',
    });
    stackAnswersFor(this, [site.id, synchronization.id]);
  }

  /** The first of the region, chosen at deployment: the library would ask the account for their names. */
  override get availabilityZones(): string[] {
    return Array.from({ length: this.#zones }, (_, index) => Fn.select(index, Fn.getAzs()));
  }
}
