import type { ProtectionPlan } from '../../contract';
import type { PlanCheck } from './finding';

/** Names that are told one by one; more are counted. */
const MOST = 5;

/**
 * What no store holds, and without which nothing that lies there can be read or restored: one note for each kind, so that
 * somebody makes a list and a safe place of it.
 */
export const keptElsewhere: PlanCheck = ({ context, plan }) => {
  const note = (path: string, message: string, fix: string) => context.report({ code: 'DR3083', path, message, fix });
  const recipients = recipientsIn(plan);
  if (recipients.length > 0) {
    note(
      'deployment.encryption.recipient',
      `what is encrypted to ${listOf(recipients)} can be read by its identity alone, which is in no store`,
      'keep the identity (AGE-SECRET-KEY-...) on paper or in a safe, apart from the host and the clouds',
    );
  }
  const keys = keysIn(plan);
  if (keys.length > 0) {
    note(
      'backup',
      `stores are encrypted by ${listOf(keys)}: with the key, or the account that holds it, everything in them is lost`,
      'write these names down elsewhere, let nobody delete the keys by schedule, and have one copy under another key',
    );
  }
  const secrets = secretsIn(plan);
  if (secrets.length > 0) {
    note(
      'backup.database',
      `passwords are in the secrets ${listOf(secrets)} of a cloud, and in no backup`,
      'keep what a new server needs where it can be read without that cloud: accounts, certificates, and how to make new ones',
    );
  }
};

function recipientsIn({ tasks }: ProtectionPlan): readonly string[] {
  return unique(
    tasks.flatMap(({ local, runs }) =>
      local?.recipient !== undefined && runs.some(({ encryption }) => encryption) ? [local.recipient] : [],
    ),
  );
}

function keysIn({ aws, azure, google }: ProtectionPlan): readonly string[] {
  return unique([
    ...aws.flatMap(({ keys }) => keys.map((one) => (one.kind === 'created' ? one.alias : one.value))),
    ...azure.flatMap(({ keys }) => keys.map(({ vaultName, keyName }) => `${vaultName}/${keyName}`)),
    ...google.flatMap(({ keys }) =>
      keys.map((one) => (one.kind === 'created' ? `${one.location}/${one.keyRing}/${one.keyName}` : one.name)),
    ),
  ]);
}

function secretsIn({ tasks }: ProtectionPlan): readonly string[] {
  return unique(tasks.flatMap(({ source }) => (source.kind === 'database' ? [source.secret] : [])));
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

function listOf(names: readonly string[]): string {
  const more = names.length - MOST;
  return `${names.slice(0, MOST).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
