import { keyVault } from './azure-names';
import type { Reading } from './cloud';
import { refused } from './name-rule';

export interface AwsKeyReference {
  readonly form: 'key-id' | 'key-arn' | 'alias' | 'alias-arn';
  readonly value: string;
  /** Of an ARN only. */
  readonly region?: string;
  readonly account?: string;
}

const AWS_KEY_ID = /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/;
const AWS_ALIAS = /^alias\/[A-Za-z0-9/_-]{1,250}$/;
const AWS_ARN = /^arn:aws(?:-[a-z]+)*:kms:([a-z0-9-]+):(\d{12}):(.+)$/;

/**
 * Reads the four ways to name a KMS key; ids of multi-region keys start with `mrk-`.
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
 */
export function parseAwsKey(text: string): Reading<AwsKeyReference> {
  const value = text.trim();
  if (value === '') return refused('is empty');
  const arn = AWS_ARN.exec(value);
  if (arn) {
    const [, region, account, resource = ''] = arn;
    const form = resource.startsWith('key/') && AWS_KEY_ID.test(resource.slice(4)) ? 'key-arn' : 'alias-arn';
    if (form === 'alias-arn' && !AWS_ALIAS.test(resource))
      return refused(`names neither a key nor an alias: "${resource}"`);
    return { ok: true, value: { form, value, region, account } };
  }
  if (value.startsWith('arn:')) return refused('is not the ARN of a KMS key (arn:aws:kms:<region>:<account>:key/<id>)');
  if (AWS_ALIAS.test(value)) return { ok: true, value: { form: 'alias', value } };
  if (AWS_KEY_ID.test(value)) return { ok: true, value: { form: 'key-id', value } };
  return refused('is no key id, key ARN, alias/<name> or alias ARN of AWS KMS');
}

export interface VaultReference {
  /** Without a final slash, as the provider's key ids want it. */
  readonly vaultUrl: string;
  readonly vaultName: string;
}

const VAULT_HOST =
  /^https:\/\/([A-Za-z0-9-]+)(\.vault\.azure\.net|\.vault\.azure\.cn|\.vault\.usgovcloudapi\.net)(\/.*)?$/i;

/** @see https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#dns-suffixes-for-object-identifiers */
export function parseVaultUrl(text: string): Reading<VaultReference> {
  const url = text.trim();
  if (url === '') return refused('is empty');
  if (url.startsWith('/subscriptions/'))
    return refused('is the id of a resource, give the URL (https://<vault>.vault.azure.net)');
  if (/\.managedhsm\./i.test(url))
    return refused('is a managed HSM, give a key vault (https://<vault>.vault.azure.net)');
  const match = VAULT_HOST.exec(url);
  if (!match) return refused('is not the URL of a key vault (https://<vault>.vault.azure.net)');
  const [, host = '', suffix = '', path = ''] = match;
  if (path !== '' && path !== '/') return refused(`names "${path}" in the vault, give the vault's own URL`);
  const vaultName = host.toLowerCase();
  const verdict = keyVault.judge(vaultName);
  if (verdict.kind === 'malformed') return refused(`names a vault "${vaultName}" that ${verdict.why}`);
  return { ok: true, value: { vaultUrl: `https://${vaultName}${suffix.toLowerCase()}`, vaultName } };
}

export interface GoogleKeyReference {
  readonly name: string;
  readonly project: string;
  readonly location: string;
  readonly keyRing: string;
  readonly key: string;
}

const PROJECT = '(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]|\\d+';
const KMS_NAME = '[A-Za-z0-9_-]{1,63}';
const GOOGLE_KEY = new RegExp(
  `^projects/(${PROJECT})/locations/([a-z0-9-]+)/keyRings/(${KMS_NAME})/cryptoKeys/(${KMS_NAME})(/cryptoKeyVersions/.*)?$`,
);

/** @see https://cloud.google.com/kms/docs/getting-resource-ids */
export function parseGoogleKey(text: string): Reading<GoogleKeyReference> {
  const name = text.trim();
  if (name === '') return refused('is empty');
  if (name.startsWith('arn:')) return refused('is the ARN of an AWS key');
  const match = GOOGLE_KEY.exec(name);
  if (!match) {
    return refused('is not written like projects/<project>/locations/<location>/keyRings/<ring>/cryptoKeys/<key>');
  }
  const [, project = '', location = '', keyRing = '', key = '', version] = match;
  if (version !== undefined) return refused(`names one version, give the key without "${version}"`);
  return { ok: true, value: { name, project, location, keyRing, key } };
}
