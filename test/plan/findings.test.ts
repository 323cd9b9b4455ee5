import { CODES } from '../../lib/diagnostics';
import { sitePages } from '../../lib/diagnostics/site-codes';
import { COPY_CASES } from './copy-cases';
import type { Case } from './copy-cases';
import { AZURE_STORE, GOOGLE_STORE, compileText, database, findings, s3, spec } from './support';
import type { Parts } from './support';

const own = s3('acme-own', 'orders/');
const orders = (storage = own, extra = '') => database('orders', storage, extra);
const on = (parts: Parts) => spec({ database: orders(), ...parts });
const mysql = (settings: string) => `orders: { type: "mysqldump" settings: { ${settings} } storage: { ${own} } }`;
const sqlserver = (settings: string) => `orders: { type: "sqlcmd" settings: { ${settings} } storage: { ${own} } }`;
const files = (paths: string, patterns: string) =>
  spec({
    filesystem: `orders: { paths: [${paths}] settings: { exclude_patterns: [${patterns}] } storage: { ${own} } }`,
  });
const store = (extra: string) => `aws_s3: { bucket: "acme-all" region: "eu-west-1" ${extra} }`;
const replica = (region: string, bucket = 'acme-dr') =>
  store(`replication: { destination_bucket: "${bucket}" destination_region: "${region}" }`);
const cold = (extra: string) => `glacier: { retrieval_tier: "standard" transition_days: 90 ${extra} }`;
const objectives = (text: string) => `disaster_recovery { objectives: { ${text} } }`;
const full = 'full: { frequency: "weekly" retention: 30 }';
const acknowledged = (code: string, until = '') =>
  `acknowledge: [{ code: "${code}" path: "backup.database.orders" reason: "known" ${until} }]`;

const gcs = (bucket: string, path: string) => `gcs: { bucket: "${bucket}" location: "europe-west3" path: "${path}" }`;
/** So many data sets on Google, all in one bucket or each in its own. */
const onGoogle = (count: number, own?: 'own') =>
  spec({
    types: full,
    window: 'start: "00:00" end: "23:00" timezone: "UTC"',
    database: Array.from({ length: count }, (_, index) =>
      database(`set${index}`, gcs(own ? `acme-${index}` : 'acme-one', `set${index}/`)),
    ).join(''),
  });
const dumped = (format: string, storage: string) =>
  `orders: { type: "pg_dump" settings: { format: "${format}" } storage: { ${storage} } }`;

/** So many data sets on Azure: two Logic Apps each, for a run and for pruning. */
const onAzure = (count: number) =>
  spec({
    types: full,
    window: 'start: "00:00" end: "23:00" timezone: "UTC"',
    database: Array.from({ length: count }, (_, index) =>
      database(`set${index}`, `azure: { storage_account: "acmeown" container: "sets" path: "set${index}/" }`),
    ).join(''),
  });
const AZURE_OWN = 'azure: { storage_account: "acmeown" container: "orders" path: "orders/" }';

/** Two data sets of an hour each on one host, in a window of an hour and a half. */
function twoOnOneHost(atOnce: number): string {
  const set = (name: string) => database(name, s3(`acme-${name}`, `${name}/`));
  const connection = 'primary: { host: "db.example.com" username: env.DB_USER password: env.DB_PASSWORD }';
  return spec({
    types: full,
    database: set('orders') + set('users'),
    deployment: `max_parallel: ${atOnce} tasks: { orders: { expected_duration: "1h" } users: { expected_duration: "1h" } }`,
    rest: `database { orders: { ${connection} } users: { ${connection} } }`,
  });
}

