import {
  AWS_STORE,
  AZURE_STORE,
  GOOGLE_STORE,
  SEED,
  compileFile,
  compileText,
  database,
  errors,
  findings,
  need,
  planOf,
  planned,
  s3,
  spec,
  task,
} from './support';

/** Who fills which store: "who fills cloud.*" of the resolutions. */
const ALL = `${AWS_STORE} ${AZURE_STORE} ${GOOGLE_STORE}`;
const gcs = 'gcs: { bucket: "acme-own-gcs" location: "EU" path: "orders/" }';
const azure = 'azure: { storage_account: "acmeown" container: "own" path: "orders/" }';

function filling(storage: string, extra = '', cloud = ALL) {
  const plan = planOf(spec({ database: database('orders', storage, extra), cloud }));
  return {
    cloud: task(plan, 'orders').cloud,
    stores: task(plan, 'orders').stores.map((one) => `${one.store} ${one.path}`),
    copies: plan.copies.map((one) => `${one.source} > ${one.destination} ${one.path}`),
  };
}

describe('a task', () => {
  test('writes to its own storage and to the shared stores of its cloud; the others pull copies', () => {
    expect(filling(s3('acme-own', 'orders/{year}/'))).toEqual({
      cloud: 'aws',
      stores: ['aws.bucket.acme-own orders/{year}/', 'aws.bucket.acme-all data/orders/'],
      copies: [
        'aws.bucket.acme-own > azure.container.acmeall/backups data/orders/',
        'aws.bucket.acme-own > google.bucket.acme-all-gcs data/orders/',
      ],
    });
  });

  test.each([
    ['azure', azure, 'azure.container.acmeall/backups data/orders/', 2],
    ['google', gcs, 'google.bucket.acme-all-gcs data/orders/', 2],
  ])('runs in the cloud of its own storage: %s', (cloud, storage, shared, copies) => {
    const found = filling(storage);
    expect(found.cloud).toBe(cloud);
    expect(found.stores[1]).toBe(shared);
    expect(found.copies).toHaveLength(copies);
  });

  test('runs in the first of AWS, Azure, Google of its own stores, and those of the others pull copies', () => {
    const found = filling(`${gcs} ${s3('acme-own', 'orders/')}`, '', GOOGLE_STORE);
    expect(found).toEqual({
      cloud: 'aws',
      stores: ['aws.bucket.acme-own orders/'],
      copies: [
        'aws.bucket.acme-own > google.bucket.acme-all-gcs data/orders/',
        'aws.bucket.acme-own > google.bucket.acme-own-gcs orders/',
      ],
    });
  });

  test('a store that is both its own and shared, in another cloud, gets one copy', () => {
    const same = 'azure: { storage_account: "acmeall" container: "backups" path: "orders/" }';
    const found = filling(`${s3('acme-own', 'orders/')} ${same}`, '', AZURE_STORE);
    expect(found.copies).toEqual(['aws.bucket.acme-own > azure.container.acmeall/backups orders/']);
  });

  test('without a store of its own runs where the first shared one is, which is the source of copies', () => {
    const local = 'local: { path: "/var/backups" }';
    expect(filling(local)).toEqual({
      cloud: 'aws',
      stores: ['aws.bucket.acme-all data/orders/'],
      copies: [
        'aws.bucket.acme-all > azure.container.acmeall/backups data/orders/',
        'aws.bucket.acme-all > google.bucket.acme-all-gcs data/orders/',
      ],
    });
    expect(filling(local, '', GOOGLE_STORE).cloud).toBe('google');
  });

  test('that is kept in no cloud is refused', () => {
    const local = database('orders', 'local: { path: "/var/backups" }');
    expect(errors(compileText(spec({ database: local })))).toEqual(['DR3005 backup.database.orders']);
    expect(errors(compileText(spec({ database: local, cloud: AWS_STORE })))).toEqual([]);
    const none = database('orders', 'local: { path: "/var/backups" }', 'copies: []');
    expect(errors(compileText(spec({ database: none, cloud: AWS_STORE })))).toEqual(['DR3005 backup.database.orders']);
  });

  test('writes to an archive bucket itself only where no s3 beside it fills it', () => {
    const glacier = 'glacier: { bucket: "acme-cold" transition_days: 1 retrieval_tier: "bulk"';
    const alone = `${glacier} region: "eu-west-1" path: "orders/" }`;
    expect(filling(alone, '', '').stores).toEqual(['aws.bucket.acme-cold orders/']);
    expect(filling(`${s3('acme-own', 'orders/')} ${glacier} }`, '', '').stores).toEqual([
      'aws.bucket.acme-own orders/',
    ]);
  });
});

describe('copies of a data set', () => {
  const own = s3('acme-own', 'orders/');

  test.each([
    ['[]', ['aws.bucket.acme-own'], []],
    ['["aws_s3"]', ['aws.bucket.acme-own', 'aws.bucket.acme-all'], []],
    ['["gcp_storage"]', ['aws.bucket.acme-own'], ['google.bucket.acme-all-gcs']],
  ])('narrow who gets it: %s', (copies, stores, destinations) => {
    const plan = planOf(spec({ database: database('orders', own, `copies: ${copies}`), cloud: ALL }));
    expect(task(plan, 'orders').stores.map((one) => one.store)).toEqual(stores);
    expect(plan.copies.map((one) => one.destination)).toEqual(destinations);
  });

  test('build the other stores all the same: they belong to all data sets', () => {
    const plan = planOf(spec({ database: database('orders', own, 'copies: []'), cloud: ALL }));
    expect([plan.aws.length, plan.azure.length, plan.google.length]).toEqual([1, 1, 1]);
  });

  test('name the place that they are pulled to, and its region', () => {
    const plan = planOf(spec({ database: database('orders', own), cloud: ALL }));
    expect(plan.copies.map((one) => [one.id, one.region])).toEqual([
      ['copy.orders.azure_blob', 'westeurope'],
      ['copy.orders.gcp_storage', 'europe-west1'],
    ]);
  });
});

