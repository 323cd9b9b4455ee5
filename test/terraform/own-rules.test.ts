import { checkStack, ownRules } from '../../lib/terraform';
import { googleSiteLeftAloneRules } from '../../lib/terraform/rules/google-site-left-alone';
import type { JsonValue, StackJson } from '../../lib/terraform/stack-json';
import { addAzureStacks } from '../../stacks/azure';
import { addGoogleStacks } from '../../stacks/google';
import { shard } from '../azure/contoso';
import { account, azureStack, madeStack } from '../azure/fixture';
import { hot, replica, warm } from '../azure/site/fixture';
import * as google from '../google/fixture';
import { readerStack } from '../google/readers';
import * as sites from '../google/site/fixture';
import { synthTasks, testedPlan } from '../google/task-fixture';
import { synthStack } from './synth-stack';

const azurePlan = { ...azureStack, accounts: [{ ...account, lifecycle: account.lifecycle.slice(0, 1) }] };
const googlePlan = {
  ...google.googleStack,
  buckets: [{ ...google.versionedBucket, lifecycle: google.versionedBucket.lifecycle.filter((r) => r.prefix === '') }],
};

const azure = synthStack(azurePlan.name, (app) => addAzureStacks(app, [azurePlan])).template;
const azureMade = synthStack(azurePlan.name, (app) =>
  addAzureStacks(app, [
    { ...madeStack, accounts: [{ ...madeStack.accounts[0]!, lifecycle: azurePlan.accounts[0]!.lifecycle }] },
  ]),
).template;
const gcs = synthStack(googlePlan.name, (app) => addGoogleStacks(app, [googlePlan])).template;
const gcsMade = synthStack(googlePlan.name, (app) =>
  addGoogleStacks(app, [
    { ...googlePlan, keys: [google.createdKey], buckets: [{ ...google.lockedBucket, keyId: google.createdKey.id }] },
  ]),
).template;

const tasks = synthTasks();
const [gcsShared, gcsTasks, gcsReaders] = [tasks.shared.template, tasks.shard.template, readerStack().template];
const gcsSigning = synthTasks(testedPlan()).shared.template;
const [gcsHot, gcsCold, gcsReplica] = [sites.hot, sites.cold, sites.replica].map((make) => make().stack.template) as [
  StackJson,
  StackJson,
  StackJson,
];
const GROUP = 'google_compute_region_instance_group_manager/*';
const SCALER = 'google_compute_region_autoscaler/*/autoscaling_policy';
const SQL = 'google_sql_database_instance/*';
const PROVIDER = 'google_iam_workload_identity_pool_provider/*';

interface Open {
  [key: string]: JsonValue | Open;
}

/** A copy of the template in which the value under the path is another one; `*` stands for the first key. */
function change(template: StackJson, path: string, value: JsonValue): StackJson {
  const copy = structuredClone(template) as Open;
  const keys = path.split('/');
  const last = keys.pop() ?? '';
  const holder = keys.reduce<Open>((at, key) => {
    const name = key === '*' ? (Object.keys(at)[0] ?? '') : key;
    if (at[name] === undefined) {
      at[name] = {};
    }
    return at[name] as Open;
  }, copy);
  holder[last] = value;
  return copy;
}

function first(template: StackJson, type: string): JsonValue {
  return Object.values(template.resource?.[type] ?? {})[0];
}

const azureTasks = shard().template;
const [azureHot, azureWarm, azureReplica] = [hot().stack.template, warm().stack.template, replica().stack.template];
const SET = 'azurerm_linux_virtual_machine_scale_set/*';
const SERVER = 'azurerm_postgresql_flexible_server/*';
const LEFT_ALONE = `${SERVER}/lifecycle/ignore_changes`;
const REPLICA_LEFT_ALONE = ['create_mode', 'source_server_id', 'replication_role', 'high_availability', 'zone'];
const ACTION = 'azurerm_logic_app_action_custom/*/body';
const [onBlobs = ''] =
  Object.entries(azureTasks.resource?.azurerm_role_assignment ?? {}).find(([, one]) => one.condition !== undefined) ??
  [];

