import type { NameRule } from './cloud';
import { always, namingRule, never, onlyCharacters } from './name-rule';

const NAME_RULES = 'https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules';
const lettersDigitsHyphens = onlyCharacters(/[A-Za-z0-9-]/, 'letters, digits and hyphens');

/** @see https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-name */
export const storageAccount: NameRule = namingRule({
  text: 'a storage account: 3 to 24 lower case letters and digits',
  source: 'https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-name',
  length: [3, 24],
  faults: [onlyCharacters(/[a-z0-9]/, 'lower case letters and digits')],
});

/**
 * The system's own containers (`$root`, `$web`, `$logs`) are left out: they take no immutability policy of ours.
 * @see https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata#container-names
 */
export const container: NameRule = namingRule({
  text: 'a container: 3 to 63 lower case letters, digits and single hyphens, from letter or digit to letter or digit',
  source:
    'https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata#container-names',
  length: [3, 63],
  faults: [
    onlyCharacters(/[a-z0-9-]/, 'lower case letters, digits and hyphens'),
    never(/^-/, 'starts with a hyphen'),
    never(/-$/, 'ends with a hyphen'),
    never(/--/, 'has two hyphens in a row'),
  ],
});

/** @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftkeyvault */
export const keyVault: NameRule = namingRule({
  text: 'a key vault: 3 to 24 letters, digits and single hyphens, starting with a letter',
  source: `${NAME_RULES}#microsoftkeyvault`,
  length: [3, 24],
  faults: [
    lettersDigitsHyphens,
    always(/^[A-Za-z]/, 'does not start with a letter'),
    never(/-$/, 'ends with a hyphen'),
    never(/--/, 'has two hyphens in a row'),
  ],
});

/** @see https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates */
export const keyVaultKey: NameRule = namingRule({
  text: 'a key in a vault: 1 to 127 letters, digits and hyphens',
  source: 'https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates',
  length: [1, 127],
  faults: [lettersDigitsHyphens],
});

/** The service also takes other letters than ours; what stands in our names is ASCII. */
export const resourceGroup: NameRule = namingRule({
  text: 'a resource group: 1 to 90 letters, digits and . _ - ( ), without a dot at the end',
  source: `${NAME_RULES}#microsoftresources`,
  length: [1, 90],
  faults: [onlyCharacters(/[A-Za-z0-9._()-]/, 'letters, digits and . _ - ( )'), never(/\.$/, 'ends with a dot')],
});

/** @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftoperationalinsights */
export const logAnalyticsWorkspace: NameRule = namingRule({
  text: 'a Log Analytics workspace: 4 to 63 letters, digits and hyphens, from letter or digit to letter or digit',
  source: `${NAME_RULES}#microsoftoperationalinsights`,
  length: [4, 63],
  faults: [lettersDigitsHyphens, never(/^-/, 'starts with a hyphen'), never(/-$/, 'ends with a hyphen')],
});
