import fc from 'fast-check';
import { printable } from '../../lib/runner/printable';

it.each([
  ['\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
  ['a\rb', 'a\\u000db'],
  ['\u009b31m', '\\u009b31m'],
  ['txt.\u202eexe', 'txt.\\u202eexe'],
  ['line\u2028line', 'line\\u2028line'],
  ['\ud800', '\\ud800'],
  ['tab\tand\nline', 'tab\tand\nline'],
  ['Größe 名前 😀', 'Größe 名前 😀'],
])('%j is printed as %s', (text, printed) => {
  expect(printable(text)).toBe(printed);
});

it('JSON stays the same JSON, and no control character is left in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const line = printable(JSON.stringify({ text }));
      expect(JSON.parse(line)).toEqual({ text });
      expect(line).not.toMatch(/\p{C}/u);
    }),
    { numRuns: 500 },
  );
});