const CASES: readonly Case[] = [
  ...COPY_CASES,
  {
    // A job that copies it does not take it.
    finding: 'DR3057 backup.database.orders',
    text: on({
      database: sqlserver(''),
      cloud: GOOGLE_STORE,
      deployment: 'tasks: { orders: { host: "hosts:role=db" } }',
    }),
    without: on({ cloud: GOOGLE_STORE }),
  },
  {
    finding: 'DR3055 backup.database.orders',
    text: on({ window: 'start: "01:00" end: "01:20" timezone: "UTC"' }),
    without: on({ window: 'start: "01:00" end: "01:40" timezone: "UTC"' }),
  },
  {
    finding: 'DR3055 deployment.tasks.orders.expected_duration',
    text: on({ deployment: 'tasks: { orders: { expected_duration: "2h" } }' }),
    without: on({ deployment: 'tasks: { orders: { expected_duration: "90m" } }' }),
  },
  {
    finding: 'DR3055 backup.general.backup_window',
    text: twoOnOneHost(1),
    without: twoOnOneHost(2),
  },
  {
    finding: 'DR3057 backup.database.orders',
    text: on({ database: sqlserver(''), deployment: 'tasks: { orders: { host: "hosts:role=db" } }' }),
    without: on({ deployment: 'tasks: { orders: { host: "hosts:role=db" } }' }),
  },
  {
    finding: 'DR3060 backup.database',
    text: onGoogle(33),
    without: onGoogle(32),
  },
  {
    finding: 'DR3061 backup.database',
    text: onGoogle(167),
    without: onGoogle(167, 'own'),
  },
  {
    finding: 'DR3062 backup.database.orders.settings.format',
    text: on({ database: dumped('directory', gcs('acme-one', 'orders/')) }),
    // Beside it a copy of such a dump: the job there writes no files.
    without: on({ database: dumped('directory', own), cloud: GOOGLE_STORE }),
  },
  {
    finding: 'DR3063 deployment.tasks.orders.host',
    text: `${files('"/srv"', '"*.tmp"')} deployment { tasks: { orders: { host: "container" } } }`,
    without: files('"/srv"', '"*.tmp"'),
  },
  {
    finding: 'DR3064 backup.database.orders.storage.local.path',
    text: on({ database: orders(`local: { path: "/srv/backup" } ${gcs('acme-one', 'orders/')}`) }),
    without: on({
      database: orders(`local: { path: "/srv/backup" } ${gcs('acme-one', 'orders/')}`),
      deployment: 'tasks: { orders: { host: "hosts:role=db" } }',
    }),
  },
  {
    finding: 'DR3065 backup.general.backup_window.timezone',
    text: on({ database: orders(AZURE_OWN), window: 'start: "22:00" end: "23:30" timezone: "Antarctica/Troll"' }),
    without: on({ window: 'start: "22:00" end: "23:30" timezone: "Antarctica/Troll"' }),
  },
  {
    finding: 'DR3066 deployment.network.azure.subnets[0]',
    text: on({ database: orders(AZURE_OWN), deployment: 'network: { azure: { subnets: ["backups"] } }' }),
    without: on({ deployment: 'network: { azure: { subnets: ["backups"] } }' }),
  },
  {
    finding: 'DR3068 backup.database',
    text: onAzure(334),
    without: onAzure(333),
  },
  {
    finding: 'DR3056 backup.general.types.full.frequency',
    text: on({ types: 'full: { frequency: "7h" retention: 30 }' }),
    without: on({ types: 'full: { frequency: "8h" retention: 30 }' }),
  },
  {
    finding: 'DR3001 backup.general.types',
    text: on({ types: 'differential: { frequency: "daily" retention: 7 }', database: sqlserver('') }),
    without: on({ types: `${full} differential: { frequency: "daily" retention: 7 }`, database: sqlserver('') }),
  },
  {
    finding: 'DR3001 backup.general.types',
    text: on({ types: '' }),
    // pg_dump runs every type as a full.
    without: on({ types: 'incremental: { frequency: "daily" retention: 7 }' }),
  },
  {
    finding: 'DR3007 backup.database.orders.storage.s3.path',
    text: on({ database: orders(s3('acme-own', '{month}/{day}/')) }),
    without: on({ database: orders(s3('acme-own', '{year}/{month}/')) }),
  },
  {
    finding: 'DR3008 backup.database.orders.storage.glacier.path',
    text: on({ database: orders(`${own} ${cold('bucket: "acme-cold" path: "elsewhere/"')}`) }),
    without: on({ database: orders(`${own} ${cold('bucket: "acme-cold" path: "orders/"')}`) }),
  },
  {
    finding: 'DR3008 backup.database.orders.storage.glacier.region',
    text: on({ database: orders(`${own} ${cold('bucket: "acme-own" region: "us-east-2"')}`) }),
    without: on({ database: orders(`${own} ${cold('bucket: "acme-cold" region: "us-east-2"')}`) }),
  },
  {
    finding: 'DR3009 backup.database.orders.storage.glacier.bucket',
    text: on({
      database:
        orders(`${own} ${cold('bucket: "acme-cold" region: "us-west-2"')}`) +
        database('users', `${s3('acme-two', 'users/')} ${cold('bucket: "acme-cold" region: "us-west-2"')}`),
      deployment: 'aws: { account: "111122223333" } vault: { account: "444455556666" }',
    }),
    without: on({
      database:
        orders(`${own} ${cold('bucket: "acme-cold" region: "us-west-2"')}`) +
        database('users', `${s3('acme-two', 'users/')} ${cold('bucket: "acme-cold-2" region: "us-west-2"')}`),
      deployment: 'aws: { account: "111122223333" } vault: { account: "444455556666" }',
    }),
  },
  {
    finding: 'DR3012 backup.cloud.aws_s3.encryption.sse_algorithm',
    text: on({ cloud: store('encryption: { sse_algorithm: "AES256" }') }),
    without: on({ cloud: store('encryption: { sse_algorithm: "aws:kms" }') }),
  },
  {
    finding: 'DR3013 backup.cloud.aws_s3',
    text: on({
      cloud: `aws_s3: { bucket: "${'a'.repeat(50)}" region: "eu-west-1" }`,
      deployment: 'bucket_naming: "account_regional"',
    }),
    without: on({ cloud: `aws_s3: { bucket: "${'a'.repeat(50)}" region: "eu-west-1" }` }),
  },
  {
    finding: 'DR3079 deployment.bucket_naming',
    text: on({ deployment: 'bucket_naming: "account_regional"' }),
    without: on({ deployment: 'bucket_naming: "account_regional" aws: { account: "111122223333" }' }),
  },
  {
    finding: 'DR3014 backup.database.orders.storage.s3',
    text: on({ deployment: 'immutability: { days: 36500 }' }),
    without: on({ deployment: 'immutability: { days: 36499 }' }),
  },
  {
    finding: 'DR3015 backup.database.orders.storage.s3.lifecycle.transition_days',
    text: on({ database: orders(s3('acme-own', 'o/', 'lifecycle: { transition_days: 120 }')) }),
    without: on({ database: orders(s3('acme-own', 'o/', 'lifecycle: { transition_days: 119 }')) }),
  },
  {
    finding: 'DR3016 backup.database.orders.storage.s3',
    text: on({ deployment: 'aws: { regions: ["us-east-2"] }' }),
    without: on({ deployment: 'aws: { regions: ["us-east-2", "eu-west-1"] }' }),
  },
  {
    finding: 'DR3018 backup.database.orders.copies[0]',
    text: on({
      database: orders(own, 'copies: ["gcp_storage"]'),
      cloud: GOOGLE_STORE.replace('{', '{ enabled: false'),
    }),
    without: on({ database: orders(own, 'copies: ["gcp_storage"]'), cloud: GOOGLE_STORE }),
  },
  {
    finding: 'DR3019 backup.cloud.aws_s3.replication.destination_region',
    text: on({ cloud: replica('cn-north-1') }),
    without: on({ cloud: replica('eu-central-1') }),
  },
  {
    finding: 'DR3020 backup.database.orders.type',
    text: on({ types: `${full} incremental: { frequency: "daily" retention: 7 }` }),
    without: on({ types: full }),
  },
  {
    finding: 'DR3021 backup.database.orders.type',
    text: on({ types: `${full} log: { frequency: "1h" retention: 7 }` }),
    without: on({ types: `${full} log: { frequency: "1h" retention: 7 }`, database: mysql('') }),
  },
  {
    finding: 'DR3022 backup.general.types.differential.compression',
    text: on({
      types: `${full} incremental: { frequency: "daily" retention: 7 } differential: { frequency: "daily" retention: 7 compression: "zstd" }`,
    }),
    without: on({
      types: `${full} incremental: { frequency: "daily" retention: 7 } differential: { frequency: "12h" retention: 7 compression: "zstd" }`,
    }),
  },
  {
    finding: 'DR3023 backup.database.orders.settings.parallel_jobs',
    text: on({ database: orders(own, 'settings: { format: "custom" parallel_jobs: 4 }') }),
    without: on({ database: orders(own, 'settings: { format: "directory" parallel_jobs: 4 }') }),
  },
  {
    finding: 'DR3024 backup.database.orders.settings.include_data',
    text: on({ database: orders(own, 'settings: { include_data: false }') }),
    without: on({ database: orders(own, 'settings: { include_data: true }') }),
  },
  {
    finding: 'DR3024 backup.database.orders.settings.include_schema',
    text: on({ database: orders(own, 'settings: { include_schema: false }') }),
    without: on({ database: orders(own, 'settings: { include_schema: true }') }),
  },
  {
    finding: 'DR3025 backup.database.orders.settings.include_data',
    text: on({ database: orders(own, 'settings: { include_schema: false include_data: false }') }),
    without: on({ database: orders(own, 'settings: { include_schema: false }') }),
  },
  {
    finding: 'DR3026 backup.database.orders.settings.copy_only',
    text: on({ database: sqlserver('copy_only: true') }),
    without: on({ types: full, database: sqlserver('copy_only: true') }),
  },
  {
    finding: 'DR3027 backup.database.orders.settings.lock_tables',
    text: on({ database: mysql('single_transaction: true lock_tables: true') }),
    without: on({ database: mysql('single_transaction: false lock_tables: true') }),
  },
  {
    finding: 'DR3028 backup.database.orders.settings.single_transaction',
    text: on({ database: mysql('single_transaction: false lock_tables: false') }),
    without: on({ database: mysql('single_transaction: true lock_tables: false') }),
  },
  {
    finding: 'DR3029 backup.general.types.full.retention',
    text: on({ types: 'full: { frequency: "weekly" retention: 6 }' }),
    without: on({ types: 'full: { frequency: "weekly" retention: 7 }' }),
  },
  {
    finding: 'DR3030 backup.database.orders.storage.s3.lifecycle.expiration_days',
    text: on({ database: orders(s3('acme-own', 'o/', 'lifecycle: { expiration_days: 29 }')) }),
    without: on({ database: orders(s3('acme-own', 'o/', 'lifecycle: { expiration_days: 30 }')) }),
  },
  {
    finding: 'DR3031 backup.database.orders.storage.s3.lifecycle.expiration_days',
    text: on({ database: orders(s3('acme-own', 'o/', 'lifecycle: { expiration_days: 31 }')) }),
    without: on({ database: orders(s3('acme-own', 'o/', 'lifecycle: { expiration_days: 30 }')) }),
  },
  {
    finding: 'DR3032 backup.database.orders.storage.s3.lifecycle.transition_days',
    text: on({ database: orders(s3('acme-own', 'o/', 'lifecycle: { transition_days: 30 }')) }),
    without: on({ cloud: store('lifecycle: { transition_to_ia: 30 }') }),
  },
  {
    finding: 'DR3033 backup.database.orders.storage.s3',
    text: on({}),
    without: on({ database: orders(s3('acme-own', 'o/', 'lifecycle: { expiration_days: 60 }')) }),
  },
  {
    finding: 'DR3034 backup.database.orders.storage.glacier',
    text: on({ database: orders(`${own} ${cold('bucket: "acme-cold"')}`) }),
    without: on({ database: orders(`${own} ${cold('bucket: "acme-own"')}`) }),
  },
  {
    finding: 'DR3035 backup.database.users.storage.s3',
    text: on({ database: orders() + database('users', s3('acme-own', 'users/')) }),
    without: on({ database: orders() + database('users', s3('acme-two', 'users/')) }),
  },
  {
    finding: 'DR3036 backup.cloud.aws_s3.lifecycle.transition_to_ia',
    text: on({ cloud: store('lifecycle: { transition_to_ia: 40 delete_after: 60 }') }),
    without: on({ cloud: store('lifecycle: { transition_to_ia: 30 delete_after: 60 }') }),
  },
  {
    finding: 'DR3037 backup.cloud.azure_blob',
    text: on({ cloud: AZURE_STORE }),
    without: on({ cloud: GOOGLE_STORE }),
  },
  {
    finding: 'DR3038 backup.database.orders.storage.glacier.retrieval_tier',
    text: on({
      database: orders(`${own} ${cold('bucket: "acme-own"')}`),
      rest: objectives('rto: { critical_systems: "5h" }'),
    }),
    without: on({
      database: orders(`${own} ${cold('bucket: "acme-own"')}`),
      rest: objectives('rto: { critical_systems: "6h" }'),
    }),
  },
  {
    finding: 'DR3039 backup.cloud.azure_blob',
    text: on({ cloud: AZURE_STORE.replace('westeurope', 'polandcentral') }),
    without: on({ cloud: AZURE_STORE }),
  },
  {
    finding: 'DR3040 backup.database.orders',
    text: on({}),
    without: on({ database: orders(`local: { path: "/b" } ${own}`) }),
  },
  {
    finding: 'DR3041 backup.database.orders',
    text: on({ database: orders(`local: { path: "/b" } ${own}`) }),
    without: on({}),
  },
  {
    finding: 'DR3042 backup.database.orders.storage.local',
    text: on({ database: orders(`local: { path: "/b" } ${own}`) }),
    without: on({
      database: orders(`local: { path: "/b" } ${own}`),
      deployment: `encryption: { recipient: "age1${'q'.repeat(58)}" }`,
    }),
  },
  {
    finding: 'DR3042 backup.database.orders.storage.local',
    text: on({ types: full, database: orders(`local: { path: "/b" } ${own}`) }),
    without: on({
      types: 'full: { frequency: "weekly" retention: 30 encryption: false }',
      database: orders(`local: { path: "/b" } ${own}`),
    }),
  },
  {
    finding: 'DR3043 backup.filesystem.orders.paths[1]',
    text: files('"/srv/data", "/srv/logs"', '"*.tmp", "*.log"'),
    without: files('"/srv/data", "/srv/catalogs"', '"*.tmp", "*.log"'),
  },
  {
    finding: 'DR3043 backup.filesystem.orders.paths[0]',
    text: files('"/srv/temp"', '"temp/*"'),
    without: files('"/srv/data"', '"temp/*"'),
  },
  {
    finding: 'DR3044 backup.database.orders',
    text: on({}),
    without: on({ database: orders(own, 'validation: { test_restore: true }') }),
  },
  {
    finding: 'DR3045 backup.general.backup_window.start',
    text: on({ window: 'start: "02:00" end: "06:00" timezone: "Europe/Berlin"' }),
    without: on({ window: 'start: "03:00" end: "06:00" timezone: "Europe/Berlin"' }),
  },
  {
    finding: 'DR3045 backup.general.backup_window.start',
    text: on({ window: 'start: "01:30" end: "06:00" timezone: "America/Chicago"' }),
    without: on({ window: 'start: "01:30" end: "06:00" timezone: "America/Phoenix"' }),
  },
  {
    finding: 'DR3046 backup.general.backup_window.start',
    text: on({ window: 'start: "02:00" end: "03:00" timezone: "Europe/Berlin"' }),
    without: on({ window: 'start: "02:00" end: "03:30" timezone: "Europe/Berlin"' }),
  },
  {
    finding: 'DR3047 backup.cloud.gcp_storage',
    text: on({ database: orders(own, 'copies: []'), cloud: GOOGLE_STORE }),
    without: on({ database: orders(own, 'copies: ["gcp_storage"]'), cloud: GOOGLE_STORE }),
  },
  {
    finding: 'DR3048 backup.cloud.azure_blob.lifecycle.delete_after',
    text: on({
      cloud: AZURE_STORE.replace('location', 'lifecycle: { delete_after: 60 } location'),
      deployment: 'immutability: { days: 61 }',
    }),
    without: on({
      cloud: AZURE_STORE.replace('location', 'lifecycle: { delete_after: 60 } location'),
      deployment: 'immutability: { days: 60 }',
    }),
  },
  {
    finding: 'DR3049 backup.cloud.gcp_storage',
    text: on({ cloud: GOOGLE_STORE }),
    without: on({ cloud: AZURE_STORE }),
  },
  {
    finding: 'DR3050 deployment.acknowledge[0]',
    text: on({ deployment: acknowledged('DR3020') }).replace('backup.database.orders"', 'backup.filesystem"'),
    without: on({ deployment: acknowledged('DR3044') }),
  },
  {
    finding: 'DR3050 deployment.acknowledge[0]',
    text: on({ deployment: acknowledged('DR3044', 'until: "2025-12-31"') }),
    without: on({ deployment: acknowledged('DR3044', 'until: "2026-01-01"') }),
  },
  {
    finding: 'DR3051 backup.cloud.aws_s3.replication',
    text: on({ cloud: replica('eu-west-1') }),
    without: on({ cloud: replica('eu-west-2') }),
  },
  {
    finding: 'DR3054 deployment.network.azure.allowed_ranges[0]',
    text: on({ cloud: AZURE_STORE, deployment: 'network: { azure: { allowed_ranges: ["10.0.0.0/16"] } }' }),
    without: on({ cloud: AZURE_STORE, deployment: 'network: { azure: { allowed_ranges: ["203.0.113.0/24"] } }' }),
  },
  {
    finding: 'DR3070 backup.database.orders',
    text: on({ types: full, rest: objectives('rpo: { critical_data: "7d" standard_data: "8d" }') }),
    without: on({
      types: full,
      rest: objectives('rpo: { critical_data: "7d" standard_data: "8d" }'),
      deployment: 'tiers: { orders: "standard" }',
    }),
  },
];

