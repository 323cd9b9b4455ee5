import { AZURE_STORE, GOOGLE_STORE, bucket, compileText, database, findings, need, planOf, s3, spec } from './support';

/** Locks on stored objects, in three clouds. The documented types: kept 30, 7 and 14 days. */
const text = (deployment: string) =>
  spec({
    database: database('orders', s3('acme-own', 'orders/')),
    cloud: `aws_s3: { bucket: "acme-all" region: "eu-west-1" replication: { destination_bucket: "acme-dr" destination_region: "eu-central-1" } } ${AZURE_STORE} ${GOOGLE_STORE}`,
    deployment: deployment && `immutability: { ${deployment} }`,
  });

function locks(deployment: string) {
  const plan = planOf(text(deployment));
  const aws = (name: string) => {
    const { lock } = bucket(plan, name);
    return lock ? `${lock.mode} ${lock.days}` : 'off';
  };
  const azure = plan.azure[0]?.accounts[0]?.containers[0]?.immutability;
  const google = need(plan.google[0]?.buckets[0], 'bucket');
  const policy = (one: { readonly days: number; readonly locked: boolean } | null | undefined) =>
    one ? `${one.locked ? 'locked' : 'unlocked'} ${one.days}` : 'off';
  return {
    own: aws('acme-own'),
    shared: aws('acme-all'),
    replica: aws('acme-dr'),
    azure: policy(azure),
    google: google.versioning ? 'versions' : policy(google.retention),
  };
}

test.each([
  [
    'by default: governance with the days of the protocol; Google keeps versions',
    '',
    {
      own: 'governance 30',
      shared: 'governance 30',
      replica: 'governance 30',
      azure: 'unlocked 7',
      google: 'versions',
    },
  ],
  ['off', 'mode: "off"', { own: 'off', shared: 'off', replica: 'off', azure: 'off', google: 'versions' }],
  [
    'governance, asked for',
    'mode: "governance"',
    {
      own: 'governance 30',
      shared: 'governance 30',
      replica: 'governance 30',
      azure: 'unlocked 7',
      google: 'versions',
    },
  ],
  [
    'compliance',
    'mode: "compliance"',
    { own: 'compliance 30', shared: 'compliance 30', replica: 'compliance 30', azure: 'locked 7', google: 'locked 7' },
  ],
  [
    'days',
    'days: 45',
    {
      own: 'governance 45',
      shared: 'governance 45',
      replica: 'governance 45',
      azure: 'unlocked 45',
      google: 'versions',
    },
  ],
  [
    'compliance for days',
    'mode: "compliance" days: 45',
    {
      own: 'compliance 45',
      shared: 'compliance 45',
      replica: 'compliance 45',
      azure: 'locked 45',
      google: 'locked 45',
    },
  ],
  [
    'by the name of a store',
    'stores: { aws_s3: { mode: "off" } azure_blob: { mode: "compliance" days: 9 } gcp_storage: { mode: "governance" days: 3 } }',
    { own: 'governance 30', shared: 'off', replica: 'off', azure: 'locked 9', google: 'unlocked 3' },
  ],
  [
    'by bucket and container',
    'mode: "off" stores: { acme-own: { mode: "governance" } backups: { mode: "governance" } acme-all-gcs: { mode: "governance" } }',
    { own: 'governance 30', shared: 'off', replica: 'off', azure: 'unlocked 7', google: 'unlocked 7' },
  ],
  [
    'by store, with the general days',
    'days: 45 stores: { acme-own: { mode: "compliance" } }',
    {
      own: 'compliance 45',
      shared: 'governance 45',
      replica: 'governance 45',
      azure: 'unlocked 45',
      google: 'versions',
    },
  ],
])('%s', (_, deployment, expected) => {
  expect(locks(deployment)).toEqual(expected);
});

describe('on Google', () => {
  test('a retention policy stands without versioning, and one of the two is said', () => {
    const google = (deployment: string) => need(planOf(text(deployment)).google[0]?.buckets[0], 'bucket');
    expect(google('')).toMatchObject({ versioning: true, retention: null });
    expect(google('mode: "compliance"')).toMatchObject({ versioning: false, retention: { days: 7, locked: true } });
    const said = (deployment: string) =>
      compileText(text(deployment))
        .diagnostics.filter((one) => one.code === 'DR3049')
        .map((one) => one.message);
    expect(said('')).toEqual([expect.stringContaining('versioning and soft delete protect')]);
    expect(said('mode: "compliance"')).toEqual([expect.stringContaining('a retention policy of 7 days')]);
  });
});

test('a container takes the shortest retention of the types that land there', () => {
  const days = (types: string) =>
    planOf(spec({ types, database: database('orders', 'local: { path: "/b" }'), cloud: AZURE_STORE })).azure[0]
      ?.accounts[0]?.containers[0]?.immutability?.days;
  expect(days('full: { frequency: "daily" retention: 40 }')).toBe(40);
  // pg_dump takes no logs, so their retention does not count.
  expect(days('full: { frequency: "daily" retention: 40 } log: { frequency: "1h" retention: 2 }')).toBe(40);
  expect(days('full: { frequency: "daily" retention: 40 } incremental: { frequency: "1h" retention: 2 }')).toBe(2);
});

test('a lock that outlives the age of deletion is a finding', () => {
  const aged = (days: number, deployment: string) =>
    findings(
      compileText(
        spec({
          database: database('orders', s3('acme-own', 'o/', `lifecycle: { expiration_days: ${days} }`)),
          deployment,
        }),
      ),
      'DR3048',
    );
  expect(aged(44, 'immutability: { days: 45 }')).toEqual([
    'DR3048 backup.database.orders.storage.s3.lifecycle.expiration_days',
  ]);
  expect(aged(45, 'immutability: { days: 45 }')).toEqual([]);
});
