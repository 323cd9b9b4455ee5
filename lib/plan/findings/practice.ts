import type { DataSetHoldings } from '../../contract';
import type { PlanCheck } from './finding';

/** Three copies with the original, on two media, one of them elsewhere. */
export const threeTwoOne: PlanCheck = ({ context, dataSets, plan }) => {
  for (const { dataSet, holdings } of plan.holdings) {
    const path = dataSets.find((one) => one.name === dataSet)?.path ?? '';
    const missed = shortfalls(holdings);
    const list = holdings.map((one) => (one.by === 'task' ? one.place : `${one.place} (by ${one.by})`)).join(', ');
    context.report(
      missed.length === 0
        ? {
            code: 'DR3041',
            path,
            message: `3-2-1 will be met for "${dataSet}" once its task and copies run: the original and ${list}`,
            fix: '',
          }
        : {
            code: 'DR3040',
            path,
            message: `3-2-1 is missed for "${dataSet}": ${missed.join(', ')} (the original and ${list})`,
            fix: 'add a local copy, a store of backup.cloud, or a replica in another region',
          },
    );
  }
};

function shortfalls(holdings: DataSetHoldings['holdings']): readonly string[] {
  const places = new Set(holdings.map((one) => `${one.medium}/${one.region}/${one.place}`));
  const media = new Set(holdings.map((one) => one.medium)).add('host disk');
  return [
    ...(places.size + 1 < 3 ? [`${places.size + 1} of 3 copies`] : []),
    ...(media.size < 2 ? ['1 of 2 media'] : []),
    ...(holdings.some((one) => one.medium !== 'host disk') ? [] : ['no copy elsewhere']),
  ];
}

/** A backup that was never restored is a hope. */
export const neverRestored: PlanCheck = ({ context, dataSets, plan }) => {
  for (const task of plan.tasks) {
    if (task.validation.testRestore) continue;
    const dataSet = dataSets.find((one) => one.name === task.name);
    const path = dataSet?.path ?? '';
    const off = dataSet?.spec.set.validation?.enabled === false;
    context.report({
      code: 'DR3044',
      path: off ? `${path}.validation.enabled` : path,
      message: `"${task.name}" is never test-restored${off ? ': its validation is switched off' : ''}`,
      fix: off ? 'set enabled: true' : 'add validation: { test_restore: true }',
    });
  }
};

/** A local copy has no key service. */
export const localUnencrypted: PlanCheck = ({ context, plan }) => {
  for (const task of plan.tasks) {
    if (!task.local || task.local.recipient !== undefined || !task.runs.some((run) => run.encryption)) continue;
    context.report({
      code: 'DR3042',
      path: task.local.from.find((one) => one.endsWith('.local')) ?? '',
      message: `the local copies of "${task.name}" are not encrypted: encryption is asked for, and a host has no key service`,
      fix: 'set deployment.encryption.recipient to a public key of age',
    });
  }
};

/** A folder of logs whose files the patterns leave out is backed up as nothing. */
export const folderExcluded: PlanCheck = ({ context, dataSets }) => {
  for (const { path, spec } of dataSets) {
    if (spec.kind !== 'files') continue;
    spec.set.paths.forEach((folder, index) => {
      const name = folder.split(/[/\\]/).filter(Boolean).pop()?.toLowerCase() ?? '';
      const hit = (spec.set.settings?.exclude_patterns ?? []).find((one) => emptiesFolder(one.toLowerCase(), name));
      if (hit === undefined) return;
      context.report({
        code: 'DR3043',
        path: `${path}.paths[${index}]`,
        message: `"${folder}" is backed up, and "${hit}" leaves out what such a folder holds`,
        fix: `drop the folder or the pattern`,
      });
    });
  }
};

function emptiesFolder(pattern: string, folder: string): boolean {
  if (pattern === '*' || pattern === folder || pattern === `${folder}/*`) return true;
  const extension = /^\*\.([a-z0-9]+)$/.exec(pattern)?.[1];
  return extension !== undefined && (folder === extension || folder === `${extension}s`);
}
