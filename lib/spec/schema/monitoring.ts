import { choice } from '../leaf';
import { block, defaulted, list, map, optional, required } from '../structure';
import type { Typed } from '../type';
import { threshold } from '../types/amount';
import { duration } from '../types/time';
import { flag, notificationChannel, recipientReference, severity } from '../types/word';

const metric = (doc: string) => defaulted(flag, false, doc);

const alert = (doc: string) =>
  optional(
    block({
      enabled: defaulted(flag, true, 'false builds nothing for it'),
      severity: required(severity, 'how bad it is'),
      threshold: optional(threshold, 'when it speaks', 'at the first occurrence'),
      notification: required(list(notificationChannel), 'how people are told'),
      escalation_time: optional(duration, 'time until the next level is told', 'no escalation'),
    }),
    doc,
    'no alert',
  );

const SECTIONS = [
  'backup_success_rate',
  'backup_duration',
  'storage_usage',
  'failed_backups',
  'recovery_test_results',
  'storage_trends',
  'compliance_status',
  'retention_compliance',
  'recovery_test_summary',
  'cost_analysis',
] as const;

const reports = optional(
  map(
    'report',
    block({
      enabled: defaulted(flag, true, 'false builds nothing for it'),
      recipients: required(list(recipientReference), 'who gets it'),
      include: required(list(choice('report section', SECTIONS)), 'what it holds'),
    }),
  ),
  'reports, by free names',
  'none',
);

/** The block `backup_monitoring`. */
export const backupMonitoring = block({
  metrics: optional(
    block({
      backup: optional(
        block({
          success_rate: metric('share of runs that succeeded'),
          backup_duration: metric('how long runs take'),
          backup_size: metric('bytes stored'),
          compression_ratio: metric('bytes read to bytes stored'),
          encryption_status: metric('whether objects are encrypted'),
        }),
        'of backups',
        'none',
      ),
      recovery: optional(
        block({
          recovery_time: metric('measured time of restores'),
          recovery_success_rate: metric('share of restores that succeeded'),
          data_loss: metric('age of the recovery point'),
          point_in_time_recovery: metric('newest point in time that can be reached'),
        }),
        'of restores',
        'none',
      ),
      storage: optional(
        block({
          used_space: metric('bytes used'),
          available_space: metric('bytes left'),
          retention_compliance: metric('objects kept as promised'),
          storage_cost: metric('cost of the stores'),
        }),
        'of stores',
        'none',
      ),
    }),
    'what is measured',
    'nothing',
  ),
  alerting: optional(
    block({
      backup: optional(
        block({
          backup_failure: alert('a run failed'),
          backup_delay: alert('a run is late'),
          backup_size_anomaly: alert('a backup is much larger or smaller than the ones before'),
        }),
        'of backups',
        'none',
      ),
      recovery: optional(
        block({
          recovery_failure: alert('a restore failed'),
          recovery_time_exceeded: alert('a restore took longer than promised'),
        }),
        'of restores',
        'none',
      ),
      storage: optional(
        block({
          storage_full: alert('a place with a size is nearly full'),
          retention_violation: alert('something was kept shorter or longer than promised'),
        }),
        'of stores',
        'none',
      ),
    }),
    'what people are told at once',
    'nothing',
  ),
  reporting: optional(
    block({ daily: reports, weekly: reports, monthly: reports }),
    'what people are told regularly',
    'nothing',
  ),
});

export type BackupMonitoringSpec = Typed<typeof backupMonitoring>;
