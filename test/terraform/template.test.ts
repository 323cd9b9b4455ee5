import fc from 'fast-check';
import { escapeTemplate } from '../../lib/terraform';

/** Reads a string as Terraform does: `$${` and `%%{` are literal, a lone `${` or `%{` starts a template. */
function readTemplate(source: string): string {
  return source.replace(/([$%])\1\{|[$%]\{/g, (match, sign: string | undefined) => {
    if (sign === undefined) {
      throw new Error(`template starts in ${source}`);
    }
    return match.slice(1);
  });
}

test('what Terraform reads is the text that was escaped', () => {
  const piece = fc.constantFrom('$', '%', '{', '}', '\\', '"', 'a', '\n', '${', '%{', '$${', '%%{', '${x}', '%{if}');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      expect(readTemplate(escapeTemplate(pieces.join('')))).toBe(pieces.join(''));
    }),
  );
});

test('text without a template stays as it is', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !/[$%]\{/.test(text)),
      (text) => {
        expect(escapeTemplate(text)).toBe(text);
      },
    ),
  );
});

test.each([
  ['${x}', '$${x}'],
  ['$${y}', '$$${y}'],
  ['%{if}', '%%{if}'],
  ['$HOME 100%', '$HOME 100%'],
])('%s becomes %s', (text, escaped) => {
  expect(escapeTemplate(text)).toBe(escaped);
});