/** A path starts with the type of a resource, of which the first is changed. */
const broken: readonly (readonly [rule: string, template: StackJson, path: string, value: JsonValue])[] = [
  ['provider-version-exact', azure, 'terraform/required_providers/azurerm/version', '~> 4.0'],
  ['backend-portable', azure, 'terraform/backend/local/path', '/home/me/terraform.tfstate'],
  ['backend-portable', azure, 'terraform/backend/local/path', 'C:\\state\\terraform.tfstate'],
  ['backups-kept', azure, 'azurerm_storage_account/*/lifecycle/prevent_destroy', false],
  ['backups-kept', gcs, 'google_storage_bucket/*/lifecycle', {}],
  ['name-once', azure, 'azurerm_user_assigned_identity/other', first(azure, 'azurerm_user_assigned_identity')],
  ['name-once', gcs, 'google_storage_bucket/other', first(gcs, 'google_storage_bucket')],
  ['azure-account-name', azure, 'azurerm_storage_account/*/name', 'acme-backups'],
  ['azure-account-name', azure, 'azurerm_storage_account/*/name', 'acmebackupsacmebackupsacme'],
  ['azure-replication', azure, 'azurerm_storage_account/*/account_replication_type', 'RA-GRS'],
  ['azure-location', azure, 'azurerm_resource_group/*/location', 'Amsterdam'],
  ['azure-location', azure, 'azurerm_resource_group/*/location', 'eu-west-1'],
  ['azure-account-safe', azure, 'azurerm_storage_account/*/shared_access_key_enabled', true],
  ['azure-account-safe', azure, 'azurerm_storage_account/*/min_tls_version', 'TLS1_0'],
  ['azure-account-safe', azure, 'azurerm_storage_account/*/network_rules/default_action', 'Allow'],
  ['azure-provider-entra', azure, 'provider/azurerm/*/storage_use_azuread', false],
  ['azure-blob-retention', azure, 'azurerm_storage_account/*/blob_properties/delete_retention_policy/days', 366],
  ['azure-blob-retention', azure, 'azurerm_storage_account/*/blob_properties/change_feed_retention_in_days', 0],
  ['azure-network-bypass', azure, 'azurerm_storage_account/*/network_rules/bypass', ['Azure']],
  ['azure-network-address', azure, 'azurerm_storage_account/*/network_rules/ip_rules', ['203.0.113.5/32']],
  ['azure-network-address', azure, 'azurerm_storage_account/*/network_rules/ip_rules', ['10.0.0.0/24']],
  ['azure-network-address', azure, 'azurerm_storage_account/*/network_rules/ip_rules', ['203.0.113.0/31']],
  ['azure-network-address', azure, 'azurerm_storage_account/*/network_rules/ip_rules', ['172.20.0.1']],
  ['azure-network-address', azure, 'azurerm_storage_account/*/network_rules/ip_rules', ['203.0.113.256']],
  ['azure-network-address', azure, 'azurerm_storage_account/*/network_rules/ip_rules', ['203.0.113']],
  ['azure-network-address', azure, 'azurerm_storage_account/*/network_rules/ip_rules', ['2001:db8::/30']],
  ['azure-container-name', azure, 'azurerm_storage_container/*/name', 'sql--backups'],
  ['azure-container-name', azure, 'azurerm_storage_container/*/name', 'sql_backups'],
  ['azure-container-account', azure, 'azurerm_storage_container/*/storage_account_name', 'acmebackups'],
  ['azure-immutability', azure, 'azurerm_storage_container_immutability_policy/*/immutability_period_in_days', 0],
  ['azure-lock-level', azure, 'azurerm_management_lock/*/lock_level', 'ReadOnly'],
  ['azure-workspace-retention', azure, 'azurerm_log_analytics_workspace/*/retention_in_days', 2555],
  ['azure-workspace-name', azure, 'azurerm_log_analytics_workspace/*/name', 'log_acme'],
  [
    'azure-one-policy',
    azure,
    'azurerm_storage_management_policy/other',
    {
      storage_account_id: Object.values(azure.resource?.azurerm_storage_management_policy ?? {})[0]?.storage_account_id,
    },
  ],
  ['azure-policy-rule-name', azure, 'azurerm_storage_management_policy/*/rule/*/name', 'db_backups!'],
  ['azure-policy-filter', azure, 'azurerm_storage_management_policy/*/rule/*/filters/blob_types', ['appendBlob']],
  [
    'azure-policy-filter',
    azure,
    'azurerm_storage_management_policy/*/rule/*/filters/prefix_match',
    Array.from({ length: 11 }, (_, index) => `a${index}/`),
  ],
  [
    'azure-policy-filter',
    azure,
    'azurerm_storage_management_policy/*/rule/*/filters/match_blob_index_tag',
    [{ name: 'type', value: 'full' }],
  ],
  [
    'azure-policy-days',
    azure,
    'azurerm_storage_management_policy/*/rule/*/actions/version/delete_after_days_since_creation',
    100_000,
  ],
  ['azure-policy-days', azure, 'azurerm_storage_management_policy/*/rule/*/actions', {}],
  [
    'azure-policy-order',
    azure,
    'azurerm_storage_management_policy/*/rule/*/actions/base_blob/tier_to_archive_after_days_since_modification_greater_than',
    30,
  ],
  ['azure-archive-redundancy', azure, 'azurerm_storage_account/*/account_replication_type', 'GZRS'],
  [
    'azure-delete-before-lock-ends',
    azure,
    'azurerm_storage_container_immutability_policy/*/immutability_period_in_days',
    2556,
  ],
  [
    'azure-account-key',
    azure,
    'azurerm_storage_account/*/customer_managed_key/key_vault_key_id',
    'https://v.vault.azure.net//keys/k',
  ],
  ['azure-account-key', azure, 'azurerm_storage_account/*/identity/type', 'SystemAssigned'],
  ['azure-key-grant', azure, 'azurerm_role_assignment', {}],
  ['azure-vault-name', azureMade, 'azurerm_key_vault/*/name', 'acme--vault'],
  ['azure-vault-keeps-keys', azureMade, 'azurerm_key_vault/*/purge_protection_enabled', false],
  ['azure-vault-keeps-keys', azureMade, 'azurerm_key_vault/*/soft_delete_retention_days', 91],
  ['azure-key-name', azureMade, 'azurerm_key_vault_key/*/name', 'acme_backup'],
  ['azure-identity-name', azure, 'azurerm_user_assigned_identity/*/name', 'a'],
  ['azure-role-name', azure, 'azurerm_role_assignment/*/role_definition_name', 'Key Vault Crypto Service User'],
  ['azure-job-name', azureTasks, 'azurerm_container_app_job/*/name', 'Cold_Restore'],
  ['azure-job-name', azureTasks, 'azurerm_container_app_job/*/name', '2-orders-writer'],
  ['azure-job-name', azureTasks, 'azurerm_container_app_job/*/name', 'a'.repeat(33)],
  ['azure-job-size', azureTasks, 'azurerm_container_app_job/*/template/container/0/memory', '8Gi'],
  ['azure-job-size', azureTasks, 'azurerm_container_app_job/*/template/container/0/cpu', 0.1],
  ['azure-job-cron', azureTasks, 'azurerm_container_app_job/*/schedule_trigger_config/cron_expression', 'daily'],
  ['azure-job-cron', azureTasks, 'azurerm_container_app_job/*/schedule_trigger_config/cron_expression', '0 0 3 * * *'],
  ['azure-job-image', azureTasks, 'azurerm_container_app_job/*/template/container/0/image', 'acme.azurecr.io/run:1'],
  ['azure-workflow-name', azureTasks, 'azurerm_logic_app_workflow/*/name', 'a'.repeat(44)],
  ['azure-workflow-action', azureTasks, 'azurerm_logic_app_action_custom/*/body', '{"type":'],
  [
    'azure-workflow-names',
    azureHot,
    'azurerm_logic_app_action_custom/*/body',
    '{"type":"If","else":{"actions":{"OUTCOME":{"type":"Compose","inputs":""}}}}',
  ],
  [
    'azure-workflow-names',
    azureHot,
    'azurerm_logic_app_action_custom/*/body',
    '{"type":"Scope","actions":{"ASKED":{"type":"Compose","inputs":""}}}',
  ],
  [
    'azure-workflow-names',
    azureHot,
    'azurerm_logic_app_action_custom/*/body',
    '{"type":"Scope","actions":{"Why?":{"type":"Compose","inputs":""}}}',
  ],
  ['azure-automation-parameters', azureTasks, 'azurerm_automation_job_schedule/*/parameters/Type', 'full'],
  ['azure-automation-start', azureTasks, 'azurerm_automation_schedule/*/start_time', '2026-01-04T02:00:00+01:00'],
  ['azure-role-condition', azureTasks, `azurerm_role_assignment/${onBlobs}/condition`, ''],
  ['azure-role-condition', azureTasks, `azurerm_role_assignment/${onBlobs}/condition_version`, '1.0'],
  ['google-bucket-name', gcs, 'google_storage_bucket/*/name', 'goog-backups'],
  ['google-bucket-name', gcs, 'google_storage_bucket/*/name', 'Acme'],
  ['google-bucket-name', gcs, 'google_storage_bucket/*/name', '10.0.0.1'],
  ['google-bucket-name', gcs, 'google_storage_bucket/*/name', 'a'.repeat(64)],
  ['google-storage-class', gcs, 'google_storage_bucket/*/storage_class', 'GLACIER'],
  ['google-bucket-safe', gcs, 'google_storage_bucket/*/public_access_prevention', 'inherited'],
  ['google-bucket-safe', gcs, 'google_storage_bucket/*/force_destroy', true],
  ['google-soft-delete', gcs, 'google_storage_bucket/*/soft_delete_policy/retention_duration_seconds', 3 * 86_400],
  ['google-soft-delete', gcs, 'google_storage_bucket/*/soft_delete_policy/retention_duration_seconds', 91 * 86_400],
  ['google-retention', gcsMade, 'google_storage_bucket/*/retention_policy/retention_period', 3_155_760_001],
  ['google-retention-or-versioning', gcsMade, 'google_storage_bucket/*/versioning/enabled', true],
  ['google-retention-or-versioning', gcs, 'google_storage_bucket/*/versioning/enabled', false],
  ['google-service-name', gcs, 'google_project_service/*/service', 'storage'],
  ['google-service-name', gcs, 'google_project_service/*/disable_on_destroy', true],
  ['google-lifecycle-action', gcs, 'google_storage_bucket/*/lifecycle_rule/1/action/type', 'Archive'],
  ['google-lifecycle-action', gcs, 'google_storage_bucket/*/lifecycle_rule/0/action', { type: 'SetStorageClass' }],
  ['google-lifecycle-condition', gcs, 'google_storage_bucket/*/lifecycle_rule/2/condition', {}],
  ['google-lifecycle-condition', gcs, 'google_storage_bucket/*/lifecycle_rule/1/condition/with_state', 'LIVE'],
  ['google-lifecycle-order', gcs, 'google_storage_bucket/*/lifecycle_rule/0/condition/age', 2555],
  ['google-autoclass', gcs, 'google_storage_bucket/*/autoclass', { enabled: true }],
  [
    'google-delete-before-lock-ends',
    gcsMade,
    'google_storage_bucket/*/lifecycle_rule',
    [{ action: { type: 'Delete' }, condition: { age: 29, with_state: 'ANY' } }],
  ],
  ['google-key-location', gcs, 'google_storage_bucket/*/location', 'EUROPE-WEST1'],
  ['google-key-location', gcsMade, 'google_kms_key_ring/*/location', 'us-east1'],
  ['google-location', gcs, 'google_storage_bucket/*/location', 'eu-west-3'],
  ['google-key-name', gcs, 'google_storage_bucket/*/encryption/default_kms_key_name', 'arn:aws:kms:eu-west-1:1:key/k'],
  ['google-key-grant', gcs, 'google_kms_crypto_key_iam_member', {}],
  ['google-grant-once', gcs, 'google_kms_crypto_key_iam_member/other', first(gcs, 'google_kms_crypto_key_iam_member')],
  ['google-key-rotation', gcsMade, 'google_kms_crypto_key/*/rotation_period', '86400s'],
  ['google-signing-key', gcsSigning, 'google_kms_crypto_key/*/rotation_period', '31536000s'],
  ['google-job-name', gcsTasks, 'google_cloud_run_v2_job/*/name', 'Cold_Restore'],
  ['google-job-name', gcsTasks, 'google_cloud_run_v2_job/*/name', 'a'.repeat(50)],
  [
    'google-job-image',
    gcsTasks,
    'google_cloud_run_v2_job/*/template/template/containers/0/image',
    'acme/runner:latest',
  ],
  ['google-job-size', gcsTasks, 'google_cloud_run_v2_job/*/template/template/containers/0/resources/limits/cpu', '3'],
  [
    'google-job-size',
    gcsTasks,
    'google_cloud_run_v2_job/*/template/template/containers/0/resources/limits/memory',
    '16Gi',
  ],
  ['google-job-once', gcsTasks, 'google_cloud_run_v2_job/*/template/template/max_retries', 3],
  ['google-schedule', gcsTasks, 'google_cloud_scheduler_job/*/schedule', '0 3 * *'],
  ['google-schedule', gcsTasks, 'google_cloud_scheduler_job/*/schedule', '0 3 1 * 0'],
  ['google-schedule', gcsTasks, 'google_cloud_scheduler_job/*/time_zone', 'Europe/Berlim'],
  ['google-schedule-token', gcsTasks, 'google_cloud_scheduler_job/*/http_target/oauth_token', null],
  ['google-account-id', gcsTasks, 'google_service_account/*/account_id', 'abc'],
  ['google-account-id', gcsTasks, 'google_service_account/other', first(gcsTasks, 'google_service_account')],
  ['google-role-id', gcsShared, 'google_project_iam_custom_role/*/role_id', 'acme-backup'],
  [
    'google-condition',
    gcsTasks,
    'google_storage_bucket_iam_member/*/condition/expression',
    Array(14).fill('a').join(' || '),
  ],
  ['google-condition', gcsTasks, 'google_storage_bucket_iam_member/*/condition/title', 'a'.repeat(101)],
  ['google-workflow-source', gcsTasks, 'google_workflows_workflow/*/source_contents', '${run.task}'],
  ['google-workflow-source', gcsTasks, 'google_workflows_workflow/*/source_contents', 'a'.repeat(128 * 1024 + 1)],
  ['google-pool-id', gcsReaders, 'google_iam_workload_identity_pool/*/workload_identity_pool_id', 'gcp-copies'],
  ['google-pool-id', gcsReaders, `${PROVIDER}/workload_identity_pool_provider_id`, 'aws'],
  ['google-pool-subjects', gcsReaders, `${PROVIDER}/attribute_condition`, 'true'],
  ['azure-site-account', azureWarm, 'azurerm_storage_account/*/min_tls_version', 'TLS1_0'],
  ['azure-site-account', azureWarm, 'azurerm_network_watcher_flow_log/*/storage_account_id', 'another'],
  ['azure-machine-size', azureHot, `${SET}/sku`, 'D4s_v3'],
  ['azure-machine-size', azureHot, 'azurerm_linux_virtual_machine/*/size', 'GP_Standard_D4s_v5'],
  ['azure-disk-zone', azureHot, 'azurerm_managed_disk/*/zone', undefined],
  ['azure-disk-zone', azureWarm, 'azurerm_managed_disk/*/storage_account_type', 'Premium_ZRS'],
  ['azure-disk-zone', azureHot, `${SET}/zones`, undefined],
  ['azure-disk-cache', azureHot, 'azurerm_virtual_machine_data_disk_attachment/*/caching', 'ReadWrite'],
  ['azure-disk-cache', azureHot, `${SET}/data_disk/0/caching`, 'ReadOnly'],
  ['azure-disk-iops', azureWarm, 'azurerm_managed_disk/*/disk_iops_read_write', 3000],
  ['azure-custom-data', azureWarm, 'azurerm_linux_virtual_machine/*/custom_data', 'a'.repeat(87_381)],
  ['azure-workflow-template', azureWarm, ACTION, JSON.stringify({ type: 'Compose', inputs: 'sleep "${PAUSE:-15}"' })],
  ['azure-workflow-template', azureWarm, ACTION, JSON.stringify({ type: 'Compose', inputs: '%{if}' })],
  ['azure-set-left-alone', azureWarm, `${SET}/lifecycle/ignore_changes`, ['tags']],
  ['azure-switch-left-alone', azureHot, 'azurerm_monitor_autoscale_setting/*/lifecycle', undefined],
  ['azure-switch-left-alone', azureHot, 'azurerm_traffic_manager_azure_endpoint/*/lifecycle', undefined],
  ['azure-switch-left-alone', azureHot, 'azurerm_traffic_manager_external_endpoint/*/lifecycle', undefined],
  ['azure-lease-left-alone', azureWarm, 'azurerm_storage_blob/*/lifecycle', undefined],
  ...['create_mode', 'source_server_id', 'replication_role', 'high_availability'].map(
    (name) =>
      ['azure-replica-left-alone', azureReplica, LEFT_ALONE, REPLICA_LEFT_ALONE.filter((one) => one !== name)] as const,
  ),
  ['azure-server-private', azureReplica, `${SERVER}/delegated_subnet_id`, undefined],
  [
    'azure-server-private',
    azureReplica,
    'azurerm_private_dns_zone/*/name',
    `${replica().site.prefix}-replica.postgres.database.azure.com`,
  ],
  ['azure-autoscale-range', azureHot, 'azurerm_monitor_autoscale_setting/*/profile/0/capacity/maximum', 3],
  ['azure-traffic-manager', azureHot, 'azurerm_traffic_manager_profile/*/monitor_config/path', '/health'],
  ['azure-traffic-manager', azureHot, 'azurerm_traffic_manager_profile/*/monitor_config/protocol', 'HTTPS'],
  ['azure-traffic-manager', azureHot, 'azurerm_traffic_manager_profile/*/monitor_config/timeout_in_seconds', 10],
  ['backups-kept', azureHot, 'azurerm_managed_disk/*/lifecycle', undefined],
  ['backups-kept', azureReplica, `${SERVER}/lifecycle/prevent_destroy`, false],
  ['google-group-surge', gcsCold, `${GROUP}/update_policy/max_surge_fixed`, 1],
  ['google-group-surge', gcsCold, `${GROUP}/update_policy/max_surge_fixed`, 0],
  ['google-autoscaler', gcsHot, `${SCALER}/min_replicas`, 9],
  ['google-autoscaler', gcsHot, `${SCALER}/cpu_utilization/target`, 60],
  ['google-machine-type', gcsHot, 'google_compute_instance_template/*/machine_type', 'Standard_D4s_v3'],
  ['google-machine-disk', gcsHot, 'google_compute_instance_template/*/machine_type', 'n4-standard-4'],
  ['google-machine-disk', gcsHot, 'google_compute_disk/*/type', 'hyperdisk-balanced'],
  ['google-startup-script', gcsHot, 'google_compute_instance/*/metadata/startup-script', 'a'.repeat(262_145)],
  ['google-open-port', gcsHot, 'google_compute_firewall/network_open_database_F307BB61/source_ranges', ['0.0.0.0/0']],
  ['google-health-check', gcsHot, 'google_compute_region_health_check/*/timeout_sec', 30],
  ['google-sql-tier', gcsCold, `${SQL}/settings/tier`, 'db-custom-2-8'],
  ['google-sql-tier', gcsCold, `${SQL}/settings/tier`, 'db-custom-3-8192'],
  ['google-sql-tier', gcsCold, `${SQL}/settings/edition`, 'ENTERPRISE_PLUS'],
  ['google-sql-values', gcsCold, `${SQL}/database_version`, 'postgres16'],
  ['google-sql-values', gcsCold, `${SQL}/settings/activation_policy`, 'STOPPED'],
  ['google-sql-values', gcsCold, `${SQL}/settings/disk_size`, 5],
  ['google-sql-values', gcsCold, `${SQL}/settings/backup_configuration/transaction_log_retention_days`, 36],
  ['google-sql-values', gcsReplica, `${SQL}/settings/backup_configuration`, { enabled: true }],
  ['google-sql-values', gcsReplica, `${SQL}/settings/availability_type`, 'REGIONAL'],
  ['google-sql-safe', gcsCold, `${SQL}/deletion_protection`, false],
  ['google-sql-safe', gcsCold, `${SQL}/settings/ip_configuration/ipv4_enabled`, true],
  ['backups-kept', gcsHot, 'google_compute_disk/*/lifecycle', undefined],
  ['backups-kept', gcsCold, `${SQL}/lifecycle/prevent_destroy`, false],
  ['google-member', gcs, 'google_kms_crypto_key_iam_member/*/member', 'x@y.z'],
];

