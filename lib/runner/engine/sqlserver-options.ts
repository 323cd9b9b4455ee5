import type { TaskManifest } from '../../contract';
import type { SqlServerFacts } from './sqlserver-server';

/** Settings of a task: the spec's, or what its schema says holds without them (lib/spec/schema/database.ts). */
export interface BackupOptions {
  readonly compression: boolean;
  readonly checksum: boolean;
  readonly copyOnly: boolean;
}

export function backupOptions({ options }: Pick<TaskManifest, 'options'>): BackupOptions {
  return {
    compression: options.compression !== false,
    checksum: options.checksum !== false,
    copyOnly: options.copy_only === true,
  };
}

/** What `COMPRESSION` comes to on this server: nothing is said where the edition knows neither. */
export function compressionClause(
  { compression }: BackupOptions,
  { compression: available }: Pick<SqlServerFacts, 'compression'>,
): 'COMPRESSION' | 'NO_COMPRESSION' | undefined {
  if (available === 'unavailable') return undefined;
  return compression ? 'COMPRESSION' : 'NO_COMPRESSION';
}
