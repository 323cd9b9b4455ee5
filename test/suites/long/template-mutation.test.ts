import { idleClaims, measureSeed, seed } from '../../review/mutation';
import { inTurn } from '../turn';

/**
 * The trace says nothing of the templates that is not so: each value of the seed, changed to another one of its type,
 * changes the templates of every cloud in which it is said to have become a resource. Manifests and findings are looked at
 * by the fast tests.
 */
jest.setTimeout(900_000);

test('each leaf changes the templates of every cloud in which the trace says that it became a resource', async () => {
  expect(await idleClaims(await measureSeed(), /^templates/, inTurn(seed.leaves))).toEqual([]);
});
