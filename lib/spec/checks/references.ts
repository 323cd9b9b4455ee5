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
  readonly noun: string;
}

/** People, teams and systems: what nothing defines is a warning, since people may still know them. Once a name. */
export const peopleReferences: SpecCheck = (spec, report) => {
  const people = knownPeople(spec);
  const functions = [...(spec.business_continuity?.critical_functions?.keys() ?? [])];
  for (const [name, scenario] of spec.disaster_recovery?.scenarios ?? []) {
    const at = `${childPath('disaster_recovery.scenarios', name)}.recovery_steps`;
    scenario.recovery_steps.forEach((step, index) =>
      mention(people, `${itemPath(at, index)}.responsible`, step.responsible, 'team or role'),
    );
  }
  for (const [name, level] of spec.business_continuity?.communication_plan?.escalation ?? []) {
    const at = `${childPath('business_continuity.communication_plan.escalation', name)}.contacts`;
    level.contacts.forEach((contact, index) => mention(people, itemPath(at, index), contact, 'contact or role'));
  }
  for (const [name, one] of spec.business_continuity?.critical_functions ?? []) {
    const at = `${childPath('business_continuity.critical_functions', name)}.dependencies`;
    one.dependencies?.forEach((dependency, index) =>
      soft(functions, itemPath(at, index), dependency, 'function', report),
    );
  }
};

/** Names of contacts and teams, and roles such as "Technical Lead" as technical_lead. */
function knownPeople(spec: Spec): readonly string[] {
  const teams = spec.business_continuity?.bc_teams ?? new Map<string, never>();
  const roles = [...teams.values()].flatMap((team) => team.members.map((member) => member.role));
  const asName = (role: string) => role.toLowerCase().replace(/[^a-z0-9]+/g, '_');
  return [...(spec.deployment?.contacts?.keys() ?? []), ...teams.keys(), ...roles.map(asName)];
}

function soft(known: readonly string[], path: string, name: string, noun: string, report: Report): void {
  if (known.includes(name)) return;
  report({
    code: 'DR2033',
    path,
    message: `no ${noun} "${name}" is defined`,
    fix:
      noun === 'function'
        ? 'add it to business_continuity.critical_functions, or leave it as a name that people know'
        : `add deployment.contacts.${name}: { email: "..." }`,
  });
}
