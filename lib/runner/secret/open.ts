import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import type { SecretStore } from './secret';

/** Where a deployed task finds its secrets; a run by hand does without. */
export const SECRETS_VARIABLE = 'HYPDR_SECRETS';

/**
 * The secret store that the environment names, `undefined` where it names none. Each cloud's library is loaded by the
 * first that needs it. Nothing is asked yet.
 * @throws EngineError
 */
export async function openSecrets(machine: Machine): Promise<SecretStore | undefined> {
  const kind = machine.environment[SECRETS_VARIABLE];
  switch (kind) {
    case undefined:
    case '':
      return undefined;
    case 'aws':
      return (await import('./aws.js')).openAwsSecrets(machine);
    case 'azure':
      return (await import('./azure.js')).openAzureSecrets(machine);
    case 'google':
      return (await import('./google.js')).openGoogleSecrets(machine);
    default: {
      const fix = `set ${SECRETS_VARIABLE} to aws, azure or google, or leave it out`;
      throw new EngineError('config', `${SECRETS_VARIABLE} is "${kind}", which is no secret store`, fix);
    }
  }
}
