import type { Machine } from '../machine';
import { StoreError } from '../store/store';
import type { Cloud, WebIdentity } from './identity';

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
