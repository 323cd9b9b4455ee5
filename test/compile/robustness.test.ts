import fc from 'fast-check';
import { SEED, file } from '../support/spec-text';
import { endless, mutations } from '../support/mutations';
import { expectSound } from '../support/soundness';

// The suite `long` runs the same with thousands of texts, and with a megabyte of each kind.
const PATIENCE = 120_000;

test(
  'whatever happens to the seed, compiling ends with findings that have a place and a message',
  () => {
    fc.assert(
      fc.property(mutations, (mutate) => {
        expectSound({ ...SEED, text: mutate(SEED.text) });
      }),
      { seed: 20260701, numRuns: 300 },
    );
  },
  PATIENCE,
);

test('the same text has the same findings each time', () => {
  fc.assert(
    fc.property(mutations, (mutate) => {
      const text = mutate(SEED.text);
      expect(expectSound({ ...SEED, text })).toBe(expectSound({ ...SEED, text }));
    }),
    { seed: 7, numRuns: 25 },
  );
});

test.each(endless(50_000))(
  'so it does for endless %s',
  (_title, text) => {
    expectSound(file(text));
    expectSound(file(`\`\`\`hyp\n${text}`, 'page.md'));
  },
  PATIENCE,
);
