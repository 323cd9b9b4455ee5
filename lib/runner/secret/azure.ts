import { DefaultAzureCredential } from '@azure/identity';
import { secretNameIn } from '../../contract';
import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import { askForSecret } from './ask';
import type { Explain, Refusal } from './ask';
import { isLoopback } from '../token-address';
import { SecretAnswer, addressIn, getJson, networkCode } from './http';
import type { SecretStore } from './secret';

const VARIABLE = 'HYPDR_KEY_VAULT_URL';

/** https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret */
const VERSION = '7.4';

/** Azure Key Vault, under the identity of the machine. By plain REST: one request, which needs no client of its own. */
export function openAzureSecrets(machine: Machine): SecretStore {
  const text = machine.environment[VARIABLE];
  if (!text) {
    const fix = `set ${VARIABLE} to the vault's address, such as https://NAME.vault.azure.net`;
    throw new EngineError('config', `HYPDR_SECRETS is azure and ${VARIABLE} is not set`, fix);
  }
  const vault = addressIn(VARIABLE, text);
  const place = `Key Vault ${vault.hostname}`;
  const credential = new DefaultAzureCredential();
  return {
    place,
    read: (name) => {
      const held = secretNameIn('azure', name);
      const where = `secret ${held} in ${place}`;
      return askForSecret(
        async () => {
          const token = await credential.getToken(scopeOf(vault), { abortSignal: machine.signal });
          const address = new URL(`/secrets/${held}?api-version=${VERSION}`, vault);
          const json = await getJson(address, { authorization: `Bearer ${token.token}` }, machine);
          const { value } = (json ?? {}) as { value?: unknown };
          if (typeof value !== 'string') throw new EngineError('retry', `${where}: the answer holds no value`);
          return value;
        },
        { machine, where, read: refusalOf, explain: explainTo(held) },
      );
    },
  };
}

/** The vault's own cloud: `NAME.vault.azure.cn` wants tokens for `https://vault.azure.cn`. */
export function scopeOf(vault: URL): string {
  const domain = isLoopback(vault) ? 'vault.azure.net' : vault.hostname.replace(/^[^.]+\./, '');
  return `https://${domain}/.default`;
}

/** Names of errors of the library that say that there is nobody to ask as. */
export const NO_IDENTITY = [
  'CredentialUnavailableError',
  'AggregateAuthenticationError',
  'AuthenticationRequiredError',
];

/** What decides of an error of the library or of a vault. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof SecretAnswer) return error.refusal;
  const { name = '', message = '', statusCode } = error as Error & { statusCode?: number };
  return { code: networkCode(error) ?? name, status: statusCode, message };
}

/** https://learn.microsoft.com/azure/key-vault/general/rest-error-codes */
function explainTo(name: string): Explain {
  return ({ code, status, message }) => {
    if (NO_IDENTITY.includes(code))
      return { what: 'there is no Azure identity', fix: 'give the task a managed identity, or sign in' };
    if (code === 'SecretDisabled') return { what: 'it is disabled', fix: 'enable it, or set a new version' };
    if (code === 'ForbiddenByFirewall' || code === 'ForbiddenByConnection')
      return { what: `the vault's network rules refuse this host (${code})`, fix: 'let its network in' };
    if (status === 404) {
      const fix = `create it: az keyvault secret set --name ${name} --vault-name VAULT --file secret.json`;
      return { what: 'it is not there', fix };
    }
    if (status === 401) return { what: 'the vault does not take the identity', fix: "check the vault's tenant" };
    if (status === 403)
      return { what: 'it may not be read', fix: 'give the identity the role "Key Vault Secrets User" on the vault' };
    if (status === 400) return { what: `the vault refuses: ${message || code}`, fix: `check ${VARIABLE}` };
    return undefined;
  };
}
