import type { Machine } from '../machine';
import { StoreError } from '../store/store';

export type Cloud = 'aws' | 'azure' | 'google';

/** A signed token that says to somebody else who this job is: its audience in, the token (JWT) out. */
export type WebIdentity = (audience: string) => Promise<string>;

/** Nobody gives this job a token, or not for that audience. The name is the one that the SDKs use for it. */
export class IdentityError extends Error {
  override readonly name = 'CredentialsProviderError';
}

const VARIABLE = 'HYPDR_IDENTITY';

/**
 * The identity by which a job of one cloud is known in another, so that copies between clouds need no key that lasts.
 * `HYPDR_IDENTITY` says in whose cloud the job runs; `undefined` where it runs in the store's own or says nothing, and
 * the SDK's own chain is asked.
 * @throws StoreError where it says something else
 */
export function webIdentityFor(store: Cloud, machine: Machine): WebIdentity | undefined {
  const cloud = machine.environment[VARIABLE];
  if (!cloud || cloud === store) return undefined;
  switch (cloud) {
    case 'aws':
      return async (audience) => (await import('./aws-token.js')).awsToken(audience, machine);
    case 'azure':
      return async (audience) => (await import('./azure-token.js')).azureToken(audience, machine);
    case 'google':
      return async (audience) => (await import('./google-token.js')).googleToken(audience, machine);
    default:
      throw new StoreError('refused', `${VARIABLE} is none of aws, azure and google`);
  }
}
