import type { BackupType, TaskManifest } from '../contract';
import { fillPath, slotDate, slotOf } from './slot';
import { runFor } from './task';

/** What `--type` and `--slot` ask for. @default - the first type of the task, and a slot of now */
export interface AskedRun {
  readonly type: BackupType | undefined;
  readonly slot: string | undefined;
}

/** `--dry-run`: what a backup would do, in words; secrets are names in it, since a manifest holds nothing else. */
export function describeBackup(task: TaskManifest, { type, slot }: AskedRun, now: Date): string {
  const run = runFor(task, type);
  if (!run) return `task ${task.name} has no runs of type ${type ?? 'full'}\n`;
  const at = (slot === undefined ? undefined : slotDate(slot)) ?? now;
  const options = Object.entries(task.options).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const source =
    task.source.kind === 'files'
      ? `files under ${task.source.paths.join(', ')}${task.source.exclude.length > 0 ? `, without ${task.source.exclude.join(', ')}` : ''}`
      : `${task.engine} ${task.source.host ?? '(host from the environment)'}, ${task.source.database ?? 'all databases'}, secret ${task.source.secret} (not shown)`;
  const places = [
    ...task.stores.map(
      (store) =>
        `${store.cloud} ${store.account ? `${store.account}/` : ''}${store.bucket}/${fillPath(store.path, at, task.window.timeZone)}`,
    ),
    ...(task.local
      ? [`folder ${task.local.path}${task.local.recipient ? ', encrypted to the recipient' : ', not encrypted'}`]
      : []),
  ];
  return [
    `would take a ${run.type} backup of ${task.name} with ${task.tool}, slot ${slotOf(at)}`,
    `  from ${source}`,
    ...(options.length > 0 ? [`  options ${options.join(', ')}`] : []),
    ...places.map((place) => `  to ${place}`),
    `  compression ${run.compression}, kept ${run.retentionDays} days, locked ${run.lockDays} days where the store locks`,
    '',
  ].join('\n');
}