/** Rules that see the same mistake from two sides: a key that is not granted is often not named right either. */
const SEEN_TWICE = /key-(?:name|grant)|google-location|azure-policy-days/;

const inTemplate = (path: string) => (/^(?:terraform|provider)\//.test(path) ? path : `resource/${path}`);

test.each(broken.map(([rule, template, path, value]) => [rule, path, value, template] as const))(
  '%s finds %s of %j',
  (rule, path, value, template) => {
    const found = checkStack(change(template, inTemplate(path), value)).map((finding) => finding.rule);
    expect(found).toContain(rule);
    if (!SEEN_TWICE.test(rule)) {
      expect(new Set(found)).toEqual(new Set([rule]));
    }
  },
);

test('101 rules and a name twice are too many for one policy', () => {
  const path = 'resource/azurerm_storage_management_policy/*/rule';
  const rule = (name: string) => ({
    name,
    filters: { blob_types: ['blockBlob'] },
    actions: { base_blob: { delete_after_days_since_modification_greater_than: 9 } },
  });
  const names = Array.from({ length: 101 }, (_, index) => `r${index}`);
  const tooMany = checkStack(change(azure, path, names.map(rule)));
  expect(tooMany.map(({ message }) => message)).toEqual(['has 101 rules, 100 are allowed']);
  const twice = checkStack(change(azure, path, [rule('same'), rule('same')]));
  expect(twice.map(({ message }) => message)).toEqual(['has two rules of the name "same"']);
});

test('101 lifecycle rules are too many for one bucket', () => {
  const rules = Array.from({ length: 101 }, () => ({
    action: { type: 'AbortIncompleteMultipartUpload' },
    condition: { age: 7 },
  }));
  const found = checkStack(change(gcs, 'resource/google_storage_bucket/*/lifecycle_rule', rules));
  expect(found.map(({ rule }) => rule)).toEqual(['google-lifecycle-action']);
});

test('no rule goes without a template that breaks it', () => {
  const covered = new Set([
    ...broken.map(([rule]) => rule),
    'azure-policy-size',
    ...googleSiteLeftAloneRules.map(({ id }) => id),
  ]);
  expect(ownRules.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
});

test('rule ids are unique', () => {
  expect(new Set(ownRules.map(({ id }) => id)).size).toBe(ownRules.length);
});

test.each(['198.51.100.7', '203.0.113.0/24', '203.0.113.4/30', '0.0.0.0/0'])('%s may be let in', (range) => {
  expect(checkStack(change(azure, 'resource/azurerm_storage_account/*/network_rules/ip_rules', [range]))).toEqual([]);
});

test('a bucket of the multi-region EU takes a key in europe', () => {
  const moved = change(gcs, 'resource/google_storage_bucket/*/location', 'EU');
  const found = checkStack(moved).map(({ message }) => message);
  expect(found).toEqual(['is in eu, its key in europe-west3; the key has to be in europe']);
});
