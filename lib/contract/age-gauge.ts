/**
 * Gauges of `age`, and the events of its log that each is in, as `metrics` of a line: probers write them, alarms of clouds
 * that make metrics of logs read them.
 */
export const AGE_EVENTS = {
  BackupAgeSeconds: 'backup_age',
  FullReadAgeSeconds: 'full_read_age',
  TestRestoreAgeSeconds: 'test_restore_age',
  TestRestoreOverdueSeconds: 'test_restore_overdue',
  ChainExpirySeconds: 'chain_expiry',
  ExpiryWarningSeconds: 'expiry_warning',
  UnprunedSeconds: 'unpruned',
  PruneOverdueSeconds: 'prune_overdue',
  BackupOverdueSeconds: 'backup_overdue',
} as const;

export type AgeGaugeName = keyof typeof AGE_EVENTS;

/** Those that are 0 where all is well, and what alarms look at. */
export type AlarmingGauge = Extract<AgeGaugeName, `${string}OverdueSeconds` | 'ExpiryWarningSeconds'>;
