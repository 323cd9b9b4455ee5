import type { Choice } from './sqlserver-choice';
import { PASSWORD_VARIABLE } from './sqlserver-certificates';
import type { SetType } from './sqlserver-header';
import type { DatabaseRecord } from './sqlserver-position';
import type { SqlServerSource } from './sqlserver-run';
import type { Surroundings } from './sqlserver-surroundings';

type Told = Pick<SqlServerSource, 'task' | 'machine'>;

/** What is not in the backup although it is on the server, and what went away. */
export function reportChoice(
  { task, machine }: Told,
  { usable, broken, passive }: Choice,
  records: ReadonlyMap<string, DatabaseRecord>,
): void {
  const warn = (event: string, message: string) => machine.log({ level: 'warning', event, message, task: task.name });
  for (const { name, why } of passive) warn('database_left_out', `database "${name}" is left out: ${why}`);
  const here = new Set([...usable, ...broken, ...passive].map(({ name }) => name));
  for (const name of records.keys())
    if (!here.has(name)) warn('database_gone', `database "${name}" of the backup before is not on the server any more`);
}

/** Logs are taken too often to say it each time. */
export function reportSurroundings({ task, machine }: Told, type: SetType, { keptElsewhere }: Surroundings): void {
  if (type === 'log') return;
  for (const { name, thumbprint, databases } of keptElsewhere) {
    const use =
      databases.length === 0
        ? 'what it encrypts'
        : `${databases.map((one) => `"${one}"`).join(', ')}, which it encrypts,`;
    machine.log({
      level: 'warning',
      event: 'certificate_not_stored',
      message: `the private key of certificate "${name}" (${thumbprint}) is not in the backup, and ${use} cannot be restored without it: keep what BACKUP CERTIFICATE writes, or set ${PASSWORD_VARIABLE}`,
      task: task.name,
    });
  }
}
