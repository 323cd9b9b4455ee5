import { createHash } from 'node:crypto';
import { DefaultAzureCredential } from '@azure/identity';
import { z } from 'zod';
import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import { askForSecret } from '../secret/ask';
import type { Explain } from '../secret/ask';
import { NO_IDENTITY, refusalOf, scopeOf } from '../secret/azure';
import { getJson, postJson } from '../secret/http';
import { isLoopback } from '../token-address';
import { derOf } from './der';
import { keyIdOf, publicKeyOf } from './public-key';
import type { RecordKey } from './public-key';

/** https://learn.microsoft.com/rest/api/keyvault/keys/sign/sign */
const VERSION = '7.4';

const KeyAnswer = z.object({
  key: z.object({ kid: z.string(), kty: z.string(), crv: z.string(), x: z.string(), y: z.string() }),
});
const SignAnswer = z.object({ value: z.string() });

/**
 * A key of Azure Key Vault with the curve P-256, under the identity of the machine. By plain REST, as its secrets are
 * read. The version is the newest, or the one that is named; it is that one, and not what is the newest by then, that
 * signs. Needs the data actions `keys/read`, and to sign `keys/sign/action`.
 * @param name - what stands behind `azurekms://`: `VAULT.vault.azure.net/KEY` or `VAULT.vault.azure.net/KEY/VERSION`
 * @throws EngineError
 */
export async function openAzureKey(name: string, machine: Machine): Promise<RecordKey> {
  const { vault, key, version } = partsOf(name);
  const where = `Key Vault key ${name}`;
  const credential = new DefaultAzureCredential();
  const ask = <T>(work: (headers: Record<string, string>) => Promise<T>) =>
    askForSecret(
      async () => {
        const { token } = await credential.getToken(scopeOf(vault), { abortSignal: machine.signal });
        return work({ authorization: `Bearer ${token}` });
      },
      { machine, where, read: refusalOf, explain: explainTo(key), event: 'record_key_retry' },
    );
  const at = (...parts: readonly string[]) =>
    new URL(`/keys/${[key, ...parts].join('/')}?api-version=${VERSION}`, vault);
  const found = await ask(async (headers) => {
    const answer = KeyAnswer.safeParse(await getJson(at(...(version ? [version] : [])), headers, machine));
    if (answer.success) return answer.data.key;
    const fix = `make one with the curve P-256: az keyvault key create --name ${key} --kty EC --curve P-256 --ops sign`;
    throw new EngineError('config', `${where} is no key of an elliptic curve`, fix);
  });
  const { kty, crv, x, y } = found;
  // A key of a Managed HSM or of Premium says EC-HSM, which JSON web keys do not know.
  const jwk = { kty: kty === 'EC-HSM' ? 'EC' : kty, crv, x, y };
  const publicKey = publicKeyOf({ key: jwk, format: 'jwk' }, where);
  const used = found.kid.split('/').at(-1) ?? '';
  return {
    id: keyIdOf(publicKey),
    where,
    publicKey: () => publicKey,
    sign: (bytes) =>
      ask(async (headers) => {
        const body = { alg: 'ES256', value: createHash('sha256').update(bytes).digest('base64url') };
        const answer = SignAnswer.safeParse(await postJson(at(used, 'sign'), headers, body, machine));
        const der = answer.success ? derOf(Buffer.from(answer.data.value, 'base64url')) : undefined;
        if (!der) throw new EngineError('retry', `${where}: the answer holds no signature`);
        return der;
      }),
  };
}

function partsOf(name: string): { readonly vault: URL; readonly key: string; readonly version: string | undefined } {
  const [, host = '', key = '', version] = /^([^/]+)\/([0-9A-Za-z-]{1,127})(?:\/([0-9a-f]{32}))?$/.exec(name) ?? [];
  const vault = URL.canParse(`https://${host}`) ? new URL(`https://${host}`) : undefined;
  // A vault's emulator on this machine speaks HTTP.
  if (vault && key !== '') return { vault: isLoopback(vault) ? new URL(`http://${host}`) : vault, key, version };
  const fix = 'write azurekms://VAULT.vault.azure.net/KEY, and a version of it behind another slash where one is meant';
  throw new EngineError('config', `azurekms://${name} names no key of a vault`, fix);
}

/** https://learn.microsoft.com/azure/key-vault/general/rest-error-codes */
function explainTo(key: string): Explain {
  return ({ code, status, message }) => {
    if (NO_IDENTITY.includes(code))
      return { what: 'there is no Azure identity', fix: 'give the task a managed identity, or sign in' };
    if (code === 'KeyDisabled') return { what: 'it is disabled', fix: 'enable it, or make a new version' };
    if (code === 'ForbiddenByFirewall' || code === 'ForbiddenByConnection')
      return { what: `the vault's network rules refuse this host (${code})`, fix: 'let its network in' };
    if (status === 404)
      return {
        what: 'it is not there',
        fix: `make it: az keyvault key create --name ${key} --vault-name VAULT --kty EC --curve P-256 --ops sign`,
      };
    if (status === 401) return { what: 'the vault does not take the identity', fix: "check the vault's tenant" };
    if (status === 403)
      return {
        what: 'it may not be used',
        fix: 'give the identity the data action Microsoft.KeyVault/vaults/keys/read on it, and to whoever writes records Microsoft.KeyVault/vaults/keys/sign/action',
      };
    if (status === 400)
      return { what: `the vault refuses: ${message || code}`, fix: 'it has to be of the curve P-256' };
    return undefined;
  };
}
