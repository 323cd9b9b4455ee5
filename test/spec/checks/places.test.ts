import { findingsOf, placesOf } from '../../support/findings';
import { S3, smallSpec } from '../../support/small-spec';

const store = (keys: string) => smallSpec({ cloud: `main: { ${keys} }` });
const PLACES = ['DR2020', 'DR2002'] as const;

describe('places of stores', () => {
  test.each([
    store('provider: "AWS" bucket: "acme-copies" region: "ap-southeast-2"'),
    store('provider: "Azure" storage_account: "acmecopies" container: "copies" location: "germanywestcentral"'),
    store('provider: "GCP" bucket: "acme-copies" location: "EU"'),
    store('provider: "GCP" bucket: "acme-copies" location: "us-central1"'),
    'deployment { aws: { regions: ["eu-west-1"] } azure: { location: "westeurope" } }',
  ])('that exist are taken: %#', (text) => {
    expect(placesOf(text, ...PLACES)).toEqual([]);
  });

  test.each([
    [store('provider: "AWS" bucket: "acme-copies" region: "eu-west-9"'), 'backup.cloud.main.region'],
    [
      store(
        'provider: "AWS" bucket: "acme-copies" region: "eu-west-1" replication: { destination_bucket: "acme-dr" destination_region: "eu-middle-1" }',
      ),
      'backup.cloud.main.replication.destination_region',
    ],
    [
      store('provider: "Azure" storage_account: "acmecopies" container: "copies" location: "westeuropa"'),
      'backup.cloud.main.location',
    ],
    [store('provider: "GCP" bucket: "acme-copies" location: "europe-west99"'), 'backup.cloud.main.location'],
    [
      smallSpec({ set: `type: "pg_dump" storage: { ${S3.replace('eu-west-1', 'eu-west-8')} }` }),
      'backup.database.orders.storage.s3.region',
    ],
    ['deployment { aws: { regions: ["eu-west-1", "eu-west-7"] } }', 'deployment.aws.regions[1]'],
    ['deployment { azure: { location: "westeuropa" } }', 'deployment.azure.location'],
    ['deployment { state: { type: "s3" bucket: "acme-state" region: "eu-west-7" } }', 'deployment.state.region'],
  ])('of the right shape that the data does not know are warnings: %#', (text, path) => {
    expect(placesOf(text, ...PLACES)).toEqual([`DR2020 ${path}`]);
  });

  test('say the nearest known one and the date of the data', () => {
    const [finding] = findingsOf(store('provider: "AWS" bucket: "acme-copies" region: "eu-wset-1"'), 'DR2020');
    expect(finding).toMatch(/"eu-wset-1" is no region of AWS that the data of \d{4}-\d\d(-\d\d)? knows$/);
  });

  test.each([
    [
      store('provider: "AWS" bucket: "acme-copies" region: "europe-west1"'),
      'backup.cloud.main.region',
      'a location of Google Cloud',
    ],
    [store('provider: "AWS" bucket: "acme-copies" region: "westeurope"'), 'backup.cloud.main.region', 'of Azure'],
    [
      store('provider: "GCP" bucket: "acme-copies" location: "eu-west-1"'),
      'backup.cloud.main.location',
      'a region of AWS',
    ],
    [
      store('provider: "Azure" storage_account: "acmecopies" container: "copies" location: "us-east-1"'),
      'backup.cloud.main.location',
      'a region of AWS',
    ],
  ])('of another cloud are errors that say whose they are: %#', (text, path, owner) => {
    const [finding, ...others] = findingsOf(text, ...PLACES);
    expect(finding).toContain(`DR2002 ${path}: `);
    expect(finding).toContain(owner);
    expect(others).toEqual([]);
  });
});

describe('what a site is made of', () => {
  const site = (keys: { provider: string; region: string; machine: string; database?: string; disk?: string }) => `
    disaster_recovery { dr_sites: { hot_site: {
      location: "far away" provider: "${keys.provider}" region: "${keys.region}"
      infrastructure: {
        compute: { instance_type: "${keys.machine}" count: 1 }
        ${keys.database ? `database: { engine: "postgresql" instance_class: "${keys.database}" }` : ''}
        ${keys.disk ? `storage: { type: "${keys.disk}" size: "500GB" }` : ''}
      }
      synchronization: { type: "backup_based" method: "backup_restore" }
      activation: { automated: false estimated_time: "4h" }
    } } }`;
  const at = 'disaster_recovery.dr_sites.hot_site';
  const aws = { provider: 'AWS', region: 'eu-central-1', machine: 'c5.2xlarge', database: 'db.r5.large', disk: 'gp3' };
  const azure = { provider: 'Azure', region: 'westeurope', machine: 'Standard_D4s_v3', database: 'GP_Standard_D2s_v3' };
  const google = {
    provider: 'GCP',
    region: 'europe-west1',
    machine: 'e2-standard-4',
    database: 'db-custom-2-8192',
    disk: 'pd-ssd',
  };

  test.each([aws, azure, google])('of its own provider is taken: $provider', (keys) => {
    expect(placesOf(site(keys), 'DR2020', 'DR2021')).toEqual([]);
  });

  test.each([
    [{ ...aws, region: 'westeurope' }, `DR2021 ${at}.region`],
    [{ ...aws, machine: 'Standard_D4s_v3' }, `DR2021 ${at}.infrastructure.compute.instance_type`],
    [{ ...aws, database: 'db-custom-2-8192' }, `DR2021 ${at}.infrastructure.database.instance_class`],
    [{ ...aws, disk: 'pd-ssd' }, `DR2021 ${at}.infrastructure.storage.type`],
    [{ ...azure, machine: 'c5.2xlarge' }, `DR2021 ${at}.infrastructure.compute.instance_type`],
    [{ ...google, region: 'eu-central-1' }, `DR2021 ${at}.region`],
    [{ ...google, machine: 'c5.2xlarge' }, `DR2021 ${at}.infrastructure.compute.instance_type`],
    [{ ...google, database: 'db.r5.large' }, `DR2021 ${at}.infrastructure.database.instance_class`],
    [{ ...aws, region: 'eu-central-9' }, `DR2020 ${at}.region`],
    [{ ...aws, machine: 'c99.2xlarge' }, `DR2020 ${at}.infrastructure.compute.instance_type`],
  ])('of another, or unknown: %#', (keys, finding) => {
    expect(placesOf(site(keys), 'DR2020', 'DR2021')).toEqual([finding]);
  });
});
