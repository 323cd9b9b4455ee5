import fc from 'fast-check';
import { frequencyOf, isRounded } from '../../../lib/plan/slots';
import { parseCadence } from '../../../lib/units';

const asked = (text: string) => parseCadence(text) ?? { kind: 'as_needed' as const };

test.each([
  ['hourly', 3600],
  ['15m', 900],
  ['7h', 6 * 3600],
  ['90m', 3600],
  ['45s', 60],
])('%s is an interval of %s seconds', (text, everySeconds) => {
  expect(frequencyOf(asked(text))).toEqual({ kind: 'interval', everySeconds });
});

test.each([
  ['daily', 'daily'],
  ['1d', 'daily'],
  ['3d', 'daily'],
  ['7d', 'weekly'],
  ['10d', 'weekly'],
  ['31d', 'monthly'],
])('%s is %s', (text, kind) => {
  expect(frequencyOf(asked(text))).toEqual({ kind });
});

test.each([
  ['15m', false],
  ['6h', false],
  ['1d', false],
  ['7d', false],
  ['weekly', false],
  ['7h', true],
  ['3d', true],
])('whether %s is rounded: %s', (text, rounded) => {
  expect(isRounded(asked(text))).toBe(rounded);
});

test('what runs is never rarer than what was asked for, from a minute on', () => {
  fc.assert(
    fc.property(fc.integer({ min: 60, max: 60 * 86_400 }), (seconds) => {
      const made = frequencyOf({ kind: 'every', seconds });
      const every =
        made.kind === 'interval' ? made.everySeconds : { daily: 1, weekly: 7, monthly: 31 }[made.kind] * 86_400;
      expect(every).toBeLessThanOrEqual(seconds);
      if (made.kind === 'interval') expect(86_400 % every).toBe(0);
    }),
  );
});
