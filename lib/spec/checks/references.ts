import { childPath, itemPath, suggestion } from '../../diagnostics';
import type { Report } from '../../diagnostics';
import type { Spec } from '../spec';
import type { SpecCheck } from './check';

/** Names that refer to data sets, stores, sites and functions of the spec. */
export const specReferences: SpecCheck = (spec, report) => {
  const dataSets = dataSetNames(spec);
  const stores = [...(spec.backup?.cloud?.keys() ?? [])];
  const sites = [...(spec.disaster_recovery?.dr_sites?.keys() ?? [])];
  const functions = [...(spec.business_continuity?.critical_functions?.keys() ?? [])];
  const known = (names: readonly string[], noun: string) => (path: string, name: string) => {
    if (names.includes(name)) return;
    report({ code: 'DR2030', path, message: `"${name}" is no ${noun} of this spec`, fix: suggestion(name, names) });
  };
  const dataSet = known(dataSets, 'data set');
  for (const name of spec.deployment?.tasks?.keys() ?? []) dataSet(childPath('deployment.tasks', name), name);
  for (const name of spec.deployment?.validation?.keys() ?? []) dataSet(childPath('deployment.validation', name), name);
  const databases = known([...(spec.backup?.database?.keys() ?? [])], 'database');
  if (spec.backup) for (const name of spec.database?.keys() ?? []) databases(childPath('database', name), name);
  const tiered = known([...dataSets, ...sites, ...functions], 'data set, site or function');
  for (const name of spec.deployment?.tiers?.keys() ?? []) tiered(childPath('deployment.tiers', name), name);
  const site = known(sites, 'site');
  if (spec.disaster_recovery)
    for (const name of spec.deployment?.sites?.keys() ?? []) site(childPath('deployment.sites', name), name);
  const locked = known([...stores, ...bucketNames(spec)], 'store, bucket or container');
  for (const name of spec.deployment?.immutability?.stores?.keys() ?? [])
    locked(childPath('deployment.immutability.stores', name), name);
  const store = known(stores, 'store of backup.cloud');
  for (const kind of ['database', 'filesystem'] as const) {
    for (const [name, set] of spec.backup?.[kind] ?? []) {
      const at = `${childPath(`backup.${kind}`, name)}.copies`;
      set.copies?.forEach((copy, index) => store(itemPath(at, index), copy));
    }
  }
};

function dataSetNames(spec: Spec): readonly string[] {
  return [...(spec.backup?.database?.keys() ?? []), ...(spec.backup?.filesystem?.keys() ?? [])];
}

function bucketNames(spec: Spec): readonly string[] {
  const shared = [...(spec.backup?.cloud?.values() ?? [])].flatMap((one) =>
    one.provider === 'azure' ? [one.container, one.storage_account] : [one.bucket],
  );
  const sets = [...(spec.backup?.database?.values() ?? []), ...(spec.backup?.filesystem?.values() ?? [])];
  const own = sets.flatMap(({ storage: { s3, glacier, azure, gcs } }) => [
    s3?.bucket,
    glacier?.bucket,
    azure?.container,
    azure?.storage_account,
    gcs?.bucket,
  ]);
  return [...shared, ...own.filter((one) => one !== undefined)];
}

interface Mention {
  readonly path: string;
  readonly name: string;
}

/** People, teams and systems: what nothing defines is a warning, since people may still know it. One finding a name. */
export const peopleReferences: SpecCheck = (spec, report) => {
  const people = knownPeople(spec);
  const functions = [...(spec.business_continuity?.critical_functions?.keys() ?? [])];
  reportUndefined('team, contact or role', people, mentionsOfPeople(spec), report);
  reportUndefined('function', functions, mentionsOfFunctions(spec), report);
};

function mentionsOfPeople(spec: Spec): readonly Mention[] {
  const steps = [...(spec.disaster_recovery?.scenarios ?? [])].flatMap(([name, scenario]) => {
    const at = `${childPath('disaster_recovery.scenarios', name)}.recovery_steps`;
    return scenario.recovery_steps.map((step, index) => ({
      path: `${itemPath(at, index)}.responsible`,
      name: step.responsible,
    }));
  });
  const levels = [...(spec.business_continuity?.communication_plan?.escalation ?? [])].flatMap(([name, level]) => {
    const at = `${childPath('business_continuity.communication_plan.escalation', name)}.contacts`;
    return level.contacts.map((contact, index) => ({ path: itemPath(at, index), name: contact }));
  });
  return [...steps, ...levels];
}

function mentionsOfFunctions(spec: Spec): readonly Mention[] {
  return [...(spec.business_continuity?.critical_functions ?? [])].flatMap(([name, one]) => {
    const at = `${childPath('business_continuity.critical_functions', name)}.dependencies`;
    return (one.dependencies ?? []).map((dependency, index) => ({ path: itemPath(at, index), name: dependency }));
  });
}

/** Names of contacts and teams, and roles such as "Technical Lead" as technical_lead. */
function knownPeople(spec: Spec): readonly string[] {
  const teams = [...(spec.business_continuity?.bc_teams ?? [])];
  const roles = teams.flatMap(([, team]) => team.members.map((member) => member.role));
  const asName = (role: string) => role.toLowerCase().replace(/[^a-z0-9]+/g, '_');
  return [...(spec.deployment?.contacts?.keys() ?? []), ...teams.map(([name]) => name), ...roles.map(asName)];
}

function reportUndefined(noun: string, known: readonly string[], mentions: readonly Mention[], report: Report): void {
  const byName = new Map<string, Mention[]>();
  for (const one of mentions) {
    if (!known.includes(one.name)) byName.set(one.name, [...(byName.get(one.name) ?? []), one]);
  }
  for (const [name, places] of byName) {
    const [first, ...others] = places.map((one) => one.path);
    report({
      code: 'DR2033',
      path: first ?? '',
      message: `no ${noun} "${name}" is defined${others.length === 0 ? '' : `; it is also named at ${others.join(', ')}`}`,
      fix:
        noun === 'function'
          ? 'add it to business_continuity.critical_functions, or leave it as a name that people know'
          : `add deployment.contacts.${name}: { email: "..." }`,
    });
  }
}
