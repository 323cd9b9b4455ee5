import { replicationsOf } from '../../lib/plan/replica';
import { compileText, database, planOf, s3, spec } from './support';

/** What replication fills, as a restore finds it, and the names by which the runner finds buckets. */

const REPLICATED =
  'aws_s3: { bucket: "acme-all" region: "eu-west-1" replication: { destination_bucket: "acme-dr" destination_region: "eu-central-1" } }';
const REGIONAL = 'bucket_naming: "account_regional"';
const ACCOUNT = 'aws: { account: "111122223333" }';

function tasksOf(parts: Parameters<typeof spec>[0]) {
  return planOf(spec({ database: database('orders', s3('acme-own', 'orders/')), ...parts })).tasks;
}

test('a replica has the paths of the store that it follows', () => {
  expect(tasksOf({ cloud: REPLICATED })[0]?.replicas).toEqual([
    {
      ...{ store: 'aws.bucket.acme-dr', of: 'aws.bucket.acme-all', region: 'eu-central-1' },
      ...{ bucket: 'acme-dr', path: 'data/orders/' },
    },
  ]);
});

test('an archive bucket is one, with how it is thawed', () => {
  const storage = `s3: { bucket: "acme-own" region: "eu-west-1" path: "orders/" } glacier: { bucket: "acme-cold" transition_days: 30 retrieval_tier: "bulk" }`;
  const [task] = planOf(spec({ database: database('orders', storage) })).tasks;
  expect(task?.replicas).toMatchObject([
    { store: 'aws.bucket.acme-cold', of: 'aws.bucket.acme-own', path: 'orders/', retrievalTier: 'bulk' },
  ]);
});

test('data whose ledger is not replicated is in no replica: nothing there is verified', () => {
  const glacier = 'glacier: { bucket: "acme-cold" path: "backups/" transition_days: 30 retrieval_tier: "bulk" }';
  const { aws } = planOf(spec({ database: database('orders', `${s3('acme-own', 'backups/')} ${glacier}`) }));
  const of = (name: string, path: string) =>
    replicationsOf({ name }, { store: 'aws.bucket.acme-own', path }, aws).map(({ bucket }) => bucket);
  expect(of('orders', 'backups/')).toEqual(['acme-cold']);
  expect(of('users', 'backups/users/')).toEqual([]);
  const whole = planOf(spec({ database: database('orders', s3('acme-own', 'orders/')), cloud: REPLICATED })).aws;
  const all = replicationsOf({ name: 'users' }, { store: 'aws.bucket.acme-all', path: 'data/users/' }, whole);
  expect(all.map(({ bucket }) => bucket)).toEqual(['acme-dr']);
});

test('a store that nothing replicates has none', () => {
  expect(tasksOf({})[0]).not.toHaveProperty('replicas');
});

test('a replica in an account of its own is known by it', () => {
  const deployment = `${ACCOUNT} ${REGIONAL} vault: { account: "444455556666" }`;
  expect(tasksOf({ cloud: REPLICATED, deployment })[0]?.replicas).toMatchObject([
    { account: '444455556666', bucket: 'acme-dr-444455556666-eu-central-1-an' },
  ]);
});

test('the runner is told the whole name of a bucket in an account-regional namespace', () => {
  const buckets = (deployment: string) => tasksOf({ deployment })[0]?.stores.map((one) => one.bucket);
  expect(buckets('')).toEqual(['acme-own']);
  expect(buckets(`${ACCOUNT} ${REGIONAL}`)).toEqual(['acme-own-111122223333-eu-west-1-an']);
});

test('a bucket has one name among the places of data sets, whoever fills it', () => {
  const { holdings } = planOf(
    spec({
      database: `${database('orders', s3('acme-own', 'orders/'))} ${database('crm', 'gcs: { bucket: "acme-crm" location: "EU" path: "crm/" }')}`,
      cloud: REPLICATED,
      deployment: `${ACCOUNT} ${REGIONAL}`,
    }),
  );
  const places = holdings.map(({ dataSet, holdings: held }) => [dataSet, held.map(({ place }) => place).sort()]);
  expect(Object.fromEntries(places)).toEqual({
    orders: ['acme-all', 'acme-dr', 'acme-own'],
    crm: ['acme-all', 'acme-crm'],
  });
});

test('without the account nobody could tell that name', () => {
  const { plan, diagnostics } = compileText(
    spec({ database: database('orders', s3('acme-own', 'orders/')), deployment: REGIONAL }),
  );
  expect(plan).toBeUndefined();
  expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ code, path }) => `${code} ${path}`)).toEqual(
    ['DR3079 deployment.bucket_naming'],
  );
});
