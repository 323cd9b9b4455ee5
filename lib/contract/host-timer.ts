import type { BackupType, RunSchedule } from './task';

/** What a timer of a host starts. */
export interface HostTimer {
  /** Type of the backup; `prune` looks after the folder of the host. */
  readonly does: BackupType | 'prune';
  readonly schedule: RunSchedule;
}
