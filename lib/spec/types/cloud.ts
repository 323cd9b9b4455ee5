import * as cloudNames from '../../clouds';
import { clouds, ownerOf, parseAwsKey, parseGoogleKey, parseVaultUrl, placeNames } from '../../clouds';
import type { Cloud, CloudId, NameRule, Reading } from '../../clouds';
import { suggestion } from '../../diagnostics';
import { leaf } from '../leaf';
import type { Type } from '../type';

/** A name that a service has rules for: malformed ones are refused, unknown ones are a check's business. */
function serviceName(name: string, rule: NameRule, examples: readonly string[], rejects: string): Type<string> {
  return leaf<string>({
    name,
    text: rule.text,
    examples: examples.map((one) => JSON.stringify(one)),
    rejects: JSON.stringify(rejects),
    json: { type: 'string' },
    read: (plain) => {
      if (typeof plain !== 'string') return undefined;
      const verdict = rule.judge(plain);
      return verdict.kind === 'malformed' ? { why: verdict.why, fix: `${rule.text} (${rule.source})` } : plain;
    },
  });
}

export const s3Bucket = serviceName('S3 bucket', cloudNames.s3Bucket, ['acme-backups', 'acme-archive'], 'Acme_Backups');
export const storageAccount = serviceName(
  'storage account',
  cloudNames.storageAccount,
  ['acmebackups', 'acmearchive'],
  'acme-backups',
);
export const container = serviceName('container', cloudNames.container, ['backups', 'archive'], 'sql--backups');
export const gcsBucket = serviceName(
  'GCS bucket',
  cloudNames.gcsBucket,
  ['acme-backups', 'acme-archive'],
  'goog-backups',
);

/** A place of one cloud that holds objects. A name of another shape is refused; one of this shape may be newer than our data. */
function place(cloud: Cloud, examples: readonly string[], rejects: string): Type<string> {
  return leaf<string>({
    name: `${cloud.title} ${cloud.placeNoun}`,
    text: `${/^[AEIOU]/.test(cloud.title) ? 'an' : 'a'} ${cloud.title} ${cloud.placeNoun} such as "${examples[0]}"`,
    examples: examples.map((one) => JSON.stringify(one)),
    rejects: JSON.stringify(rejects),
    json: { type: 'string', pattern: cloud.regionPattern.source },
    read: (plain) => {
      if (typeof plain !== 'string') return undefined;
      const owner = ownerOf(plain);
      if (owner !== undefined && owner !== cloud.id) {
        return { why: `a ${clouds[owner].placeNoun} of ${clouds[owner].title}, not of ${cloud.title}` };
      }
      const verdict = cloud.storePlaceNames.judge(plain);
      return verdict.kind === 'malformed' ? { why: verdict.why, fix: suggestion(plain, placeNames(cloud)) } : plain;
    },
  });
}

export const awsRegion = place(clouds.aws, ['eu-west-1', 'us-east-2'], 'europe-west1');
export const azureLocation = place(clouds.azure, ['westeurope', 'northeurope'], 'West Europe');
export const googleLocation = place(clouds.google, ['europe-west1', 'us-central1'], 'eu-west-1');

/** A region of a site, whose provider a later check compares. */
export const anyRegion = leaf<string>({
  name: 'region',
  text: 'a region of the site\'s provider such as "eu-central-1"',
  examples: ['"eu-central-1"', '"westeurope"'],
  rejects: '"somewhere else"',
  json: { type: 'string' },
  read: (plain) => {
    const known =
      typeof plain === 'string' &&
      Object.values(clouds).some((cloud) => cloud.regionNames.judge(plain).kind !== 'malformed');
    return known ? plain : undefined;
  },
});

/** A machine or database size, whose provider a later check compares. */
function anySize(name: string, noun: string, examples: readonly string[]): Type<string> {
  return leaf<string>({
    name,
    text: `${noun} of the site's provider such as "${examples[0]}"`,
    examples: examples.map((one) => JSON.stringify(one)),
    rejects: '"a large one"',
    json: { type: 'string', pattern: '^[A-Za-z0-9._-]{2,64}$' },
    read: (plain) => (typeof plain === 'string' && /^[A-Za-z0-9._-]{2,64}$/.test(plain) ? plain : undefined),
  });
}

