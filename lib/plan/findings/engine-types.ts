import { runTypeOf, typesOf } from '../run';
import type { DataSet } from '../data-set';
import type { PlanCheck } from './finding';

/** What the user's words call the tool; `sqlcmd` only hands the statement to the server. */
function toolOf({ spec }: DataSet): string {
  if (spec.kind === 'files') return 'tar';
  return spec.set.type === 'sqlcmd' ? 'SQL Server' : spec.set.type;
}

/** Says what an engine runs for a type that it has nothing like; never a silent skip. */
export const engineTypes: PlanCheck = ({ context, dataSets }) => {
  for (const dataSet of dataSets) {
    const { name, path, engine } = dataSet;
    for (const [type] of typesOf(context.backup.general.types)) {
      const run = runTypeOf(engine, type);
      if (run === type) continue;
      const at = engine === 'files' ? path : `${path}.type`;
      if (run === undefined) {
        context.report({
          code: 'DR3021',
          path: at,
          message: `"${name}" gets no ${type} backups: ${toolOf(dataSet)} has none`,
          fix:
            engine === 'postgresql'
              ? 'point-in-time recovery of PostgreSQL needs WAL archiving, which a site with log_shipping brings'
              : 'nothing to do, if the other types are enough',
        });
      } else {
        context.report({
          code: 'DR3020',
          path: at,
          message: `${type} backups of "${name}" run as ${run === 'log' ? 'log backups' : `${run} backups`}: ${toolOf(dataSet)} has no ${type} ones`,
          fix: '',
        });
      }
    }
  }
};

/** Types that are one run have one compression. */
export const mergedCompression: PlanCheck = ({ context, plan }) => {
  const { types } = context.backup.general;
  const told = new Set<string>();
  for (const run of plan.tasks.flatMap((task) => task.runs)) {
    for (const name of run.for) {
      const said = types[name]?.compression;
      if (said === undefined || said === run.compression || told.has(name)) continue;
      told.add(name);
      context.report({
        code: 'DR3022',
        path: `backup.general.types.${name}.compression`,
        message: `${run.for.join(' and ')} are one run for some data sets, which compresses with ${run.compression} and not with ${said}`,
        fix: 'say the same for both',
      });
    }
  }
};

/** Increments without a full have no base to build on. */
export const fullMissing: PlanCheck = ({ context, dataSets }) => {
  const { types } = context.backup.general;
  if (types.full || dataSets.length === 0) return;
  const needs = dataSets.find(({ engine }) => typesOf(types).some(([type]) => runTypeOf(engine, type) !== 'full'));
  if (!needs && typesOf(types).length > 0) return;
  context.report({
    code: 'DR3001',
    path: 'backup.general.types',
    message: needs
      ? `no full backups, which the increments of "${needs.name}" build on`
      : 'no type of backup is asked for',
    fix: 'add full: { frequency: "weekly" day: "sunday" retention: 30 }',
  });
};