describe('the places of a data set', () => {
  test('are all that hold it, each with its region and what fills it', () => {
    const text = spec({
      database: database(
        'orders',
        `local: { path: "/var/backups" } ${s3('acme-own', 'orders/')} glacier: { bucket: "acme-cold" transition_days: 1 retrieval_tier: "bulk" }`,
      ),
      cloud: `aws_s3: { bucket: "acme-all" region: "eu-west-1" replication: { destination_bucket: "acme-dr" destination_region: "eu-central-1" } } ${GOOGLE_STORE}`,
    });
    expect(planOf(text).holdings).toEqual([
      {
        dataSet: 'orders',
        holdings: [
          { place: '/var/backups', medium: 'host disk', region: '', by: 'task' },
          { place: 'acme-own', medium: 'aws', region: 'eu-west-1', by: 'task' },
          { place: 'acme-all', medium: 'aws', region: 'eu-west-1', by: 'task' },
          { place: 'acme-cold', medium: 'aws', region: 'eu-west-1', by: 'replication' },
          { place: 'acme-dr', medium: 'aws', region: 'eu-central-1', by: 'replication' },
          { place: 'acme-all-gcs', medium: 'google', region: 'europe-west1', by: 'copy' },
        ],
      },
    ]);
  });

  test('an archive of one data set does not hold another one of the same bucket', () => {
    const cold = 'glacier: { bucket: "acme-cold" transition_days: 1 retrieval_tier: "bulk" }';
    const plan = planOf(
      spec({
        database:
          database('orders', `${s3('acme-own', 'orders/')} ${cold}`) + database('users', s3('acme-own', 'users/')),
      }),
    );
    const places = Object.fromEntries(plan.holdings.map((one) => [one.dataSet, one.holdings.map((two) => two.place)]));
    expect(places).toEqual({ orders: ['acme-own', 'acme-cold'], users: ['acme-own'] });
  });

  test('name a region everywhere but on hosts, in the seed too', () => {
    const { tasks, holdings } = planned(compileFile(SEED));
    expect(tasks.flatMap((one) => one.stores).filter((one) => one.region === '')).toEqual([]);
    expect(
      holdings.flatMap((one) => one.holdings).filter((one) => one.medium !== 'host disk' && one.region === ''),
    ).toEqual([]);
  });
});

describe('a replica', () => {
  const replica = (bucket: string, more = '') =>
    spec({
      database: database('orders', s3('acme-own', 'orders/')),
      cloud: `aws_s3: { bucket: "acme-all" region: "eu-west-1" replication: { destination_bucket: "${bucket}" destination_region: "eu-central-1" } } ${more}`,
    });

  test('is filled by replication only', () => {
    const plan = planOf(replica('acme-dr'));
    expect(plan.tasks.flatMap((one) => one.stores.map((two) => two.bucket))).not.toContain('acme-dr');
    expect(
      plan.aws
        .flatMap((stack) => stack.buckets)
        .filter((one) => one.replicaOf)
        .map((one) => one.name),
    ).toEqual(['acme-dr']);
  });

  test.each([
    ['acme-own', ''],
    ['acme-all', ''],
    ['acme-two', 'aws_s3_2: { bucket: "acme-two" region: "eu-central-1" }'],
  ])("in %s, which is somebody else's, is refused", (name, more) => {
    expect(errors(compileText(replica(name, more)))).toEqual([
      'DR3003 backup.cloud.aws_s3.replication.destination_bucket',
    ]);
  });

  test('of two stores in one bucket is refused', () => {
    const more = `aws_s3_2: { bucket: "acme-two" region: "eu-west-1" replication: { destination_bucket: "acme-dr" destination_region: "eu-central-1" } }`;
    expect(errors(compileText(replica('acme-dr', more)))).toEqual([
      'DR3003 backup.cloud.aws_s3_2.replication.destination_bucket',
    ]);
  });

  test('in the region of its source is a finding', () => {
    expect(findings(compileText(replica('acme-dr').replace('eu-central-1', 'eu-west-1')), 'DR3051')).toEqual([
      'DR3051 backup.cloud.aws_s3.replication',
    ]);
    expect(findings(compileText(replica('acme-dr')), 'DR3051')).toEqual([]);
  });

  test('has ages and lock of its own, as lifecycle is not replicated', () => {
    const { aws } = planOf(replica('acme-dr'));
    const [source, copy] = ['acme-all', 'acme-dr'].map((name) =>
      need(
        aws.flatMap((stack) => stack.buckets).find((one) => one.name === name),
        name,
      ),
    );
    expect(copy?.lock).toEqual(source?.lock);
    expect(copy?.lifecycle.map((rule) => rule.expireAfterDays)).toEqual(
      source?.lifecycle.map((rule) => rule.expireAfterDays),
    );
  });
});
