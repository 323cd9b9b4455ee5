import { AZURE_STORE, compileText, database, errors, findings, need, planOf, s3, bucket, spec } from './support';

const two = (first: string, second: string) =>
  spec({ database: database('orders', first) + database('users', second) });
const azure = (container: string, extra = '') =>
  `azure: { storage_account: "acmeall" container: "${container}" path: "{year}/" ${extra} }`;

describe('one bucket that several data sets name', () => {
  const text = two(s3('acme-db', 'orders/{year}/', 'lifecycle: { expiration_days: 700 }'), s3('acme-db', 'users/'));

  test('is one resource, with a rule for each prefix', () => {
    const plan = planOf(text);
    expect(plan.aws.flatMap((stack) => stack.buckets.map((one) => one.name))).toEqual(['acme-db']);
    expect(bucket(plan, 'acme-db').lifecycle.map((rule) => [rule.prefix, rule.expireAfterDays])).toEqual([
      ['orders/', 700],
      ['users/', 120],
    ]);
  });

  test('comes from both blocks, and this is said once', () => {
    const compiled = compileText(text);
    expect(bucket(need(compiled.plan, 'plan'), 'acme-db').from).toEqual(
      expect.arrayContaining(['backup.database.orders.storage.s3', 'backup.database.users.storage.s3']),
    );
    expect(findings(compiled, 'DR3035')).toEqual(['DR3035 backup.database.users.storage.s3']);
  });

  test.each([
    ['equal', 'orders/', 'orders/'],
    ['one within the other', 'orders/', 'orders/old/'],
    ['a word of a path', 'orders/{year}/', 'orders/{month}/'],
    ['two that start with the year', '{year}/orders/', '{year}/users/'],
  ])('must have prefixes apart: %s', (_, first, second) => {
    expect(errors(compileText(two(s3('acme-db', first), s3('acme-db', second))))).toEqual([
      'DR3002 backup.database.users.storage.s3',
    ]);
  });

  test.each([
    ['orders/', 'users/'],
    ['{year}/', 'users/'],
  ])('takes prefixes %s and %s', (first, second) => {
    expect(errors(compileText(two(s3('acme-db', first), s3('acme-db', second))))).toEqual([]);
  });

  test('may share with a store of backup.cloud, under another prefix than data/', () => {
    const shared = (prefix: string) =>
      spec({
        database: database('orders', s3('acme-all', prefix)),
        cloud: 'aws_s3: { bucket: "acme-all" region: "eu-west-1" }',
      });
    expect(bucket(planOf(shared('orders/')), 'acme-all').lifecycle.map((rule) => rule.prefix)).toEqual([
      'data/',
      'orders/',
    ]);
    expect(errors(compileText(shared('data/orders/')))).toEqual(['DR3002 backup.database.orders.storage.s3']);
  });

  test('has one region', () => {
    const elsewhere = s3('acme-db', 'users/').replace('eu-west-1', 'us-east-2');
    expect(errors(compileText(two(s3('acme-db', 'orders/'), elsewhere)))).toEqual([
      'DR3003 backup.database.users.storage.s3',
    ]);
  });

  test('of one name in two clouds is two buckets', () => {
    const plan = planOf(
      spec({
        database: database('orders', s3('acme-all', 'orders/')),
        cloud: 'gcp_storage: { bucket: "acme-all" location: "EU" }',
      }),
    );
    expect([plan.aws.length, plan.google.length]).toEqual([1, 1]);
    expect(bucket(plan, 'acme-all').lifecycle).toHaveLength(1);
  });
});

describe('one storage account that several blocks name', () => {
  const text = spec({ database: database('orders', azure('orders')), cloud: AZURE_STORE });

  test('is one account with a container for each', () => {
    const [stack, ...others] = planOf(text).azure;
    expect(others).toEqual([]);
    expect(stack?.accounts.map((one) => [one.name, one.containers.map((inner) => inner.name)])).toEqual([
      ['acmeall', ['backups', 'orders']],
    ]);
    expect(stack?.accounts[0]?.lifecycle.map((rule) => rule.prefix)).toEqual(['backups/data/', 'orders/2']);
  });

  test('gives its location to a container that names none', () => {
    expect(planOf(text).azure.map((stack) => stack.location)).toEqual(['westeurope']);
    const north = text.replace('westeurope', 'northeurope');
    expect(planOf(north).azure.map((stack) => stack.location)).toEqual(['northeurope']);
  });

  test('has one location', () => {
    const apart = spec({
      database: database('orders', azure('orders', 'location: "northeurope"')),
      cloud: AZURE_STORE,
    });
    expect(errors(compileText(apart))).toEqual([expect.stringMatching(/^DR3003 /)]);
  });

  test('tells prefixes apart within a container only', () => {
    expect(errors(compileText(two(azure('one'), azure('other'))))).toEqual([]);
    expect(errors(compileText(two(azure('one'), azure('one'))))).toEqual([
      'DR3002 backup.database.users.storage.azure',
    ]);
  });

  test('without any location lies where the deployment says, else where the Azure site is, else in westeurope', () => {
    const nowhere = { database: database('orders', azure('orders')) };
    const site = `disaster_recovery { dr_sites: { warm_site: { location: "London" provider: "Azure" region: "uksouth" infrastructure: { compute: { instance_type: "Standard_D4s_v3" count: 1 } } synchronization: { type: "backup_based" method: "backup_restore" } activation: { automated: false estimated_time: "2h" } } } }`;
    const locations = (text: string) => planOf(text).azure.map((stack) => stack.location);
    expect(locations(spec(nowhere))).toEqual(['westeurope']);
    expect(locations(spec({ ...nowhere, rest: site }))).toEqual(['uksouth']);
    expect(locations(spec({ ...nowhere, rest: site, deployment: 'azure: { location: "francecentral" }' }))).toEqual([
      'francecentral',
    ]);
  });
});

describe('data sets', () => {
  test('of one name, or equal but for case, are refused', () => {
    const text = spec({
      database: database('orders', s3('acme-db', 'orders/')),
      filesystem: `Orders: { paths: ["/srv"] storage: { ${s3('acme-files', 'orders/')} } }`,
    });
    expect(errors(compileText(text))).toEqual(['DR3004 backup.filesystem.Orders']);
  });

  test('are in the plan in the order of their names, whatever the order of the text', () => {
    const first = database('orders', s3('acme-db', 'orders/'));
    const second = database('users', s3('acme-db', 'users/'));
    const stores = [
      'aws_s3_b: { bucket: "acme-b" region: "eu-west-1" }',
      'aws_s3_a: { bucket: "acme-a" region: "eu-west-1" }',
      AZURE_STORE,
    ];
    const one = planOf(spec({ database: first + second, cloud: stores.join(' ') }));
    const other = planOf(spec({ database: second + first, cloud: [...stores].reverse().join(' ') }));
    expect(other).toEqual(one);
  });
});
