import { parsePercentage } from '../../lib/units';

test.each([
  ['50%', 50],
  ['100%', 100],
  ['0.5%', 0.5],
  ['99.95%', 99.95],
])('%s is %d', (text, value) => {
  expect(parsePercentage(text)).toBe(value);
});

test.each(['', '%', '50', '0%', '0.00%', '100.01%', '150%', '-5%', '50 %', '5e1%', '.5%', '1.234%'])(
  'refuses %j',
  (text) => {
    expect(parsePercentage(text)).toBeUndefined();
  },
);
