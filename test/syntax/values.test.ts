import type { Value } from '../../lib/syntax';
import { expectFindings, parseTexts } from '../support/spec-text';

function valueOf(source: string): unknown {
  const { tree, diagnostics } = parseTexts(`backup { key: ${source} }`);
  expect(diagnostics).toEqual([]);
  return plain(entriesOf(tree.get('backup')?.value).get('key')?.value);
}

function entriesOf(value: Value | undefined) {
  return value?.kind === 'object' ? value.entries : new Map<string, { readonly value: Value }>();
}

function plain(value: Value | undefined): unknown {
  switch (value?.kind) {
    case 'string':
    case 'number':
    case 'boolean':
      return value.value;
    case 'env':
      return { env: value.name };
    case 'list':
      return value.items.map(plain);
    case 'object':
      return Object.fromEntries([...value.entries].map(([key, entry]) => [key, plain(entry.value)]));
    default:
      return undefined;
  }
}

describe('values', () => {
  test.each([
    ['"text"', 'text'],
    ['""', ''],
    ['"a \\\\ b \\" c"', 'a \\ b " c'],
    ['"line\\nbreak\\tand tab"', 'line\nbreak\tand tab'],
    ['"\\u00e4\\u0041"', 'äA'],
    ['"// no comment, /* neither */ { } [ ]"', '// no comment, /* neither */ { } [ ]'],
    ['"""raw "quotes" and \\n backslashes"""', 'raw "quotes" and \\n backslashes'],
    ['"""two\nlines"""', 'two\nlines'],
    ['"""two\r\nlines"""', 'two\nlines'],
    ['0', 0],
    ['30', 30],
    ['-5', -5],
    ['0.25', 0.25],
    ['true', true],
    ['false', false],
    ['env.NAME', { env: 'NAME' }],
    ['env.aws_Key_2', { env: 'aws_Key_2' }],
    ['[]', []],
    ['["a", "b"]', ['a', 'b']],
    ['["a" "b"\n 1,, true,]', ['a', 'b', 1, true]],
    ['[["a"], { b: 1 }]', [['a'], { b: 1 }]],
    ['{ a: 1 b: 2, c { d: 3 } }', { a: 1, b: 2, c: { d: 3 } }],
    ['{ "x.y": 1 a-b: 2 $c: 3 d.e: 4 _f: 5 }', { 'x.y': 1, 'a-b': 2, $c: 3, 'd.e': 4, _f: 5 }],
    ['{ true: 1 env: 2 }', { true: 1, env: 2 }],
  ])('%s', (source, expected) => {
    expect(valueOf(source)).toEqual(expected);
  });

  test('a value may stand on the line below its key', () => {
    expect(valueOf('\n  "below"')).toBe('below');
  });
});

describe('strings that are not right', () => {
  test('an unknown escape is underlined itself', () => {
    expectFindings(
      'backup { path: "C:\\Backups" }',
      `
      spec.hyp:1:19 error DR1003 unknown escape \\B
          backup { path: "C:\\Backups" }
                            ~~
        fix: a backslash itself is written \\\\; known escapes are \\\\ \\" \\n \\t and \\uXXXX
      `,
    );
  });

  test('an escape needs four hexadecimal digits', () => {
    expectFindings(
      'backup { a: "\\u12g4" }',
      `
      spec.hyp:1:14 error DR1003 unknown escape \\u
          backup { a: "\\u12g4" }
                       ~~
        fix: a backslash itself is written \\\\; known escapes are \\\\ \\" \\n \\t and \\uXXXX
      `,
    );
  });

  test('a string without an end leaves the closers of its line to their blocks', () => {
    expectFindings(
      'backup { a: { b: "open } }\n',
      `
      spec.hyp:1:18 error DR1002 this string has no closing quote
          backup { a: { b: "open } }
                           ~~~~~
        fix: add the closing quote
      `,
    );
  });

  test('raw text without an end takes the rest, and that is said once', () => {
    expectFindings(
      'backup {\n  a: """open\n  b: 1\n}\n',
      `
      spec.hyp:2:6 error DR1002 this string has no closing quote
            a: """open
               ~~~
        fix: close it with """
      `,
    );
  });
});

describe('numbers that are not right', () => {
  test.each(['1.', '.5', '1e3', '0x10', '1_000', '5 %', '--1', '02', 'NaN', 'Infinity', '1.2.3'])('%s', (source) => {
    const { diagnostics } = parseTexts(`backup {\n  a: ${source}\n}`);
    expect(diagnostics).toHaveLength(1);
  });
});
