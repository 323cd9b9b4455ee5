import { isUnder } from '../diagnostics';

/** What later versions build from the parts of a spec from which this one builds nothing. */
const PLANNED: readonly (readonly [path: string, what: string])[] = [
  ['disaster_recovery.objectives', 'feasibility of recovery times and alarms at the objectives'],
  ['disaster_recovery.scenarios', 'recovery workflows'],
  ['business_continuity.objectives', 'feasibility of continuity objectives'],
  ['business_continuity.critical_functions', 'feasibility of functions and their alternatives'],
  ['business_continuity.bc_teams', 'contacts of escalation'],
  ['business_continuity.communication_plan', 'escalation and updates of stakeholders'],
  ['backup_monitoring.metrics', 'metrics and dashboards'],
  ['backup_monitoring.alerting', 'alarms'],
  ['backup_monitoring.reporting', 'reports'],
  ['deployment.contacts', 'contacts of escalation and alarms'],
  ['deployment.dns', 'failover of DNS'],
  ['deployment.primary_site.kind', 'reports about the primary'],
  ['deployment.network.azure', 'networks of tasks and sites'],
  ['deployment.network.google', 'networks of tasks and sites'],
  ['deployment.vault.subscription', 'copies in a subscription of their own'],
  ['deployment.vault.project', 'copies in a project of their own'],
];

/** What only judges, so that it is seen in findings that are not there. */
const JUDGES: readonly (readonly [path: string, what: string])[] = [
  ['deployment.acknowledge', 'accepts them'],
  ['deployment.tiers', 'says which objective holds'],
];

/** What is read by people, since what is built follows from other keys. */
const FOR_PEOPLE = /^disaster_recovery\.dr_sites\.(.+\.location|.+\.synchronization\.type)$/;

/** Why a leaf became nothing. */
export function reasonFor(path: string, disabled: string | undefined): string {
  if (disabled !== undefined) return `disabled: ${disabled}`;
  const planned = PLANNED.find(([prefix]) => isUnder(path, prefix));
  if (planned) return `planned: ${planned[1]}`;
  const judges = JUDGES.find(([prefix]) => isUnder(path, prefix));
  if (judges) return `for findings only: ${judges[1]}`;
  if (FOR_PEOPLE.test(path)) return 'for people: region and method say what is built';
  return 'says what holds anyway: the default';
}
