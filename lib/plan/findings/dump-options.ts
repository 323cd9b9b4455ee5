import { intervalDaysOf } from '../run';
import type { PlanCheck } from './finding';

/** pg_dump takes -j only with the directory format (https://www.postgresql.org/docs/current/app-pgdump.html). */
export const parallelDump: PlanCheck = ({ context, dataSets }) => {
  for (const { path, spec } of dataSets) {
    if (spec.kind !== 'database' || spec.set.engine !== 'postgresql') continue;
    const { format = 'custom', parallel_jobs: jobs = 1 } = spec.set.settings ?? {};
    if (jobs === 1 || format === 'directory') continue;
    const restores =
      format === 'custom'
        ? `the dump runs in one, pg_restore in ${jobs}`
        : 'neither the dump nor a restore of this format can use them';
    context.report({
      code: 'DR3023',
      path: `${path}.settings.parallel_jobs`,
      message: `pg_dump knows parallel jobs only with format "directory", not with "${format}": ${restores}`,
      fix: format === 'custom' ? '' : 'use format "directory", or "custom" for a parallel restore',
    });
  }
};

/** A schema-only or empty dump is a choice that must be seen. */
export const partialDump: PlanCheck = ({ context, dataSets }) => {
  for (const { name, path, spec } of dataSets) {
    if (spec.kind !== 'database' || spec.set.engine !== 'postgresql') continue;
    const { include_schema: schema = true, include_data: data = true } = spec.set.settings ?? {};
    if (schema && data) continue;
    context.report({
      code: schema || data ? 'DR3024' : 'DR3025',
      path: `${path}.settings.${data ? 'include_schema' : 'include_data'}`,
      message: schema
        ? `"${name}" is backed up without its rows`
        : data
          ? `"${name}" is backed up without its definitions`
          : `"${name}" would be backed up without definitions and without rows`,
      fix: 'a backup that can be restored alone has both',
    });
  }
};

/** A copy-only backup cannot be the base of differential backups. */
export const copyOnlyBase: PlanCheck = ({ context, dataSets }) => {
  for (const { path, spec } of dataSets) {
    if (spec.kind !== 'database' || spec.set.engine !== 'sqlserver' || !spec.set.settings?.copy_only) continue;
    if (!context.backup.general.types.differential) continue;
    context.report({
      code: 'DR3026',
      path: `${path}.settings.copy_only`,
      message: 'a copy_only backup cannot be the base of the differential backups that the spec asks for',
      fix: 'set copy_only: false, or ask for no differential backups',
    });
  }
};

/** Locking tables beside a consistent snapshot blocks writers for nothing, and mysqldump lets one switch the other off. */
export const mysqlLocks: PlanCheck = ({ context, dataSets }) => {
  for (const { path, spec } of dataSets) {
    if (spec.kind !== 'database' || (spec.set.engine !== 'mysql' && spec.set.engine !== 'mariadb')) continue;
    const { single_transaction: snapshot = true, lock_tables: locks = false } = spec.set.settings ?? {};
    if (snapshot !== locks) continue;
    context.report({
      code: snapshot ? 'DR3027' : 'DR3028',
      path: `${path}.settings.${snapshot ? 'lock_tables' : 'single_transaction'}`,
      message: snapshot
        ? 'single_transaction and lock_tables exclude each other: the dump takes one snapshot and locks nothing'
        : 'without single_transaction and without lock_tables the tables of a dump are from different moments',
      fix: snapshot ? 'set lock_tables: false' : 'set single_transaction: true',
    });
  }
};

/** A lifecycle or a retention that is over before the next full leaves days without any recovery point. */
export const retentionGaps: PlanCheck = ({ context }) => {
  const { full } = context.backup.general.types;
  if (!full || full.retention >= intervalDaysOf(full)) return;
  context.report({
    code: 'DR3029',
    path: 'backup.general.types.full.retention',
    message: `full backups are kept ${full.retention} days and taken every ${intervalDaysOf(full)}`,
    fix: `keep them at least ${intervalDaysOf(full)} days`,
  });
};
