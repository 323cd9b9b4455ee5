import { planOf, s3, spec } from '../../plan/support';
import { ACCOUNT, REGION } from './template-values';
import { isAllowed, policiesOf } from './rights';
import type { Ask } from './rights';

/** What asks for archived data before a test restore may and may not do, by the policies of the templates themselves. */
const deployment = policiesOf(
  planOf(
    spec({
      database: `orders: {
        type: "pg_dump" validation: { frequency: "weekly" test_restore: true }
        storage: { glacier: { bucket: "acme-cold" region: "eu-west-1" path: "orders/" transition_days: 1 retrieval_tier: "bulk" } }
      }
      ${'users: { type: "pg_dump" validation: { frequency: "weekly" test_restore: true } storage: { ' + s3('acme-own', 'users/') + ' } }'}`,
    }),
  ),
);
const DATA = 'arn:aws:s3:::acme-cold';
const OBJECT = `${DATA}/orders/20261122T021500Z-full-0011223344556677/main.0001`;
const LEDGER = `${DATA}/_verified/orders/orders/20261122T021500Z-full.manifest.json`;
const plain = (action: string, resource: string): Ask => ({ action, resource });
const list = (action: string, prefix: string): Ask => ({ action, resource: DATA, context: { 's3:prefix': prefix } });
const text = ({ action, resource, context }: Ask) => `${action} ${resource} ${JSON.stringify(context ?? {})}`;
const thawer = deployment.role('taskordersthawer');
const answer = (ask: Ask) => isAllowed(thawer, ask, undefined);

const ALLOWED = [
  plain('s3:RestoreObject', OBJECT),
  plain('s3:GetObject', `${DATA}/orders/20261122T021500Z-full.manifest.json`),
  plain('s3:GetObject', LEDGER),
  list('s3:ListBucket', 'orders/'),
  list('s3:ListBucketVersions', 'orders/'),
  list('s3:ListBucket', '_verified/orders/'),
];
const FORBIDDEN = [
  plain('s3:GetObject', OBJECT),
  plain('s3:GetObjectVersion', OBJECT),
  plain('s3:PutObject', OBJECT),
  plain('s3:PutObject', LEDGER),
  plain('s3:PutObject', `${DATA}/_records/orders/a.json`),
  plain('s3:DeleteObjectVersion', OBJECT),
  plain('s3:RestoreObject', `${DATA}/users/a`),
  plain('s3:RestoreObject', LEDGER),
  plain('kms:Sign', `arn:aws:kms:${REGION}:${ACCOUNT}:key/11111111-2222-3333-4444-555555555555`),
  list('s3:ListBucket', ''),
];

test.each(ALLOWED.map((ask) => [text(ask), ask] as const))('may %s', async (_, ask) => {
  expect(await answer(ask)).toBe(true);
});

test.each(FORBIDDEN.map((ask) => [text(ask), ask] as const))('may not %s', async (_, ask) => {
  expect(await answer(ask)).toBe(false);
});

test('who restores still thaws nothing, and of what is read at once nobody does', async () => {
  expect(await isAllowed(deployment.role('taskordersrestorer'), plain('s3:RestoreObject', OBJECT), undefined)).toBe(
    false,
  );
  expect(() => deployment.role('taskusersthawer')).toThrow('0 roles');
});

test('it starts where the task has a folder: its container has that folder too', () => {
  const kept = policiesOf(
    planOf(
      spec({
        database: `orders: {
          type: "pg_dump" validation: { frequency: "weekly" test_restore: true }
          storage: {
            local: { path: "/srv/backups" }
            glacier: { bucket: "acme-cold" region: "eu-west-1" path: "orders/" transition_days: 1 retrieval_tier: "bulk" }
          }
        }`,
      }),
    ),
  );
  expect(JSON.stringify(kept.role('taskordersthawer'))).toContain('elasticfilesystem:ClientMount');
});
