import { machine } from '../../bin/machine';

/** The real machine: colour on a terminal only, and never with NO_COLOR. */
const { isTTY } = process.stdout;
const before = process.env.NO_COLOR;
afterEach(() => {
  process.stdout.isTTY = isTTY;
  delete process.env.NO_COLOR;
  if (before !== undefined) process.env.NO_COLOR = before;
});

test.each([
  [true, undefined, 'colour'],
  [false, undefined, 'plain'],
  [true, '1', 'plain'],
  // https://no-color.org: an empty value is none.
  [true, '', 'colour'],
] as const)('terminal %s, NO_COLOR %j: %s', (terminal, value, expected) => {
  process.stdout.isTTY = terminal;
  delete process.env.NO_COLOR;
  if (value !== undefined) process.env.NO_COLOR = value;
  expect(machine().colour).toBe(expected);
});

test('today is a day', () => {
  expect(machine().today).toMatch(/^\d{4}-\d{2}-\d{2}$/);
});
