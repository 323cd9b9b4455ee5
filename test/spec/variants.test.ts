import { compileText, errorsOf } from '../support/spec-text';
import { S3, smallSpec } from '../support/small-spec';

const STORAGE = `storage: { ${S3} }`;

function compiledSet(set: string) {
  const { spec, diagnostics } = compileText(smallSpec({ set }));
  return {
    engine: spec.backup?.database?.get('orders')?.engine,
    errors: errorsOf(diagnostics).map((one) => `${one.code} ${one.path}`),
  };
}

describe('the engine of a database', () => {
  test.each([
    ['type: "pg_dump"', 'postgresql'],
    ['type: "mysqldump"', 'mysql'],
    ['type: "mariadb-dump"', 'mariadb'],
    ['type: "sqlcmd"', 'sqlserver'],
    ['type: "mysqldump" engine: "mariadb"', 'mariadb'],
    ['type: "mysqldump" engine: "mysql"', 'mysql'],
    ['type: "pg_dump" engine: "postgresql"', 'postgresql'],
    ['type: "sqlcmd" engine: "sqlserver"', 'sqlserver'],
  ])('%s is %s', (keys, engine) => {
    expect(compiledSet(`${keys} ${STORAGE}`)).toEqual({ engine, errors: [] });
  });

  test.each([
    ['type: "pg_dump" engine: "mysql"', 'DR2005 backup.database.orders.engine'],
    ['type: "mariadb-dump" engine: "mysql"', 'DR2005 backup.database.orders.engine'],
    ['type: "oracle"', 'DR2002 backup.database.orders.type'],
    ['type: 1', 'DR2002 backup.database.orders.type'],
    ['type: ["pg_dump"]', 'DR2002 backup.database.orders.type'],
    ['engine: "oracle" type: "pg_dump"', 'DR2002 backup.database.orders.engine'],
    ['', 'DR2003 backup.database.orders.type'],
    ['typ: "pg_dump"', 'DR2001 backup.database.orders.typ'],
    ['engine: "mysql"', 'DR2003 backup.database.orders.type'],
  ])('%s is one error', (keys, error) => {
    expect(compiledSet(`${keys} ${STORAGE}`).errors).toEqual([error]);
  });

  test('decides which settings there are', () => {
    const { errors } = compiledSet(`type: "sqlcmd" settings: { parallel_jobs: 4 } ${STORAGE}`);
    expect(errors).toEqual(['DR2001 backup.database.orders.settings.parallel_jobs']);
  });
});

describe('the cloud of a shared store', () => {
  const AWS = 'bucket: "acme-copies" region: "eu-west-1"';
  const AZURE = 'storage_account: "acmebackups" container: "copies"';
  const GOOGLE = 'bucket: "acme-copies" location: "europe-west1"';

  function compiledStore(store: string) {
    const { spec, diagnostics } = compileText(smallSpec({ cloud: store }));
    return {
      provider: [...(spec.backup?.cloud?.values() ?? [])][0]?.provider,
      errors: errorsOf(diagnostics).map((one) => `${one.code} ${one.path}`),
    };
  }

  test.each([
    [`aws_s3: { ${AWS} }`, 'aws'],
    [`aws_s3_second: { ${AWS} }`, 'aws'],
    [`"aws_s3.eu": { ${AWS} }`, 'aws'],
    [`azure_blob: { ${AZURE} }`, 'azure'],
    [`gcp_storage_2: { ${GOOGLE} }`, 'google'],
    [`copies: { provider: "AWS" ${AWS} }`, 'aws'],
    [`copies: { provider: "azure" ${AZURE} }`, 'azure'],
    [`copies: { provider: "GCP" ${GOOGLE} }`, 'google'],
    [`copies: { provider: "google" ${GOOGLE} }`, 'google'],
    [`aws_s3: { provider: "Azure" ${AZURE} }`, 'azure'],
  ])('%s', (store, provider) => {
    expect(compiledStore(store)).toEqual({ provider, errors: [] });
  });

  test.each([
    [`copies: { ${AWS} }`, ['DR2003 backup.cloud.copies']],
    [`my_aws_s3: { ${AWS} }`, ['DR2003 backup.cloud.my_aws_s3']],
    [`copies: { providr: "AWS" ${AWS} }`, ['DR2001 backup.cloud.copies.providr']],
    [`copies: { provider: "Acme" ${AWS} }`, ['DR2002 backup.cloud.copies.provider']],
    [
      'aws_s3: { bucket: "acme-copies" location: "eu-west-1" }',
      ['DR2003 backup.cloud.aws_s3.region', 'DR2001 backup.cloud.aws_s3.location'],
    ],
  ])('%s is refused', (store, expected) => {
    expect([...compiledStore(store).errors].sort()).toEqual([...expected].sort());
  });
});

describe('a site', () => {
  const site = (
    provider: string,
    region: string,
    machine: string,
    kind: string,
  ) => `disaster_recovery { dr_sites: { somewhere: {
    kind: "${kind}" location: "far away" provider: "${provider}" region: "${region}"
    infrastructure: { compute: { instance_type: "${machine}" count: 1 } }
    synchronization: { type: "backup_based" method: "backup_restore" }
    activation: { automated: false estimated_time: "4h" }
  } } }`;
  const clouds = [
    ['AWS', 'eu-central-1', 'c5.2xlarge'],
    ['Azure', 'westeurope', 'Standard_D4s_v3'],
    ['GCP', 'europe-west1', 'e2-standard-4'],
  ] as const;

  test.each(clouds.flatMap((one) => ['hot', 'warm', 'cold'].map((kind) => [...one, kind] as const)))(
    'may be %s, %s, %s, %s',
    (provider, region, machine, kind) => {
      expect(errorsOf(compileText(site(provider, region, machine, kind)).diagnostics)).toEqual([]);
    },
  );
});

test('disabled blocks stay typed', () => {
  const found = errorsOf(
    compileText(smallSpec({ cloud: 'aws_s3: { enabled: false bucket: "Not A Bucket" region: "eu-west-1" }' }))
      .diagnostics,
  );
  expect(found.map((one) => `${one.code} ${one.path}`)).toEqual(['DR2002 backup.cloud.aws_s3.bucket']);
});
