import fc from 'fast-check';
import {
  ACCOUNT_PLACEHOLDER,
  accountRegionalName,
  clouds,
  cloudFormationStack,
  iamRole,
  keyVault,
  keyVaultKey,
  kmsAlias,
  kmsKeyRing,
  logAnalyticsWorkspace,
  resourceGroup,
} from '../../lib/clouds';
import { judged } from './judge';

test('the name in the account’s namespace has the account and the region in it', () => {
  expect(accountRegionalName('hypnoscript-backups', '111122223333', 'eu-west-1')).toEqual({
    ok: true,
    value: 'hypnoscript-backups-111122223333-eu-west-1-an',
  });
});

test('a placeholder stands for an account that is not known yet, and counts as its twelve digits', () => {
  const longest = 'a'.repeat(63 - '-111122223333-eu-west-1-an'.length);
  expect(accountRegionalName(longest, ACCOUNT_PLACEHOLDER, 'eu-west-1')).toEqual({
    ok: true,
    value: `${longest}-{account}-eu-west-1-an`,
  });
  expect(accountRegionalName(`${longest}a`, ACCOUNT_PLACEHOLDER, 'eu-west-1')).toEqual({
    ok: false,
    why: 'has 38 characters, eu-west-1 leaves room for 37',
  });
});

test.each([
  ['', '111122223333', 'eu-west-1', 'the name before the account is empty'],
  ['Backups', '111122223333', 'eu-west-1', 'has "B", takes only lower case letters, digits, dots and hyphens'],
  ['xn--b', '111122223333', 'eu-west-1', 'starts with "xn--", which S3 reserves'],
  ['b.', '111122223333', 'eu-west-1', 'has a dot beside a hyphen'],
  ['backups', '1111', 'eu-west-1', '"1111" is not an account id of 12 digits'],
  ['backups', '111122223333', 'westeurope', '"westeurope" is not written like an AWS region (eu-west-1)'],
  ['backups', '111122223333', 'me-central-1', 'S3 has no account-regional names in me-central-1'],
])('no account-regional name from %p, %p, %p: %s', (prefix, account, region, why) => {
  expect(accountRegionalName(prefix, account, region)).toEqual({ ok: false, why });
});

test('an account-regional name is never longer than a bucket’s name may be', () => {
  const prefix = fc.string({ unit: fc.constantFrom(...'abc-'), minLength: 1, maxLength: 63 });
  const region = fc.constantFrom(...clouds.aws.regions.map(({ name }) => name));
  fc.assert(
    fc.property(prefix, region, (name, place) => {
      const reading = accountRegionalName(name, '111122223333', place);
      if (reading.ok) expect(reading.value).toMatch(/^(?=.{3,63}$)[a-z0-9].*-111122223333-[a-z0-9-]+-an$/);
      else expect(reading.why).toMatch(/leaves room|starts with|no account-regional/);
    }),
  );
});

const rules = {
  kmsAlias,
  iamRole,
  cloudFormationStack,
  keyVault,
  keyVaultKey,
  resourceGroup,
  logAnalyticsWorkspace,
  kmsKeyRing,
};

test.each([
  ['kmsAlias', 'alias/hypnoscript-backups-dr', 'known'],
  ['kmsAlias', 'hypnoscript', 'does not start with "alias/"'],
  ['kmsAlias', 'alias/', 'has 6 characters, needs 7 to 256'],
  ['kmsAlias', 'alias/aws/s3', 'starts with "alias/aws/", which AWS keeps for its own keys'],
  ['kmsAlias', 'alias/a b', 'has " ", takes only letters, digits, hyphens, underscores and slashes'],
  ['iamRole', 'hypnoscript-backups-crr', 'known'],
  ['iamRole', 'a'.repeat(65), 'has 65 characters, needs 1 to 64'],
  ['iamRole', 'a/b', 'has "/", takes only letters, digits and + = , . @ _ -'],
  ['cloudFormationStack', 'hypnoscript-store', 'known'],
  ['cloudFormationStack', '1store', 'does not start with a letter'],
  ['keyVault', 'hypnoscript-backup', 'known'],
  ['keyVault', 'a'.repeat(25), 'has 25 characters, needs 3 to 24'],
  ['keyVault', '1vault', 'does not start with a letter'],
  ['keyVault', 'my--vault', 'has two hyphens in a row'],
  ['keyVault', 'vault-', 'ends with a hyphen'],
  ['keyVaultKey', 'hypnoscript-backup', 'known'],
  ['keyVaultKey', 'a_b', 'has "_", takes only letters, digits and hyphens'],
  ['resourceGroup', 'rg-hypnoscript_(dr).1', 'known'],
  ['resourceGroup', 'rg.', 'ends with a dot'],
  ['resourceGroup', 'a'.repeat(91), 'has 91 characters, needs 1 to 90'],
  ['logAnalyticsWorkspace', 'hypnoscript-logs', 'known'],
  ['logAnalyticsWorkspace', 'abc', 'has 3 characters, needs 4 to 63'],
  ['logAnalyticsWorkspace', 'logs-', 'ends with a hyphen'],
  ['kmsKeyRing', 'hypnoscript_backup-1', 'known'],
  ['kmsKeyRing', 'a'.repeat(64), 'has 64 characters, needs 1 to 63'],
  ['kmsKeyRing', 'a.b', 'has ".", takes only letters, digits, hyphens and underscores'],
] as const)('a %s %p is %s', (rule, name, verdict) => expect(judged(rules[rule], name)).toBe(verdict));
