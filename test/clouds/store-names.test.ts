import fc from 'fast-check';
import { container, gcsBucket, s3Bucket, storageAccount } from '../../lib/clouds';
import { judged } from './judge';

const chars = (alphabet: string) => fc.constantFrom(...alphabet);
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const strings = (alphabet: string, minLength: number, maxLength: number) =>
  fc.string({ unit: chars(alphabet), minLength, maxLength });
const anyName = fc.oneof(
  strings(`${LOWER}${DIGITS}.-`, 3, 63),
  strings('ab1.-', 3, 12),
  strings(`${LOWER}${DIGITS}.-_A`, 0, 70),
  fc.string({ maxLength: 70 }),
);

test.each(['hypnoscript-backups', 'hypnoscript-db-archive', 'abc', 'a.b', '1-2', 'a'.repeat(63), 'backups-1.2.3.4.5'])(
  'S3 takes %p',
  (name) => expect(judged(s3Bucket, name)).toBe('known'),
);

test.each([
  ['ab', 'has 2 characters, needs 3 to 63'],
  ['a', 'has 1 character, needs 3 to 63'],
  ['a'.repeat(64), 'has 64 characters, needs 3 to 63'],
  ['Backups', 'has "B", takes only lower case letters, digits, dots and hyphens'],
  ['my_backups', 'has "_", takes only lower case letters, digits, dots and hyphens'],
  ['-backups', 'starts with neither a letter nor a digit'],
  ['backups-', 'ends with neither a letter nor a digit'],
  ['a..b', 'has two dots in a row'],
  ['a.-b', 'has a dot beside a hyphen'],
  ['a-.b', 'has a dot beside a hyphen'],
  ['192.168.5.4', 'is formatted as an IP address'],
  ['xn--backups', 'starts with "xn--", which S3 reserves'],
  ['sthree-backups', 'starts with "sthree-", which S3 reserves'],
  ['amzn-s3-demo-backups', 'starts with "amzn-s3-demo-", which S3 reserves'],
  ['backups-s3alias', 'ends with "-s3alias", which S3 reserves'],
  ['backups--ol-s3', 'ends with "--ol-s3", which S3 reserves'],
  ['backups.mrap', 'ends with ".mrap", which S3 reserves'],
  ['backups--x-s3', 'ends with "--x-s3", which S3 reserves'],
  ['backups--table-s3', 'ends with "--table-s3", which S3 reserves'],
  ['backups-111122223333-eu-west-1-an', 'ends with "-an", which S3 keeps for account-regional names'],
])('S3 refuses %p: %s', (name, why) => expect(judged(s3Bucket, name)).toBe(why));

test('whatever S3 takes has the documented shape', () => {
  fc.assert(
    fc.property(anyName, (name) => {
      fc.pre(s3Bucket.judge(name).kind === 'known');
      expect(name).toMatch(/^(?=.{3,63}$)[a-z0-9]+([.-]+[a-z0-9]+)*$/);
      expect(name).not.toMatch(/\.\.|^\d+\.\d+\.\d+\.\d+$|^xn--|^sthree-|-s3alias$|-an$/);
    }),
    { numRuns: 500 },
  );
});

const plainNames = strings(`${LOWER}${DIGITS}`, 3, 24).filter((name) => !/^goog|g[o0]{2,}g[l1i][e3]/.test(name));

test('a name of lower case letters and digits suits every store', () => {
  fc.assert(
    fc.property(plainNames, (name) => {
      for (const rule of [s3Bucket, storageAccount, container, gcsBucket]) expect(judged(rule, name)).toBe('known');
    }),
  );
});

test('one character that no store knows spoils a good name for each of them', () => {
  const mutation = fc.tuple(plainNames, fc.nat(), chars('ABZ !/+*"äß\n$'));
  fc.assert(
    fc.property(mutation, ([name, at, character]) => {
      const place = at % name.length;
      const spoilt = name.slice(0, place) + character + name.slice(place + 1);
      for (const rule of [s3Bucket, storageAccount, container, gcsBucket]) {
        expect(rule.judge(spoilt).kind).toBe('malformed');
      }
    }),
  );
});

test.each([
  ['abc', 'known'],
  ['hypnoscriptbackups', 'known'],
  ['1'.repeat(24), 'known'],
  ['ab', 'has 2 characters, needs 3 to 24'],
  ['a'.repeat(25), 'has 25 characters, needs 3 to 24'],
  ['hypno-backups', 'has "-", takes only lower case letters and digits'],
  ['HypnoBackups', 'has "H", takes only lower case letters and digits'],
])('a storage account %p is %s', (name, verdict) => expect(judged(storageAccount, name)).toBe(verdict));

test('storage accounts are exactly the names of the provider’s pattern', () => {
  fc.assert(
    fc.property(anyName, (name) => {
      expect(storageAccount.judge(name).kind === 'known').toBe(/^[a-z0-9]{3,24}$/.test(name));
    }),
  );
});

test.each([
  ['sqlserver-backups', 'known'],
  ['0backups', 'known'],
  ['sql--backups', 'has two hyphens in a row'],
  ['-backups', 'starts with a hyphen'],
  ['backups-', 'ends with a hyphen'],
  ['sql_backups', 'has "_", takes only lower case letters, digits and hyphens'],
  ['$root', 'has "$", takes only lower case letters, digits and hyphens'],
  ['a'.repeat(64), 'has 64 characters, needs 3 to 63'],
])('a container %p is %s', (name, verdict) => expect(judged(container, name)).toBe(verdict));

test('containers are exactly the names of the documented shape', () => {
  fc.assert(
    fc.property(anyName, (name) => {
      const shape = /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/;
      expect(container.judge(name).kind === 'known').toBe(shape.test(name));
    }),
    { numRuns: 500 },
  );
});

const dotted = (...lengths: number[]) => lengths.map((length) => 'a'.repeat(length)).join('.');

test.each([
  ['hypnoscript_backups-2026', 'known'],
  ['backups.example.com', 'known'],
  [dotted(63, 63, 63, 30), 'known'],
  ['good-backups', 'known'],
  ['ab', 'has 2 characters, needs 3 to 222'],
  ['a'.repeat(64), 'has 64 characters, needs 3 to 63 without a dot'],
  [dotted(64, 3), 'has a part of 64 characters, at most 63 stand between dots'],
  [dotted(63, 63, 63, 31), 'has 223 characters, needs 3 to 222'],
  ['Hypnoscript', 'has "H", takes only lower case letters, digits, hyphens, underscores and dots'],
  ['_backups', 'starts with neither a letter nor a digit'],
  ['backups_', 'ends with neither a letter nor a digit'],
  ['a..b', 'has two dots in a row'],
  ['10.0.0.1', 'is formatted as an IP address'],
  ['goog-x', 'starts with "goog", which Google reserves'],
  ['my-google-backups', 'contains "google" or a misspelling of it'],
  ['my-g00gle-backups', 'contains "google" or a misspelling of it'],
  ['mygoog1e', 'contains "google" or a misspelling of it'],
])('a bucket of Cloud Storage %p is %s', (name, verdict) => expect(judged(gcsBucket, name)).toBe(verdict));

test('whatever Cloud Storage takes has the documented shape', () => {
  fc.assert(
    fc.property(fc.oneof(anyName, strings('ab.', 0, 300)), (name) => {
      fc.pre(gcsBucket.judge(name).kind === 'known');
      expect(name).toMatch(/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/);
      for (const part of name.split('.')) expect(part.length).toBeLessThanOrEqual(63);
      expect(name).not.toMatch(/^goog|google/);
    }),
    { numRuns: 500 },
  );
});
