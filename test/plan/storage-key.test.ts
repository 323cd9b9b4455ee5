import { AWS_STORE, compileText, errors, findings, need, planOf, spec } from './support';

/** Keys in all forms, unset, and in another place than their store. */
const ID = '11111111-2222-4333-8444-555555555555';
const aws = (key: string) =>
  spec({ cloud: `aws_s3: { bucket: "acme-all" region: "eu-west-1" encryption: { kms_key_id: ${key} } }` });
const azure = (url: string) =>
  spec({
    cloud: `azure_blob: { storage_account: "acmeall" container: "backups" encryption: { key_vault_url: ${url} } }`,
  });
const google = (key: string, location = 'europe-west1') =>
  spec({ cloud: `gcp_storage: { bucket: "acme-all" location: "${location}" encryption: { kms_key: ${key} } }` });
const googleName = (location: string) => `projects/acme-backup/locations/${location}/keyRings/ring/cryptoKeys/key`;

describe('a KMS key', () => {
  test.each([
    ['key-id', ID],
    ['key-id', 'mrk-0123456789abcdef0123456789abcdef'],
    ['key-arn', `arn:aws:kms:eu-west-1:111122223333:key/${ID}`],
    ['alias', 'alias/backups'],
    ['alias-arn', 'arn:aws:kms:eu-west-1:111122223333:alias/backups'],
  ])('is named by its %s, from the text and from the environment', (form, value) => {
    const expected = [expect.objectContaining({ kind: 'existing', form, value })];
    expect(planOf(aws(`"${value}"`)).aws[0]?.keys).toEqual(expected);
    expect(planOf(aws('env.KEY'), { environment: { KEY: value } }).aws[0]?.keys).toEqual(expected);
  });

  test('of another region is refused', () => {
    const text = aws(`"arn:aws:kms:us-east-1:111122223333:key/${ID}"`);
    expect(errors(compileText(text))).toEqual(['DR3011 backup.cloud.aws_s3.encryption.kms_key_id']);
  });

  test('stands beside the key that the stack makes for its other buckets', () => {
    const text = spec({
      cloud: `aws_s3: { bucket: "acme-all" region: "eu-west-1" encryption: { kms_key_id: "alias/own" } } aws_s3_2: { bucket: "acme-two" region: "eu-west-1" }`,
    });
    const stack = need(planOf(text).aws[0], 'stack');
    expect(stack.keys.map((key) => key.kind).sort()).toEqual(['created', 'existing']);
    expect(stack.buckets.map((one) => [one.name, one.keyId])).toEqual([
      ['acme-all', 'aws.key.acme-all'],
      ['acme-two', 'aws.key.backup-store.eu-west-1'],
    ]);
  });

  test('is not made where every bucket names one', () => {
    expect(planOf(aws('"alias/own"')).aws[0]?.keys).toHaveLength(1);
  });
});

describe('a key vault', () => {
  test.each(['https://acme-vault.vault.azure.net', 'https://acme-vault.vault.azure.net/'])('is named by %s', (url) => {
    expect(planOf(azure(`"${url}"`)).azure[0]?.keys).toEqual([
      expect.objectContaining({
        kind: 'existing',
        vaultUrl: 'https://acme-vault.vault.azure.net',
        vaultName: 'acme-vault',
        keyName: 'hypnoscript-backup',
      }),
    ]);
  });

  test('holds the key that the deployment names', () => {
    const text = `${azure('"https://acme-vault.vault.azure.net"')} deployment { azure: { key_name: "other" } }`;
    expect(planOf(text).azure[0]?.keys[0]).toMatchObject({ keyName: 'other' });
  });

  test('of two for one account is refused', () => {
    const store = (name: string, vault: string) =>
      `azure_blob_${name}: { storage_account: "acmeall" container: "${name}" encryption: { key_vault_url: "https://${vault}.vault.azure.net" } }`;
    expect(errors(compileText(spec({ cloud: `${store('one', 'vault-a')} ${store('two', 'vault-b')}` })))).toEqual([
      'DR3003 backup.cloud.azure_blob_two.encryption.key_vault_url',
    ]);
    expect(errors(compileText(spec({ cloud: `${store('one', 'vault-a')} ${store('two', 'vault-a')}` })))).toEqual([]);
  });
});

