import { SEED, compileFile } from './support';

/**
 * What `hypdr check` says about the documentation's own spec, without any variable set: a golden list, to be read when
 * it changes. No error: the documentation's spec builds.
 */
const compiled = compileFile(SEED);
const listed = (severity: string) =>
  compiled.diagnostics
    .filter((one) => one.severity === severity && /^DR(1|2|3)/.test(one.code) && one.code !== 'DR2033')
    .map((one) => `${one.code} ${one.path}`)
    .sort();
const sets = [
  'backup.database.mysql',
  'backup.database.postgresql',
  'backup.database.sqlserver',
  'backup.filesystem.application_data',
  'backup.filesystem.configuration',
];

const sites = 'disaster_recovery.dr_sites';

test('no errors', () => {
  expect(listed('error')).toEqual([]);
});

test('warnings about storage, backup and language', () => {
  expect(listed('warning')).toEqual(
    [
      'DR3010 backup.cloud.aws_s3.encryption.kms_key_id',
      'DR3010 backup.cloud.azure_blob.encryption.key_vault_url',
      'DR3010 backup.cloud.gcp_storage.encryption.kms_key',
      'DR3038 backup.database.postgresql.storage.glacier.retrieval_tier',
      ...sets.map((path) => `DR3042 ${path}.storage.local`),
      'DR3043 backup.filesystem.application_data.paths[1]',
      ...sets.filter((path) => !path.endsWith('postgresql')).map((path) => `DR3044 ${path}`),
      'DR3067 backup.cloud.azure_blob',
      'DR3069 backup.cloud.aws_s3',
      ...sets.map((path) => `DR3070 ${path}`),
      ...['cold', 'hot', 'warm'].map((kind) => `DR3084 ${sites}.${kind}_site.infrastructure.compute`),
      ...['hot', 'warm'].map((kind) => `DR3085 ${sites}.${kind}_site.synchronization`),
      `DR3086 ${sites}.hot_site.activation.automated`,
      `DR3093 ${sites}`,
      'DR3094 backup.database.mysql.type',
      `DR3098 ${sites}.cold_site.infrastructure.database`,
    ].sort(),
  );
});

test('notes about storage, backup and language', () => {
  expect(listed('note')).toEqual(
    [
      'DR3012 backup.cloud.aws_s3.encryption.sse_algorithm',
      // PostgreSQL and MySQL: incremental and differential; SQL Server: incremental only.
      'DR3020 backup.database.mysql.type',
      'DR3020 backup.database.mysql.type',
      'DR3020 backup.database.postgresql.type',
      'DR3020 backup.database.postgresql.type',
      'DR3020 backup.database.sqlserver.type',
      'DR3023 backup.database.postgresql.settings.parallel_jobs',
      'DR3031 backup.cloud.aws_s3.lifecycle.delete_after',
      'DR3031 backup.cloud.azure_blob.lifecycle.delete_after',
      'DR3031 backup.cloud.gcp_storage.lifecycle.delete_after',
      'DR3031 backup.database.postgresql.storage.s3.lifecycle.expiration_days',
      'DR3031 backup.database.postgresql.storage.s3.lifecycle.expiration_days',
      'DR3032 backup.database.postgresql.storage.s3.lifecycle.transition_days',
      `DR3082 ${sites}.hot_site.infrastructure.database.instance_class`,
      'DR3033 backup.database.mysql.storage.s3',
      'DR3033 backup.database.sqlserver.storage.azure',
      'DR3033 backup.filesystem.application_data.storage.s3',
      'DR3033 backup.filesystem.configuration.storage.s3',
      'DR3034 backup.cloud.aws_s3.replication',
      'DR3034 backup.database.postgresql.storage.glacier',
      'DR3035 backup.database.postgresql.storage.s3',
      'DR3037 backup.cloud.azure_blob',
      ...sets.map((path) => `DR3041 ${path}`),
      'DR3045 backup.general.backup_window.start',
      'DR3049 backup.cloud.gcp_storage',
      'DR3083 backup',
      'DR3083 backup.database',
    ].sort(),
  );
});

test('references that nothing in the spec defines are warnings, one for each name', () => {
  const open = compiled.diagnostics.filter((one) => one.code === 'DR2033');
  const names = open.map((one) => /"([^"]+)"/.exec(one.message)?.[1]);
  expect(new Set(names).size).toBe(names.length);
  expect([...names].sort()).toEqual([
    'application_team',
    'authentication_service',
    'backup_team',
    'board_members',
    'ceo',
    'cto',
    'database_team',
    'file_storage',
    'infrastructure_team',
    'ldap_server',
    'network_connectivity',
    'network_team',
    'on_call_engineer',
    'qa_team',
    'security_team',
    'storage_system',
  ]);
});
