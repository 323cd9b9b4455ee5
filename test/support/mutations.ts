import fc from 'fast-check';

type Mutation = (text: string) => string;

const SIGNS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '"""',
  ':',
  ',',
  '/*',
  '*/',
  '//',
  '\\',
  '\n',
  '\t',
  ' ',
  '```',
  '\0',
  '\uFEFF',
  '\u2028',
  '😀',
  '\uD800',
  '-',
  '.',
  'env.',
  '$',
];

/** A place in any text, as a share of its length. */
const place = fc.double({ min: 0, max: 0.999999, noNaN: true });
const at = (text: string, share: number) => Math.floor(text.length * share);

const character: fc.Arbitrary<Mutation> = fc
  .tuple(place, fc.constantFrom('delete', 'double', 'swap', 'insert', 'replace'), fc.constantFrom(...SIGNS))
  .map(([share, kind, sign]) => (text) => {
    const index = at(text, share);
    const before = text.slice(0, index);
    const [one, two, rest] = [text.charAt(index), text.charAt(index + 1), text.slice(index + 1)];
    switch (kind) {
      case 'delete':
        return before + rest;
      case 'double':
        return before + one + one + rest;
      case 'swap':
        return before + two + one + rest.slice(1);
      case 'insert':
        return before + sign + one + rest;
      default:
        return before + sign + rest;
    }
  });

const line: fc.Arbitrary<Mutation> = fc
  .tuple(place, place, fc.constantFrom('delete', 'double', 'swap', 'move', 'unindent'))
  .map(([from, to, kind]) => (text) => {
    const lines = text.split('\n');
    const index = Math.floor(lines.length * from);
    const [one = ''] = lines.splice(index, 1);
    if (kind === 'double') lines.splice(index, 0, one, one);
    if (kind === 'swap') lines.splice(index + 1, 0, one);
    if (kind === 'move') lines.splice(Math.floor(lines.length * to), 0, one);
    if (kind === 'unindent') lines.splice(index, 0, one.trimStart());
    return lines.join('\n');
  });

const piece: fc.Arbitrary<Mutation> = fc
  .tuple(place, place, place, fc.constantFrom('cut', 'copy', 'end'))
  .map(([from, length, to, kind]) => (text) => {
    const start = at(text, from);
    const end = Math.min(text.length, start + Math.floor(2000 * length));
    if (kind === 'end') return text.slice(0, start);
    const rest = text.slice(0, start) + text.slice(end);
    if (kind === 'cut') return rest;
    return text.slice(0, at(text, to)) + text.slice(start, end) + text.slice(at(text, to));
  });

const bytes: fc.Arbitrary<Mutation> = fc
  .tuple(place, fc.uint8Array({ minLength: 1, maxLength: 40 }))
  .map(([share, some]) => (text) => {
    const index = at(text, share);
    return text.slice(0, index) + Buffer.from(some).toString('utf8') + text.slice(index);
  });

const storm: fc.Arbitrary<Mutation> = fc
  .tuple(place, fc.array(fc.constantFrom('{', '}', '[', ']', '{a', ':', '"'), { minLength: 1, maxLength: 200 }))
  .map(([share, signs]) => (text) => {
    const index = at(text, share);
    return text.slice(0, index) + signs.join('') + text.slice(index);
  });

/** One to four things that go wrong with a text. */
export const mutations: fc.Arbitrary<Mutation> = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: character },
      { weight: 4, arbitrary: line },
      { weight: 1, arbitrary: piece },
      { weight: 1, arbitrary: bytes },
      { weight: 1, arbitrary: storm },
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((steps) => (text) => steps.reduce((so, step) => step(so), text));

/** Texts of a size that are nothing but one thing, over and over. */
export function endless(length: number): readonly (readonly [title: string, text: string])[] {
  const fill = (unit: string) => unit.repeat(Math.ceil(length / unit.length));
  const margins = Array.from({ length: Math.floor(Math.sqrt(2 * length)) }, (_, depth) => `${' '.repeat(depth)}a:\n`);
  return [
    ['opening braces', fill('{')],
    ['closing braces', fill('}')],
    ['opening brackets in a block', `backup { a: ${fill('[')}`],
    ['closing brackets in a block', `backup { ${fill(']')}`],
    ['blocks in blocks', `backup { ${fill('a {')}`],
    ['lists of blocks', `backup { a: ${fill('[{a:')}`],
    ['braces and brackets', `backup { a: ${fill('{[}]')}`],
    ['keys without values', `backup {\n${fill('a:\n')}`],
    ['keys further and further in', `backup {\n${margins.join('')}`],
    ['blocks that close too often', `backup {\n${fill('a {\n}\n}\n')}`],
    ['blocks of other concerns', fill('x { }\n')],
    ['the block itself', fill('backup {\n')],
    ['quotes', fill('"')],
    ['quotes in a block', `backup { ${fill('a: "\n')}`],
    ['raw quotes', `backup { a: ${fill('"""')}`],
    ['backslashes', `backup { a: "${fill('\\')}"`],
    ['escapes', `backup { a: "${fill('\\u0041')}" }`],
    ['comments', `backup { ${fill('/* */')} }`],
    ['comments without an end', fill('/*')],
    ['slashes', `backup { a: ${fill('/ ')} }`],
    ['one key', `backup { ${fill('a')}: 1 }`],
    ['one number', `backup { a: ${fill('1')} }`],
    ['one string', `backup { a: "${fill('a')}" }`],
    ['one word', `backup { a: ${fill('a')} }`],
    ['words', `backup { ${fill('a ')} }`],
    ['words of a secret', `backup { ${fill('password ')} }`],
    ['dots', `backup { ${fill('a.')}: 1 }`],
    ['blanks', `backup {${fill(' ')}}`],
    ['line breaks', `backup {${fill('\n')}}`],
    ['commas', `backup {${fill(',')}}`],
    ['entries on one line', `backup { general: { ${fill('a: 1 ')} } }`],
    ['blocks on one line', `backup { general: { ${fill('a: {} ')} } }`],
    ['items on one line', `backup { a: [${fill('true, ')}] }`],
    [
      'data sets on one line',
      `backup { database: { ${Array.from({ length: length / 20 }, (_, n) => `d${n}: { type: 1 }`).join(' ')} } }`,
    ],
    ['fences', fill('```hyp\n')],
    ['nothing', ''],
  ];
}
