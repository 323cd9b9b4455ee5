import { choice } from '../leaf';
import { block, defaulted, optional, required } from '../structure';
import type { Typed } from '../type';
import { cadence, days, runDay, timeOfDay, timeZone } from '../types/time';
import { flag } from '../types/word';

const compression = choice('compression', ['gzip', 'zstd', 'none']);

const backupType = block({
  frequency: required(cadence, 'how often a backup of this type is taken'),
  day: optional(runDay, 'day of a weekly or monthly backup', 'Sunday, or the 1st of the month'),
  retention: required(days, 'days for which each recovery point of this type can be restored'),
  compression: defaulted(compression, 'gzip', 'compression of the stored objects'),
  encryption: defaulted(flag, true, 'encryption at rest by the key of each store'),
});

/** When backups run, and of which types. */
export const general = block({
  enabled: defaulted(flag, true, 'false switches all backups off'),
  backup_window: required(
    block({
      start: required(timeOfDay, 'earliest start'),
      end: required(timeOfDay, 'latest expected end; before `start` means on the next day'),
      timezone: required(timeZone, 'zone of both times and of dates in object paths'),
    }),
    'the time in which runs are started',
  ),
  types: required(
    block({
      full: optional(backupType, 'complete backups', 'none'),
      incremental: optional(backupType, 'what changed since the last backup', 'none'),
      differential: optional(backupType, 'what changed since the last full backup', 'none'),
      log: optional(backupType, 'transaction logs, round the clock', 'none'),
    }),
    'the types of backups',
  ),
});

export type BackupTypeSpec = Typed<typeof backupType>;
export type GeneralSpec = Typed<typeof general>;
