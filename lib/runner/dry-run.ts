import type { BackupType, TaskManifest } from '../contract';
import { fillPath, slotOf } from './slot';
import { runFor } from './task';

/** `--dry-run`: what a backup would do, in words; secrets are names in it, since a manifest holds nothing else. */
export function describeBackup(task: TaskManifest, type: BackupType | undefined, now: Date): string {
  const run = runFor(task, type);
  if (!run) return `task ${task.name} has no runs of type ${type ?? 'full'}\n`;
  const source =
    task.source.kind === 'files'
      ? `files under ${task.source.paths.join(', ')}${task.source.exclude.length > 0 ? `, without ${task.source.exclude.join(', ')}` : ''}`
      : `${task.engine} ${task.source.host ?? '(host from the environment)'}, ${task.source.database ?? 'all databases'}, secret ${task.source.secret} (not shown)`;
  const places = [
    ...task.stores.map(
      (store) =>
        `${store.cloud} ${store.account ? `${store.account}/` : ''}${store.bucket}/${fillPath(store.path, now, task.window.timeZone)}`,
    ),
    ...(task.local
      ? [`folder ${task.local.path}${task.local.recipient ? ', encrypted to the recipient' : ', not encrypted'}`]
      : []),
  ];
  return [
    `would take a ${run.type} backup of ${task.name} with ${task.tool}, slot ${slotOf(now)}`,
    `  from ${source}`,
    ...places.map((place) => `  to ${place}`),
    `  compression ${run.compression}, kept ${run.retentionDays} days, locked ${run.lockDays} days where the store locks`,
    '',
  ].join('\n');
}
