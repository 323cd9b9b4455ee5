import fc from 'fast-check';
import { DEPLOYMENT, SEED, file } from '../../support/spec-text';
import { uncommented } from '../../support/deployment';
import { endless, mutations } from '../../support/mutations';
import { expectSound } from '../../support/soundness';

const PATIENCE = 600_000;

describe('whatever happens to a spec, compiling ends with findings that have a place and a message', () => {
  test(
    'the documentation’s spec',
    () => {
      fc.assert(
        fc.property(mutations, (mutate) => {
          const mutated = { ...SEED, text: mutate(SEED.text) };
          expect(expectSound(mutated)).toBe(expectSound(mutated));
        }),
        { seed: 1, numRuns: 3000 },
      );
    },
    PATIENCE,
  );

  test(
    'with a deployment beside it',
    () => {
      const deployment = uncommented(DEPLOYMENT);
      fc.assert(
        fc.property(mutations, (mutate) => {
          expectSound({ ...deployment, text: mutate(deployment.text) }, SEED);
        }),
        { seed: 2, numRuns: 1000 },
      );
    },
    PATIENCE,
  );

  test(
    'any text at all',
    () => {
      fc.assert(
        fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
          expectSound(file(text), file(`backup { ${text}`, 'second.hyp'));
        }),
        { seed: 3, numRuns: 2000 },
      );
    },
    PATIENCE,
  );
});

test.each(endless(1_000_000))(
  'a megabyte of %s ends too',
  (_title, text) => {
    expectSound(file(text));
  },
  PATIENCE,
);
