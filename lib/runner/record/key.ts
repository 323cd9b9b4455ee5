import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import type { RecordKey } from './public-key';

export type { RecordKey } from './public-key';

/** Where a deployed runner finds the name of its record key. */
export const RECORD_KEY_VARIABLE = 'HYPDR_RECORD_KEY';

/**
 * Opens a record key by cosign's names: the path of a PEM file (Ed25519 or EC P-256), `awskms:///ARN`,
 * `azurekms://VAULT.vault.azure.net/KEY` or
 * `gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/V`. Its public half is asked for at once;
 * each cloud's library is loaded by the first key that needs it.
 * https://docs.sigstore.dev/cosign/key_management/overview/
 * @throws EngineError that never holds what a file or a service said of the private half
 */
export async function openRecordKey(text: string, machine: Machine): Promise<RecordKey> {
  const [, scheme, rest = ''] = /^([a-z0-9]+):\/\/(.*)$/.exec(text) ?? [];
  switch (scheme) {
    case undefined:
      return (await import('./key-pem.js')).openPemKey(text);
    case 'awskms':
      return (await import('./key-aws.js')).openAwsKey(rest.replace(/^\//, ''), machine);
    case 'azurekms':
      return (await import('./key-azure.js')).openAzureKey(rest, machine);
    case 'gcpkms':
      return (await import('./key-google.js')).openGoogleKey(rest, machine);
    default: {
      const fix = 'name a PEM file, awskms:///ARN, azurekms://VAULT.vault.azure.net/KEY or gcpkms://projects/...';
      throw new EngineError('config', `the record key ${text} is of no kind that is known`, fix);
    }
  }
}

/**
 * Names of the keys that are meant: those that were said, else the environment's, with white space between them, else
 * none. The first one signs, and all of them know their own.
 */
export function recordKeyNames(asked: readonly string[] | undefined, { environment }: Machine): readonly string[] {
  if (asked) return asked;
  return (environment[RECORD_KEY_VARIABLE] ?? '').split(/\s+/).filter((name) => name !== '');
}
