import { need } from '../plan/support';
import { leafShapes, mutantsOf } from './mutants';
import { REFUSED, SINGLE, idleClaims, measureSeed, seed } from './mutation';
import type { Measured } from './mutation';

/**
 * Nothing in the spec is decoration, and the trace says nothing that is not so: each value of the seed, changed to
 * another one of its type, changes what the trace says that it became, or the trace says why it became nothing. What it
 * changes in templates is looked at by the suite `long`.
 */
jest.setTimeout(120_000);

let measured: Measured;
beforeAll(async () => {
  measured = await measureSeed();
});

test('the seed has 441 leaves, each with a type that has examples', () => {
  expect(seed.leaves).toHaveLength(441);
  expect(seed.leaves.filter(({ path }) => leafShapes(path).every((one) => one.examples.length === 0))).toEqual([]);
});

test('each leaf either became something or says why not', () => {
  const leaves = [...measured.traced.values()];
  expect(leaves).toHaveLength(441);
  expect(leaves.filter((leaf) => (leaf.becomes.length === 0) === (leaf.reason === ''))).toEqual([]);
});

test('each leaf changes the manifests and findings that the trace says it became', async () => {
  expect(await idleClaims(measured, /^(task|check)$/)).toEqual([]);
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
  expect([...new Set(leafShapes(path).flatMap((one) => one.examples))]).toHaveLength(1);
});
