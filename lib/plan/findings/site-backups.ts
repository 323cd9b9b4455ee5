import type { Site, TaskManifest } from '../../contract';
import { childPath } from '../../diagnostics';
import type { PlanCheck } from './finding';

/**
 * Databases of sites that nobody backs up while the site is active: tasks go where the source's own address leads, which is
 * the old primary, and no machine of the site takes its own (`SiteBackups`). The name that is failed over leads to the
 * balancer of the application, and to no database.
 */
export const backupsOfActiveSites: PlanCheck = ({ context, plan }) => {
  const bare = plan.sites.flatMap((site) => {
    if (site.backups) return [];
    const tasks = plan.tasks.filter(({ name }) => dataSetsOf(site).includes(name));
    return tasks.length === 0 ? [] : [{ site, tasks }];
  });
  const [first] = bare;
  if (!first) return;
  const tasks = unique(bare.flatMap((one) => one.tasks));
  const sites = bare.map(({ site }) => `"${site.name}"`).join(', ');
  context.report({
    code: 'DR3098',
    path: `${childPath('disaster_recovery.dr_sites', first.site.name)}.infrastructure.database`,
    message: `while ${sites} ${bare.length === 1 ? 'is' : 'are'} active nobody backs up the database there: tasks of ${tasks.map(({ name }) => `"${name}"`).join(', ')} go to the primary that it took over from`,
    fix: `change ${unique(tasks.map(hostOf)).join(', ')} as a step of each activation, and let tasks reach the site: docs/deploy.md, "Backups while a site is active"`,
  });
};

function dataSetsOf({ synchronization: { primary, restores } }: Site): readonly string[] {
  return [...(primary ? [primary.dataSet] : []), ...(restores?.tasks ?? [])];
}

/** What says the host; the spec goes before the secret. */
function hostOf({ name, source }: TaskManifest): string {
  if (source.kind !== 'database') return '';
  return source.host === undefined
    ? `the host in the secret ${source.secret}`
    : `${childPath('database', name)}.primary.host`;
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
