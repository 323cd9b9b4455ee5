import type { Compiled } from '../../lib/compile';
import type { Becomes, TracedLeaf } from '../../lib/review';
import { SEED, compileFile, need } from '../plan/support';
import { mutantsOf, withoutPaths } from './mutants';
import { CLOUDS, synthesized } from './synthesis';
import type { CloudName, Clouds } from './synthesis';

export const seed = compileFile(SEED);

/** Leaves of which every other value is refused beside the rest of the seed: that refusal is what changes. */
export const REFUSED = [
  'backup.general.types.full.frequency', // a weekday fits a weekly run only
  'backup.database.postgresql.type', // the other tools have other settings
  'backup.database.postgresql.storage.s3.region', // one bucket, named twice
  'backup.database.mysql.storage.s3.region',
  'backup.database.sqlserver.type',
  // Places, sizes and classes of a site fit its own cloud only.
  ...['hot', 'warm', 'cold'].flatMap((kind) =>
    ['provider', 'region', 'infrastructure.compute.instance_type'].map(
      (key) => `disaster_recovery.dr_sites.${kind}_site.${key}`,
    ),
  ),
  'disaster_recovery.dr_sites.hot_site.infrastructure.database.instance_class',
  'disaster_recovery.dr_sites.warm_site.infrastructure.database.instance_class',
  'disaster_recovery.dr_sites.hot_site.infrastructure.storage.type',
];
/** Leaves whose type has one value. */
export const SINGLE = ['backup.cloud.azure_blob.encryption.type', 'backup.cloud.gcp_storage.encryption.type'];
/** Leaves that a resource answers for whatever they say: it is always SSE-KMS, and a finding says so. Others have no example of another value. */
const ANSWERED_ANYWAY: Readonly<Record<string, string>> = {
  'backup.cloud.aws_s3.encryption.sse_algorithm': 'templates of aws',
  // The one other class that Google takes of the examples is the same one, in MB.
  'disaster_recovery.dr_sites.cold_site.infrastructure.database.instance_class': 'templates of google',
};
/** Values of one leaf that are tried at most. */
const TRIES = 8;

export interface Measured {
  readonly traced: ReadonlyMap<string, TracedLeaf>;
  readonly templates: Clouds;
}

/** The trace of the seed, measured from its templates. */
export async function measureSeed(): Promise<Measured> {
  const { trace, templates } = await synthesized(seed);
  return { traced: new Map(trace.leaves.map((leaf) => [leaf.path, leaf])), templates };
}

/** What the templates of a cloud are made from: its part of the plan, and the task manifests, which are uploaded. */
const slice = ({ plan }: Compiled, cloud: CloudName) =>
  JSON.stringify(
    withoutPaths([
      plan?.[cloud],
      plan?.[`${cloud}Tasks`],
      cloud === 'aws' && plan?.awsReaders,
      cloud === 'azure' && plan?.azureReaders,
      cloud === 'google' && plan?.googleReaders,
      plan?.tasks,
      plan?.sites.filter((site) => site.cloud === cloud),
    ]),
  );
const manifests = ({ plan }: Compiled) => JSON.stringify(withoutPaths([plan?.tasks, plan?.copies]));
const said = ({ diagnostics }: Compiled) => JSON.stringify(diagnostics.map(({ code, message }) => [code, message]));
const manifestsOfSeed = manifests(seed);
const saidOfSeed = said(seed);

/** What a leaf is said to have become, in the words of what can change. */
function claims(leaf: TracedLeaf): readonly string[] {
  const word = ({ kind, cloud }: Becomes) => (kind === 'resource' ? `templates of ${cloud}` : kind);
  return [...new Set(leaf.becomes.map(word))].filter((one) => ANSWERED_ANYWAY[leaf.path] !== one);
}

async function changedBy(mutant: Compiled, wanted: readonly string[], templates: Clouds): Promise<readonly string[]> {
  const asked = CLOUDS.filter((cloud) => wanted.includes(`templates of ${cloud}`));
  // What is the same in the plan is the same in the templates.
  const clouds = asked.filter((cloud) => mutant.plan && slice(mutant, cloud) !== slice(seed, cloud));
  const made = clouds.length > 0 ? (await synthesized(mutant, clouds)).templates : templates;
  return [
    ...clouds.filter((cloud) => made[cloud] !== templates[cloud]).map((cloud) => `templates of ${cloud}`),
    ...(manifests(mutant) === manifestsOfSeed ? [] : ['task']),
    ...(said(mutant) === saidOfSeed ? [] : ['check']),
  ];
}

/** What leaves of the seed are said to have become, of the kinds asked for, and no other value of them changes. */
export async function idleClaims(measured: Measured, kind: RegExp, leaves = seed.leaves): Promise<readonly string[]> {
  const idle: string[] = [];
  for (const leaf of leaves.filter(({ path }) => ![...REFUSED, ...SINGLE].includes(path))) {
    let open = claims(need(measured.traced.get(leaf.path), leaf.path)).filter((one) => kind.test(one));
    let tried = 0;
    for (const { compiled } of open.length > 0 ? mutantsOf(leaf, seed) : []) {
      const changed = await changedBy(compiled, open, measured.templates);
      open = open.filter((one) => !changed.includes(one));
      if (open.length === 0 || ++tried === TRIES) break;
    }
    idle.push(...open.map((one) => `${leaf.path} does not change ${one}`));
  }
  return idle;
}
