import type { AlarmingGauge } from '../contract/age-gauge';

/** A line of the prober's log, from which a metric is made. */
export interface Logged {
  /** Of the metric, and before the names of tasks those of its alarms. */
  readonly id: string;
  readonly metric: string;
  readonly says: string;
  readonly field: AlarmingGauge;
}

/** What the prober says of a task, and what people are told of it. */
export interface Gauge extends Logged {
  readonly silentId: string;
  readonly late: (task: string) => string;
  readonly lateContent: (task: string) => string;
  readonly unknown: (task: string) => string;
  readonly unknownContent: (task: string) => string;
}

export const BACKUPS: Gauge = {
  id: 'overdue',
  silentId: 'silent',
  metric: 'overdue_seconds',
  says: 'By how much the newest verified backup of a task is too old',
  field: 'BackupOverdueSeconds',
  late: (task) => `backup of ${task} is overdue`,
  lateContent: (task) =>
    `No verified backup of ${task} is young enough, or its stores cannot be asked. The logs of the workflow, of its containers and of the prober say why.`,
  unknown: (task) => `nobody knows how old the backup of ${task} is`,
  unknownContent: (task) =>
    `The prober has said nothing of ${task} for an hour: its job, its schedule or its rights are at fault.`,
};

export const TEST_RESTORES: Gauge = {
  id: 'untested',
  silentId: 'unknown',
  metric: 'test_restore_overdue_seconds',
  says: 'By how much the newest test restore of a task on record is too old',
  field: 'TestRestoreOverdueSeconds',
  late: (task) => `test restore of ${task} is overdue`,
  lateContent: (task) =>
    `No test restore of ${task} is on record in the time of its cadence. The logs of the workflow and of its containers say why.`,
  unknown: (task) => `nobody knows when ${task} was restored for a test`,
  unknownContent: (task) =>
    `The prober has said nothing of test restores of ${task} for an hour: their records cannot be read, or the prober is silent.`,
};

export const UNPRUNED: Logged = {
  id: 'unpruned',
  metric: 'prune_overdue_seconds',
  says: 'By how much pruning of a task is late',
  field: 'PruneOverdueSeconds',
};

export const EXPIRING: Logged = {
  id: 'expiring',
  metric: 'expiring_seconds',
  says: 'How long ago the warning began that the newest verified chain of a task expires',
  field: 'ExpiryWarningSeconds',
};
