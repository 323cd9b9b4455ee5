import { cascades, fences, lineChanges, signChanges } from '../support/sweep';
import { SEED } from '../support/spec-text';

// The first 50 lines of the first block; the suite `long` takes all of the seed.
const [start = 0] = fences()[0] ?? [];
const end = start + SEED.text.slice(start).split('\n').slice(0, 50).join('\n').length;

test('no brace, bracket, quote or colon that is missing or too many has more than one finding', () => {
  const { count, cascades: found } = cascades(signChanges(start, end));
  expect(found).toEqual([]);
  expect(count).toBeGreaterThan(150);
}, 120_000);

test('no line that is missing or stands twice, and no misspelt key, has more than one finding', () => {
  const { count, cascades: found } = cascades(lineChanges(start, end));
  expect(found).toEqual([]);
  expect(count).toBeGreaterThan(120);
}, 120_000);
