import type { Compiled } from '../../lib/compile';
import type { Becomes, TracedLeaf } from '../../lib/review';
import type { Leaf } from '../../lib/syntax';
import { SEED, compileFile, need } from '../plan/support';
import { leafShapes, mutantsOf, withoutPaths } from './mutants';
import { synthesized } from './synthesis';
import type { Clouds } from './synthesis';

/**
 * Nothing in the spec is decoration, and the trace says nothing that is not so: each value of the seed, changed to
 * another one of its type, changes what the trace says that it became, or the trace says why it became nothing.
 */
jest.setTimeout(240_000);

const seed = compileFile(SEED);
let traced: ReadonlyMap<string, TracedLeaf>;
let templates: Clouds;

beforeAll(async () => {
  const { trace, templates: made } = await synthesized(seed);
  traced = new Map(trace.leaves.map((leaf) => [leaf.path, leaf]));
  templates = made;
});

/** Leaves of which every other value is refused beside the rest of the seed: that refusal is what changes. */
const REFUSED = [
  'backup.general.types.full.frequency', // a weekday fits a weekly run only
  'backup.database.postgresql.type', // the other tools have other settings
  'backup.database.postgresql.storage.s3.region', // one bucket, named twice
  'backup.database.mysql.storage.s3.region',
  'backup.database.sqlserver.type',
];
/** Leaves whose type has one value. */
const SINGLE = ['backup.cloud.azure_blob.encryption.type', 'backup.cloud.gcp_storage.encryption.type'];

const manifests = ({ plan }: Compiled) => JSON.stringify(withoutPaths([plan?.tasks, plan?.copies]));
const said = ({ diagnostics }: Compiled) => JSON.stringify(diagnostics.map(({ code, message }) => [code, message]));

/** What a leaf is said to have become, in the words of what can change. */
function claims(leaf: TracedLeaf): readonly string[] {
  const word = ({ kind, cloud }: Becomes) => (kind === 'resource' ? `templates of ${cloud}` : kind);
  return [...new Set(leaf.becomes.map(word))];
}

async function changedBy(mutant: Compiled, wanted: readonly string[]): Promise<readonly string[]> {
  const clouds = (['aws', 'azure', 'google'] as const).filter((cloud) => wanted.includes(`templates of ${cloud}`));
  const made = clouds.length > 0 && mutant.plan ? (await synthesized(mutant)).templates : templates;
  return [
    ...clouds.filter((cloud) => made[cloud] !== templates[cloud]).map((cloud) => `templates of ${cloud}`),
    ...(manifests(mutant) === manifests(seed) ? [] : ['task']),
    ...(said(mutant) === said(seed) ? [] : ['check']),
  ];
}

/** What the leaf is said to have become and no other value of it changes. */
async function idle(leaf: Leaf): Promise<readonly string[]> {
  let open = claims(need(traced.get(leaf.path), leaf.path));
  let tried = 0;
  for (const { compiled } of mutantsOf(leaf, seed)) {
    const changed = await changedBy(compiled, open);
    open = open.filter((one) => !changed.includes(one));
    if (open.length === 0 || ++tried === 8) break;
  }
  return open;
}

test('the seed has 441 leaves, each with a type that has examples', () => {
  expect(seed.leaves).toHaveLength(441);
  expect(seed.leaves.filter(({ path }) => leafShapes(path).every((one) => one.examples.length === 0))).toEqual([]);
});

test('each leaf changes what the trace says that it became', async () => {
  const failures: string[] = [];
  for (const leaf of seed.leaves.filter(({ path }) => ![...REFUSED, ...SINGLE].includes(path))) {
    for (const one of await idle(leaf)) failures.push(`${leaf.path} does not change ${one}`);
  }
  expect(failures).toEqual([]);
});

test.each(REFUSED)('another %s is refused', (path) => {
  const leaf = need(
    seed.leaves.find((one) => one.path === path),
    path,
  );
  const mutants = [...mutantsOf(leaf, seed)];
  expect(mutants.length).toBeGreaterThan(0);
  for (const { compiled } of mutants) expect(compiled.diagnostics[0]?.severity).toBe('error');
});

test.each(SINGLE)('%s has no other value', (path) => {
  expect(leafShapes(path).flatMap((one) => one.examples)).toHaveLength(1);
});

test('a leaf that became nothing says why', () => {
  const silent = [...traced.values()].filter((leaf) => (leaf.becomes.length === 0) === (leaf.reason === ''));
  expect(silent).toEqual([]);
});
