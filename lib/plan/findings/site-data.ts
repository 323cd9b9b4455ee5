import type { DataSet } from '../data-set';
import type { PlanCheck } from './finding';

/**
 * Data that is backed up and that no site has, so that an activation leaves it to people: a site has one database, and the
 * files of an application come with its image or not at all.
 */
export const dataAtNoSite: PlanCheck = ({ context, dataSets, plan }) => {
  if (plan.sites.length === 0) return;
  const engines: ReadonlySet<string> = new Set(
    plan.sites.flatMap(({ database }) => (database ? [database.engine] : [])),
  );
  const missing = dataSets.filter(({ engine }) => !engines.has(engine));
  if (missing.length === 0) return;
  context.report({
    code: 'DR3093',
    path: 'disaster_recovery.dr_sites',
    message: `no site has ${named(missing)}: whoever activates one restores ${missing.length === 1 ? 'it' : 'them'} by hand, and no estimated_time counts that`,
    fix: `rehearse it: hypdr-runner restore --task tasks/${missing[0]?.name ?? ''}.json --from latest --target ..., and add the time to the scenario`,
  });
};

function named(dataSets: readonly DataSet[]): string {
  const words = dataSets.map(({ name, engine }) => `"${name}" (${engine})`);
  return words.length === 1 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}
