import fc from 'fast-check';
import { parseAwsKey, parseGoogleKey, parseVaultUrl } from '../../lib/clouds';

const ID = '1234abcd-12ab-34cd-56ef-1234567890ab';
const MULTI = 'mrk-1234abcd12ab34cd56ef1234567890ab';
const place = { region: 'eu-west-1', account: '111122223333' };
const arn = (resource: string) => `arn:aws:kms:eu-west-1:111122223333:${resource}`;

test.each([
  [ID, { form: 'key-id', value: ID }],
  [MULTI, { form: 'key-id', value: MULTI }],
  [` ${ID}\n`, { form: 'key-id', value: ID }],
  ['alias/hypnoscript', { form: 'alias', value: 'alias/hypnoscript' }],
  [arn(`key/${ID}`), { form: 'key-arn', value: arn(`key/${ID}`), ...place }],
  [arn(`key/${MULTI}`), { form: 'key-arn', value: arn(`key/${MULTI}`), ...place }],
  [arn('alias/hypnoscript'), { form: 'alias-arn', value: arn('alias/hypnoscript'), ...place }],
  [
    `arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/${ID}`,
    {
      form: 'key-arn',
      value: `arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/${ID}`,
      region: 'us-gov-west-1',
      account: '111122223333',
    },
  ],
])('reads the AWS key %p', (text, value) => {
  expect(parseAwsKey(text)).toEqual({ ok: true, value });
});

test.each([
  ['', 'is empty'],
  ['  ', 'is empty'],
  ['hypnoscript', 'is no key id, key ARN, alias/<name> or alias ARN of AWS KMS'],
  [ID.slice(1), 'is no key id, key ARN, alias/<name> or alias ARN of AWS KMS'],
  ['mrk-1234', 'is no key id, key ARN, alias/<name> or alias ARN of AWS KMS'],
  ['alias/', 'is no key id, key ARN, alias/<name> or alias ARN of AWS KMS'],
  ['https://v.vault.azure.net', 'is no key id, key ARN, alias/<name> or alias ARN of AWS KMS'],
  ['arn:aws:s3:::bucket', 'is not the ARN of a KMS key (arn:aws:kms:<region>:<account>:key/<id>)'],
  [arn('key/abc'), 'names neither a key nor an alias: "key/abc"'],
])('refuses the AWS key %p: %s', (text, why) => {
  expect(parseAwsKey(text)).toEqual({ ok: false, why });
});

test.each([
  'https://hypno-vault.vault.azure.net',
  'https://hypno-vault.vault.azure.net/',
  ' HTTPS://Hypno-Vault.VAULT.azure.net/ ',
])('reads the vault of %p without its final slash', (text) => {
  expect(parseVaultUrl(text)).toEqual({
    ok: true,
    value: { vaultUrl: 'https://hypno-vault.vault.azure.net', vaultName: 'hypno-vault' },
  });
});

test('a vault of a sovereign cloud keeps its domain', () => {
  expect(parseVaultUrl('https://hypno.vault.usgovcloudapi.net/')).toMatchObject({
    ok: true,
    value: { vaultUrl: 'https://hypno.vault.usgovcloudapi.net' },
  });
});

test.each([
  ['', 'is empty'],
  ['hypno-vault', 'is not the URL of a key vault (https://<vault>.vault.azure.net)'],
  ['http://hypno.vault.azure.net', 'is not the URL of a key vault (https://<vault>.vault.azure.net)'],
  ['https://hypno.vault.azure.net:443', 'is not the URL of a key vault (https://<vault>.vault.azure.net)'],
  ['https://hypno.vault.azure.net.evil.example', 'is not the URL of a key vault (https://<vault>.vault.azure.net)'],
  ['https://user@hypno.vault.azure.net', 'is not the URL of a key vault (https://<vault>.vault.azure.net)'],
  ['https://hypno.vault.azure.net/keys/k', 'names "/keys/k" in the vault, give the vault\'s own URL'],
  ['https://hypno.managedhsm.azure.net', 'is a managed HSM, give a key vault (https://<vault>.vault.azure.net)'],
  [
    '/subscriptions/0/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v',
    'is the id of a resource, give the URL (https://<vault>.vault.azure.net)',
  ],
  ['https://v.vault.azure.net', 'names a vault "v" that has 1 character, needs 3 to 24'],
  ['https://a--b.vault.azure.net', 'names a vault "a--b" that has two hyphens in a row'],
])('refuses the vault %p: %s', (text, why) => {
  expect(parseVaultUrl(text)).toEqual({ ok: false, why });
});

const KEY = 'projects/my-project/locations/europe-west1/keyRings/backup/cryptoKeys/main_1';

test('reads the parts of a Google key', () => {
  expect(parseGoogleKey(`${KEY}\n`)).toEqual({
    ok: true,
    value: { name: KEY, project: 'my-project', location: 'europe-west1', keyRing: 'backup', key: 'main_1' },
  });
});

test.each(['example.com:my-project', '123456789012'])('a Google key may be in the project %p', (project) => {
  const name = KEY.replace('my-project', project);
  expect(parseGoogleKey(name)).toMatchObject({ ok: true, value: { name, project } });
});

const UNLIKE = 'is not written like projects/<project>/locations/<location>/keyRings/<ring>/cryptoKeys/<key>';

test.each([
  ['', 'is empty'],
  ['k', UNLIKE],
  [`/${KEY}`, UNLIKE],
  [`${KEY}/x`, UNLIKE],
  [KEY.replace('europe-west1', 'Europe'), UNLIKE],
  [KEY.replace('my-project', 'Me'), UNLIKE],
  [`${KEY}/cryptoKeyVersions/3`, 'names one version, give the key without "/cryptoKeyVersions/3"'],
  [arn(`key/${ID}`), 'is the ARN of an AWS key'],
])('refuses the Google key %p: %s', (text, why) => {
  expect(parseGoogleKey(text)).toEqual({ ok: false, why });
});

test('no text makes a reader throw, and what one reads it reads again the same', () => {
  const text = fc.oneof(fc.string(), fc.constantFrom(ID, arn(`key/${ID}`), KEY, 'https://hypno.vault.azure.net/'));
  fc.assert(
    fc.property(text, (given) => {
      const aws = parseAwsKey(given);
      if (aws.ok) expect(parseAwsKey(aws.value.value)).toEqual(aws);
      const vault = parseVaultUrl(given);
      if (vault.ok) expect(parseVaultUrl(vault.value.vaultUrl)).toEqual(vault);
      const google = parseGoogleKey(given);
      if (google.ok) expect(parseGoogleKey(google.value.name)).toEqual(google);
    }),
  );
});