export const instanceType = anySize('instance type', 'an instance type', ['c5.2xlarge', 'Standard_D4s_v3']);
export const databaseClass = anySize('database class', 'a database class', ['db.r5.large', 'db-custom-2-8192']);
export const diskType = anySize('disk type', 'a disk type', ['gp3', 'pd-ssd']);

/** A reference to a key, or the variable that was not set: then the stack makes a key and says so. */
export type KeyReference<T> =
  { readonly kind: 'given'; readonly key: T } | { readonly kind: 'unset'; readonly variable: string };

function keyReference<T>(
  name: string,
  text: string,
  examples: readonly string[],
  parse: (text: string) => Reading<T>,
): Type<KeyReference<T>> {
  return leaf<KeyReference<T>>({
    name,
    text,
    examples: [...examples.map((one) => JSON.stringify(one)), 'env.SOME_KEY'],
    rejects: '"no key: at all"',
    json: { type: 'string' },
    read: (plain) => {
      if (typeof plain !== 'string') return undefined;
      const parsed = parse(plain);
      return parsed.ok ? { kind: 'given', key: parsed.value } : { why: parsed.why, fix: `write ${text}` };
    },
    fromEnvironment: (variable, value) => (value === undefined ? { value: { kind: 'unset', variable } } : undefined),
  });
}

export const awsKey = keyReference(
  'KMS key',
  'a KMS key id, key ARN, alias/name or alias ARN, usually env.AWS_KMS_KEY_ID',
  ['alias/backups', 'alias/archive'],
  parseAwsKey,
);
export const vaultUrl = keyReference(
  'Key Vault URL',
  'the URL of a key vault such as "https://acme-vault.vault.azure.net", usually env.AZURE_KEY_VAULT_URL',
  ['https://acme-vault.vault.azure.net', 'https://acme-keys.vault.azure.net'],
  parseVaultUrl,
);
export const googleKey = keyReference(
  'Cloud KMS key',
  'the full name of a key, projects/P/locations/L/keyRings/R/cryptoKeys/K, usually env.GCP_KMS_KEY',
  [
    'projects/acme-backup/locations/europe-west1/keyRings/backups/cryptoKeys/backups',
    'projects/acme-backup/locations/europe-west1/keyRings/backups/cryptoKeys/archive',
  ],
  parseGoogleKey,
);

/** A secret: never a literal in the spec, never read from the environment. Its name in the cloud's secret store is derived. */
export interface SecretReference {
  readonly variable: string;
}

export const secret = leaf<SecretReference>({
  name: 'secret',
  conceals: true,
  text: 'env.NAME; a secret never stands in a spec',
  examples: ['env.DB_PASSWORD', 'env.OTHER_PASSWORD'],
  rejects: '"hunter2"',
  json: { type: 'string', pattern: '^env\\.[A-Za-z_][A-Za-z0-9_]*$' },
  read: (plain) =>
    typeof plain === 'string'
      ? { why: 'a secret in plain text', fix: 'write env.NAME and keep the value in the secret store' }
      : undefined,
  fromEnvironment: (variable) => ({ value: { variable } }),
});

const PROVIDERS: Readonly<Record<string, CloudId>> = { aws: 'aws', azure: 'azure', gcp: 'google', google: 'google' };

export const provider = leaf<CloudId>({
  name: 'provider',
  text: '"AWS", "Azure" or "GCP", in any case',
  examples: ['"AWS"', '"Azure"', '"GCP"'],
  rejects: '"Acme"',
  json: {
    anyOf: [
      { enum: ['AWS', 'Azure', 'GCP'] },
      { type: 'string', pattern: '^([Aa][Ww][Ss]|[Aa][Zz][Uu][Rr][Ee]|[Gg][Cc][Pp]|[Gg][Oo][Oo][Gg][Ll][Ee])$' },
    ],
  },
  read: (plain) => (typeof plain === 'string' ? PROVIDERS[plain.toLowerCase()] : undefined),
});