describe.each(CASES)('$finding', ({ finding, text, without }) => {
  const [code = ''] = finding.split(' ');

  test('is found', () => {
    expect(findings(compileText(text), code)).toContain(finding);
  });

  test('is not found beside it', () => {
    expect(findings(compileText(without), code)).not.toContain(finding);
  });

  test('says what was found and stands in the text', () => {
    const [one] = compileText(text).diagnostics.filter((each) => each.code === code);
    expect(one?.message).toMatch(/^[^A-Z]|^(AES256|RTO|RPO|S3)/);
    expect(one?.message).not.toMatch(/\.$/);
    expect(one?.span).toBeDefined();
  });
});

/** Codes of the plan whose specs stand in the tests of what they are about. */
const ELSEWHERE = [
  'DR3058', // shards
  'DR3002', // merging
  'DR3003',
  'DR3004',
  'DR3005', // filling
  'DR3006', // replication
  'DR3052',
  'DR3010', // storage-key
  'DR3011',
  'DR3053', // backend
  'DR3074', // many-tasks
  'DR3075',
  'DR3072', // full-read
  'DR3073',
  'DR3076', // test-restore
  'DR3077', // test-restore
  'DR3078', // google/test-restore
  'DR3083', // kept-elsewhere
  ...['DR3094', 'DR3097'], // task-image
  ...Object.keys(sitePages), // site/sites
];

test('every finding of the plan has a case', () => {
  const codes = Object.keys(CODES).filter((code) => /^DR3/.test(code));
  const covered = new Set([...CASES.map(({ finding }) => finding.slice(0, 6)), ...ELSEWHERE]);
  expect(codes.filter((code) => !covered.has(code))).toEqual([]);
});
