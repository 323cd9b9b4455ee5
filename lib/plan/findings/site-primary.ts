import { clouds } from '../../clouds';
import { childPath } from '../../diagnostics';
import type { PlanCheck } from './finding';

const at = (name: string) => childPath('disaster_recovery.dr_sites', name);

/** Services by the words of the spec. */
const SERVICES = { rds: 'RDS', flexible_server: 'a flexible server of Azure', cloud_sql: 'Cloud SQL' } as const;

/** A standby on a machine of ours, of a primary on which nobody can set up what it follows by. */
export const managedPrimaries: PlanCheck = ({ context, plan }) => {
  const { database: kind = 'self_managed' } = context.deployment.primary_site ?? {};
  if (kind === 'self_managed') return;
  for (const { name, cloud, database, synchronization } of plan.sites) {
    if (database?.kind !== 'machines' || synchronization.method === 'backup_restore') continue;
    context.report({
      code: 'DR3095',
      path: `${at(name)}.synchronization.method`,
      message: `"${name}" on ${clouds[cloud].title} never gets data: its primary is ${SERVICES[kind]}, which lets no server outside of its own service follow its log, and no watchdog of ours beside it`,
      fix: `use method "backup_restore", put the site into the cloud of the primary with deployment.primary_site.database_id, or say database: "self_managed" if the primary is a server of your own`,
    });
  }
};