describe('a key of Cloud KMS', () => {
  test.each([
    ['europe-west1', 'europe-west1'],
    ['EU', 'europe'],
    ['US', 'us'],
    ['EUR4', 'eur4'],
  ])('of a bucket in %s is in %s', (bucket, location) => {
    expect(planOf(google(`"${googleName(location)}"`, bucket)).google[0]?.keys).toEqual([
      expect.objectContaining({ kind: 'existing', name: googleName(location) }),
    ]);
    expect(planOf(google('env.KEY', bucket)).google[0]?.keys).toEqual([
      expect.objectContaining({ kind: 'created', location }),
    ]);
  });

  test('of another location is refused', () => {
    expect(errors(compileText(google(`"${googleName('us-central1')}"`)))).toEqual([
      'DR3011 backup.cloud.gcp_storage.encryption.kms_key',
    ]);
  });

  test('that two buckets share is one node', () => {
    const store = (name: string) =>
      `gcp_storage_${name}: { bucket: "acme-${name}" location: "europe-west1" encryption: { kms_key: "${googleName('europe-west1')}" } }`;
    const stack = need(planOf(spec({ cloud: `${store('one')} ${store('two')}` })).google[0], 'stack');
    expect(stack.keys).toHaveLength(1);
    expect(new Set(stack.buckets.map((one) => one.keyId))).toEqual(new Set([stack.keys[0]?.id]));
  });
});

describe('a key whose variable is not set', () => {
  const cases = [
    ['aws', aws('env.KEY'), 'DR3010 backup.cloud.aws_s3.encryption.kms_key_id'],
    ['azure', azure('env.KEY'), 'DR3010 backup.cloud.azure_blob.encryption.key_vault_url'],
    ['google', google('env.KEY'), 'DR3010 backup.cloud.gcp_storage.encryption.kms_key'],
  ] as const;

  test.each(cases)('is one that the stack makes, and a warning: %s', (cloud, text, expected) => {
    const compiled = compileText(text);
    expect(findings(compiled, 'DR3010')).toEqual([expected]);
    expect(compiled.diagnostics.find((one) => one.code === 'DR3010')?.severity).toBe('warning');
    expect(need(compiled.plan, 'plan')[cloud][0]?.keys.map((key) => key.kind)).toEqual(['created']);
  });

  test.each(cases)('counts as not set when it is empty: %s', (_, text, expected) => {
    expect(findings(compileText(text, { environment: { KEY: '' } }), 'DR3010')).toEqual([expected]);
  });

  test.each(cases)('is an error under --strict-env: %s', (_, text, expected) => {
    expect(errors(compileText(text, { unset: 'error' }))).toEqual([expected]);
  });

  test.each(cases)('is an error in production: %s', (_, text, expected) => {
    expect(errors(compileText(`${text} deployment { environment: "production" }`))).toEqual([expected]);
    expect(errors(compileText(`${text} deployment { environment: "staging" }`))).toEqual([]);
  });

  test('of a store that is switched off is nothing', () => {
    const text = aws('env.KEY').replace('bucket:', 'enabled: false bucket:');
    expect(findings(compileText(text, { unset: 'error' }), 'DR3010')).toEqual([]);
  });
});

test('a key reference that is malformed is refused where it stands', () => {
  expect(errors(compileText(aws('"my key"')))).toEqual(['DR2002 backup.cloud.aws_s3.encryption.kms_key_id']);
  expect(errors(compileText(aws('env.KEY'), { environment: { KEY: 'my key' } }))).toEqual([
    'DR2002 backup.cloud.aws_s3.encryption.kms_key_id',
  ]);
});

test.each([
  ['AES256', '"alias/own"', 1],
  ['AES256', 'env.KEY', 1],
  ['aws:kms', '"alias/own"', 0],
])('%s beside %s is SSE-KMS, said where it is not what the spec says', (algorithm, key, said) => {
  const text = aws(`${key} sse_algorithm: "${algorithm}"`);
  const compiled = compileText(text);
  expect(findings(compiled, 'DR3012')).toHaveLength(said);
  expect(compiled.plan?.aws[0]?.buckets[0]?.keyId).toBeDefined();
});

test('a store without encryption has a key of the stack, and nothing is said', () => {
  const compiled = compileText(spec({ cloud: AWS_STORE }));
  expect(compiled.plan?.aws[0]?.keys).toEqual([
    { id: 'aws.key.backup-store.eu-west-1', from: [], kind: 'created', alias: 'alias/hypnoscript-backup-store' },
  ]);
  expect([...findings(compiled, 'DR3010'), ...findings(compiled, 'DR3012')]).toEqual([]);
});
