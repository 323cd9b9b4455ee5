import type { Site } from '../../../lib/contract';
import { compileText, database, s3, spec, AWS_STORE, AZURE_STORE, GOOGLE_STORE } from '../support';
import type { CompileOptions } from '../../../lib/compile';

type Cloud = Site['cloud'];
type Method = Site['synchronization']['method'];

export interface SiteParts {
  readonly provider?: Cloud;
  readonly region?: string;
  readonly method?: Method;
  readonly engine?: string;
  readonly databaseClass?: string;
  readonly multiAz?: boolean;
  readonly count?: number;
  readonly storage?: string;
  readonly activation?: string;
  readonly synchronization?: string;
  readonly extra?: string;
}

const OF: Record<Cloud, { provider: string; region: string; machine: string; managed: string; disk: string }> = {
  aws: { provider: 'AWS', region: 'eu-central-1', machine: 'c5.2xlarge', managed: 'db.r5.large', disk: 'gp3' },
  azure: {
    provider: 'Azure',
    region: 'westeurope',
    machine: 'Standard_D4s_v3',
    managed: 'GP_Standard_D2s_v3',
    disk: 'PremiumV2_LRS',
  },
  google: {
    provider: 'GCP',
    region: 'europe-west2',
    machine: 'n2-standard-4',
    managed: 'db-custom-2-8192',
    disk: 'pd-balanced',
  },
};

/** The text of one site. */
export function site(name: string, parts: SiteParts = {}): string {
  const { provider = 'aws', method = 'streaming_replication', engine = 'postgresql', count = 2 } = parts;
  const of = OF[provider];
  return `${name}: {
    ${parts.extra ?? ''}
    location: "there" provider: "${of.provider}" region: "${parts.region ?? of.region}"
    infrastructure: {
      compute: { instance_type: "${of.machine}" count: ${count} }
      ${engine === '' ? '' : `database: { engine: "${engine}" instance_class: "${parts.databaseClass ?? of.managed}" multi_az: ${parts.multiAz ?? false} }`}
      ${parts.storage === undefined ? '' : `storage: { ${parts.storage.replace('DISK', of.disk)} }`}
    }
    synchronization: { type: "real_time" method: "${method}" ${parts.synchronization ?? ''} }
    activation: { ${parts.activation ?? 'automated: false estimated_time: "1h"'} }
  }`;
}

export const ALL_STORES = `${AWS_STORE} ${AZURE_STORE} ${GOOGLE_STORE}`;

/** A MySQL and a MariaDB beside it. */
export const OTHERS = ['mysqldump', 'mariadb-dump']
  .map((tool) => `${tool}: { type: "${tool}" storage: { ${s3(`acme-${tool}`, `${tool}/`)} } }`)
  .join('\n');

/** A spec with a PostgreSQL in stores of the three clouds, and these sites. */
export function sitesSpec(sites: string, deployment?: string, rest = '', others = ''): string {
  return spec({
    database: `${database('orders', s3('acme-orders', 'orders/'))} ${others}`,
    cloud: ALL_STORES,
    ...(deployment !== undefined && { deployment }),
    rest: `disaster_recovery { dr_sites: { ${sites} } } ${rest}`,
  });
}

export function compileSites(sites: string, deployment?: string, rest = '', options: Partial<CompileOptions> = {}) {
  return compileText(sitesSpec(sites, deployment, rest), options);
}

/** Stores of a data set in a cloud, and a shared one there. */
const KEPT_IN: Record<Cloud, readonly [own: string, shared: string]> = {
  aws: [s3('acme-orders', 'orders/'), AWS_STORE],
  azure: ['azure: { storage_account: "acmeorders" container: "orders" path: "orders/" }', AZURE_STORE],
  google: ['gcs: { bucket: "acme-orders" location: "europe-west3" path: "orders/" }', GOOGLE_STORE],
};

/** A PostgreSQL whose backups are kept in one cloud and nowhere else, and these sites. */
export function compileKeptIn(cloud: Cloud, sites: string, rest = '') {
  const [own, shared] = KEPT_IN[cloud];
  return compileText(
    spec({
      database: database('orders', own),
      cloud: shared,
      rest: `disaster_recovery { dr_sites: { ${sites} } } ${rest}`,
    }),
  );
}
