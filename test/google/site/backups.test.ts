import { need } from '../../plan/support';
import { allNodes, resources } from '../../terraform/synth-stack';
import { bindingsOf, conditionLanguage, isAllowed } from '../rights-model';
import type { ConditionLanguage } from '../rights-model';
import { backed, hot } from './fixture';

/** What machines of a site on Google back up once it is active: whose rights they have, what they carry, who is told. */

const { site, stack } = backed();
const machines = resources(stack, 'google_compute_instance');
const script = (index: number) =>
  String((need(machines[index], 'machine').metadata as Readonly<Record<string, string>>)['startup-script']);
const [account] = resources(stack, 'google_service_account')
  .map(({ account_id: id }) => String(id))
  .filter((id) => id.startsWith('db-'));

/** Without what is granted by roles of Google's own on the site's own buckets. */
function ofBackups() {
  const { resource = {} } = stack.template;
  const members = Object.entries(resource.google_storage_bucket_iam_member ?? {}).filter(([, { bucket }]) =>
    String(bucket).startsWith('acme-'),
  );
  return {
    ...stack.template,
    resource: { ...resource, google_storage_bucket_iam_member: Object.fromEntries(members) },
  };
}

const RUN = '20261122T021501Z-full';
const DATA = `orders/${RUN}-0123456789abcdef/dump.0001`;
const MANIFEST = `orders/${RUN}.manifest.json`;
const LEDGER = `_verified/orders/${MANIFEST}`;
const [create, read, list, remove] = ['create', 'get', 'list', 'delete'].map((one) => `storage.objects.${one}`);

type Row = readonly [may: boolean, does: string, permissions: readonly (string | undefined)[], where: object];
const ROWS: readonly Row[] = [
  [true, 'writes data', [create], { object: DATA }],
  [true, 'writes a manifest', [create], { object: MANIFEST }],
  [true, 'writes to the shared store', [create], { bucket: 'acme-all-gcs', object: `data/${DATA}` }],
  [true, 'reads a manifest', [read], { object: MANIFEST }],
  [true, 'lists its own', [list], { lists: 'orders/' }],
  [false, 'reads data', [read], { object: DATA }],
  [false, 'deletes data', [remove], { object: DATA }],
  [false, 'deletes a manifest', [remove], { object: MANIFEST }],
  [false, 'overwrites data', [create, remove], { object: DATA }],
  [false, 'writes the ledger', [create], { object: LEDGER }],
  [false, 'reads the ledger', [read], { object: LEDGER }],
  [false, 'writes records', [create], { object: '_records/orders/a' }],
  [false, 'writes the recovery', [create], { object: '_recovery/a/spec.hyp' }],
  [false, 'writes what is of another data set', [create], { object: 'other/a' }],
  [false, 'lists all', [list], { lists: '' }],
  [false, 'lists the ledger', [list], { lists: '_verified/orders/' }],
];

let language: ConditionLanguage;
beforeAll(async () => (language = await conditionLanguage()));

test.each(ROWS)('%s: %s', (may, _, permissions, where) => {
  const own = ofBackups();
  const request = { account: need(account, 'account'), bucket: 'acme-orders', permissions: permissions.map(String) };
  expect(isAllowed(bindingsOf(own, own), { ...request, ...where }, language)).toBe(may);
});

test('its rights are there before it is, and the runner that it gets from the bucket of the site', () => {
  const object = Object.entries(stack.template.resource?.google_storage_bucket_object ?? {}).find(([, { name }]) =>
    /^runner\/[0-9a-f]{64}\.js$/.test(String(name)),
  );
  const grants = Object.keys(ofBackups().resource.google_storage_bucket_iam_member).map(
    (id) => `google_storage_bucket_iam_member.${id}`,
  );
  expect(grants).toHaveLength(6);
  const wanted = [...grants, `google_storage_bucket_object.${object?.[0]}`];
  for (const { depends_on: after } of machines) expect(after).toEqual(expect.arrayContaining(wanted));
  const reads = resources(stack, 'google_storage_bucket_iam_member').map(({ condition }) => JSON.stringify(condition));
  expect(reads.filter((one) => one.includes('/objects/runner/'))).toHaveLength(1);
});

test('each machine carries timers, its task, and the address of the runner that was stored', () => {
  const [sha256] = resources(stack, 'google_storage_bucket_object').flatMap(
    ({ name }) => /^runner\/([0-9a-f]{64})\.js$/.exec(String(name))?.[1] ?? [],
  );
  for (const index of machines.keys()) {
    const text = script(index);
    expect(text).toContain(`/runner/${sha256}.js'`);
    expect(text).toContain(`runner_sha256='${sha256}'`);
    expect(text).toContain('"host": "/var/run/postgresql"');
    for (const { type } of need(site.backups, 'backups').runs)
      expect(text).toContain(`/etc/systemd/system/hypdr-site-backup-${type}.timer`);
    // https://cloud.google.com/compute/docs/metadata/setting-custom-metadata#limitations
    expect(Buffer.byteLength(text)).toBeLessThan(256 * 1024);
  }
});

test('one that failed is told by the line that its machine writes', () => {
  const [policy] = resources(stack, 'google_monitoring_alert_policy').filter((one) =>
    JSON.stringify(one).includes('BackupFailed'),
  );
  const [{ condition_matched_log: matched } = { condition_matched_log: undefined }] = policy?.conditions as {
    condition_matched_log: { filter: string };
  }[];
  // As `cloud_metric` writes it.
  const line = `{"hypdr":"site","site":"${site.prefix}","BackupFailed":1}`;
  const words = [...(matched?.filter ?? '').matchAll(/textPayload:("(?:[^"\\]|\\.)*")/g)].map(
    ([, word = '']) => JSON.parse(word) as string,
  );
  expect(words).toHaveLength(2);
  for (const word of words) expect(line).toContain(word);
});

test('one that backs nothing up has none of it', () => {
  expect(hot().site.backups).toBeUndefined();
  expect(hot().stack.text.includes('BackupFailed')).toBe(false);
  expect(allNodes(hot().stack)).not.toContain('site.hot.backups');
  expect(resources(hot().stack, 'google_storage_bucket_object')).toHaveLength(1);
});
