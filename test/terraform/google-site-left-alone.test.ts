import { checkStack } from '../../lib/terraform';
import { googleSiteLeftAloneRules } from '../../lib/terraform/rules/google-site-left-alone';
import type { JsonObject, StackJson } from '../../lib/terraform/stack-json';
import { cold, hot, replica } from '../google/site/fixture';
import type { Made } from '../google/site/fixture';

/** Which rules complain once no resource of a type ignores changes of one name any more. */
function without({ stack }: Made, type: string, name: string): readonly string[] {
  const template = stack.template as StackJson;
  const changed = Object.entries(template.resource?.[type] ?? {}).map(([id, body]): [string, JsonObject] => {
    const { lifecycle } = body as { readonly lifecycle?: { readonly ignore_changes?: readonly string[] } };
    const ignored = (lifecycle?.ignore_changes ?? []).filter((one) => one !== name);
    return [id, { ...body, lifecycle: { ...lifecycle, ignore_changes: ignored } }];
  });
  const found = checkStack({ ...template, resource: { ...template.resource, [type]: Object.fromEntries(changed) } });
  return [...new Set(found.map(({ rule }) => rule))];
}

const SERVER = 'google_sql_database_instance';
const CASES: readonly (readonly [rule: string, make: () => Made, type: string, name: string])[] = [
  ['google-group-left-alone', cold, 'google_compute_region_instance_group_manager', 'target_size'],
  ['google-autoscaler-left-alone', hot, 'google_compute_region_autoscaler', 'autoscaling_policy[0].mode'],
  ['google-name-left-alone', hot, 'google_dns_record_set', 'rrdatas'],
  ['google-lease-left-alone', hot, 'google_storage_bucket_object', 'content'],
  ['google-sql-left-alone', cold, SERVER, 'settings[0].activation_policy'],
  ['google-sql-left-alone', replica, SERVER, 'settings[0].activation_policy'],
  ['google-replica-left-alone', replica, SERVER, 'master_instance_name'],
  ['google-replica-left-alone', replica, SERVER, 'instance_type'],
  ['google-replica-left-alone', replica, SERVER, 'replica_configuration'],
  ['google-replica-left-alone', replica, SERVER, 'settings[0].availability_type'],
  ['google-replica-left-alone', replica, SERVER, 'settings[0].backup_configuration'],
  ['google-machine-left-alone', hot, 'google_compute_instance', 'metadata["hypdr-activation"]'],
  ['google-machine-left-alone', hot, 'google_compute_instance', 'desired_status'],
];

test.each(CASES)('%s: %s', (rule, make, type, name) => {
  expect(without(make(), type, name)).toEqual([rule]);
});

test('no rule goes without a template that breaks it', () => {
  const covered = new Set(CASES.map(([rule]) => rule));
  expect(googleSiteLeftAloneRules.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
});

test('what ignores all changes ignores these', () => {
  const template = cold().stack.template as StackJson;
  const resource = Object.fromEntries(
    Object.entries(template.resource ?? {}).map(([type, all]) => [
      type,
      Object.fromEntries(
        Object.entries(all).map(([id, body]) => [
          id,
          { ...body, lifecycle: { prevent_destroy: true, ignore_changes: 'all' } },
        ]),
      ),
    ]),
  );
  expect(checkStack({ ...template, resource })).toEqual([]);
});
