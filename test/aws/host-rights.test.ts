import { renderHostWriter } from '../../lib/aws/host-rights';
import { awsHostOf } from '../../lib/plan/aws-task-host';
import { database, planOf, s3, spec, task } from '../plan/support';

/** A host whose folder has no `max_size` needs nothing of the ledger; what one with it needs, the policies' suite asks. */
const BUCKET = {
  bucketArn: 'arn:aws:s3:::acme-own',
  region: 'eu-west-1',
  key: { kind: 'key', arn: 'arn:aws:kms:eu-west-1:111122223333:key/1' },
  prefixes: ['orders/'],
  ledgers: ['_verified/orders/'],
  longestLockDays: 0,
} as const;

const textOf = (bounded: boolean) =>
  JSON.stringify(renderHostWriter([BUCKET], { bounded }).map((one) => one.toStatementJson() as object));

test('the ledger and versions are seen where a bound asks for it, and nowhere else', () => {
  for (const right of ['s3:ListBucketVersions', '_verified/orders/*']) {
    expect([right, textOf(false).includes(right), textOf(true).includes(right)]).toEqual([right, false, true]);
  }
});

test.each([
  ['a folder with max_size', 'local: { path: "/srv/orders" max_size: "1GB" }', { local: true, bounded: true }],
  ['a folder without', 'local: { path: "/srv/orders" }', { local: true, bounded: false }],
  ['no folder', '', { local: false, bounded: false }],
])('%s', (_, local, expected) => {
  const plan = planOf(
    spec({
      database: database('orders', `${local} ${s3('acme-own', 'orders/')}`),
      deployment: 'tasks: { orders: { host: "hosts:role=db" } }',
    }),
  );
  expect(awsHostOf(task(plan, 'orders'))).toMatchObject(expected);
});
