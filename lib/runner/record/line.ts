import type { RestoreRecord } from '../../contract/restore-record';
import { clockText } from '../progress/amounts';

/** One record for people: when, what came of it, of which backup, and what was achieved against what is promised. */
export function recordLine(record: RestoreRecord): string {
  const { kind, result, startedAt, why, backup, objective, rtoAchievedSeconds, rpoAchievedSeconds } = record;
  const parts = [
    `${kind} of ${startedAt} ${result}${result === 'failed' && why !== undefined ? ` (${why})` : ''}`,
    ...(backup ? [`backup ${backup.slot}-${backup.type}`] : []),
    ...measured('RTO', rtoAchievedSeconds, objective?.rtoSeconds),
    ...measured('RPO', rpoAchievedSeconds, objective?.rpoSeconds),
    ...(record.warnings.length > 0 ? [`${record.warnings.length} warnings`] : []),
  ];
  return parts.join(', ');
}

function measured(name: string, achieved: number | undefined, promised: number | undefined): string[] {
  if (achieved === undefined) return [];
  const text = `${name} ${clockText(achieved)}`;
  if (promised === undefined) return [text];
  return [`${text} of ${clockText(promised)} promised${achieved > promised ? ': MISSED' : ''}`];
}
