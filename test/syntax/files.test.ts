import type { SourceFile } from '../../lib/diagnostics';
import { leavesOf } from '../../lib/syntax';
import { dedent, expectFindings, file, parseTexts, rendered } from '../support/spec-text';

const paths = (...texts: readonly (string | SourceFile)[]) =>
  leavesOf(parseTexts(...texts).tree).map((one) => one.path);

describe('text', () => {
  test('a byte order mark and Windows line ends change nothing', () => {
    const text = 'backup {\n  a: "x" // note\n  b: [1,\n 2]\n}\n';
    expect(paths(`\uFEFF${text.replace(/\n/g, '\r\n')}`)).toEqual(paths(text));
  });

  test('places in a file with Windows line ends are those that editors show', () => {
    const { diagnostics } = parseTexts('\uFEFFbackup {\r\n  a: oops\r\n}\r\n');
    expect(rendered(diagnostics)).toBe(
      dedent(`
      spec.hyp:2:6 error DR1015 "oops" is text without quotes
            a: oops
               ~~~~
        fix: write "oops" in double quotes; without them only true, false, numbers and env.NAME are values
      `),
    );
  });

  test('a tab is one column wide', () => {
    expectFindings(
      'backup {\n\ta:\toops\n}',
      `
      spec.hyp:2:5 error DR1015 "oops" is text without quotes
           a: oops
              ~~~~
        fix: write "oops" in double quotes; without them only true, false, numbers and env.NAME are values
      `,
    );
  });

  test('comments mean nothing, wherever they stand', () => {
    const text = 'backup /* a { */ { // }\n a /* x */ : /* y */ 1 /* b: 2 */ }';
    expect(paths(text)).toEqual(['backup.a']);
  });

  test('a comment does not nest', () => {
    expectFindings(
      'backup { /* a /* b */ c: 1 */ }',
      `
      spec.hyp:1:28 error DR1001 unexpected "*"
          backup { /* a /* b */ c: 1 */ }
                                     ~
        fix: remove it, or put text in double quotes
      `,
    );
  });

  test('a long line is cut around the culprit', () => {
    const { diagnostics } = parseTexts(`backup { a: "${'x'.repeat(500)}" b: oops ${'c: 1 '.repeat(100)}}`);
    const [, line, mark] = rendered(diagnostics).split('\n');
    expect(line?.length).toBeLessThanOrEqual(124);
    expect(line?.slice(mark?.indexOf('~'), (mark?.lastIndexOf('~') ?? 0) + 1)).toBe('oops');
  });
});

describe('paths', () => {
  test('are written with dots, brackets and quotes where the key needs them', () => {
    expect(paths('backup { a: { "x.y": { paths: ["p", { q: 1 }] } d.e: 1 } }')).toEqual([
      'backup.a["x.y"].paths[0]',
      'backup.a["x.y"].paths[1].q',
      'backup.a["d.e"]',
    ]);
  });
});

describe('Markdown', () => {
  const markdown = (text: string) => file(text, 'page.md');

  test('each hyp fence is read, others are not', () => {
    const text = [
      '# Page',
      'backup { not: 1 }',
      '```hyp',
      'backup { a: 1 }',
      '```',
      '```json',
      '{ "backup": { b: 1 } }',
      '```',
      '~~~~hyp',
      'backup { c: 1 }',
      '```',
      '~~~',
      'disaster_recovery { d: 1 }',
      '~~~~',
      '   ```HYP title',
      '   backup_monitoring { e: 1 }',
      '   ```',
      '````markdown',
      '```hyp',
      'backup { f: 1 }',
      '```',
      '````',
    ];
    const plain = text.filter((line) => !['```', '~~~'].includes(line) || line === '```').join('\n');
    expect(paths(markdown(plain.replace('c: 1 }\n```\n', 'c: 1 }\n')))).toEqual([
      'backup.a',
      'backup.c',
      'disaster_recovery.d',
      'backup_monitoring.e',
    ]);
  });

  test('a fence without an end reaches to the end of the file', () => {
    expect(paths(markdown('```hyp\nbackup { a: 1 }\n'))).toEqual(['backup.a']);
  });

  test('places are those of the Markdown file', () => {
    const { diagnostics } = parseTexts(markdown('text\n\n```hyp\nbackup {\n  a: oops\n}\n```\n'));
    expect(rendered(diagnostics)).toContain('page.md:5:6 error DR1015');
  });

  test('a block does not go on in the next fence', () => {
    const { diagnostics } = parseTexts(
      markdown('```hyp\nbackup {\n  a: 1\n```\n\n```hyp\ndisaster_recovery { b: 1 }\n```\n'),
    );
    expect(diagnostics.map((one) => one.code)).toEqual(['DR1007']);
  });
});

describe('several files', () => {
  test('blocks are merged', () => {
    const first = file('backup { a: { b: 1 } }', 'a.hyp');
    const second = file('backup { a: { c: 2 } d: 3 }\ndeployment { e: 4 }', 'b.hyp');
    expect(paths(first, second)).toEqual(['backup.a.b', 'backup.a.c', 'backup.d', 'deployment.e']);
  });

  test('the same value twice is an error that names both places', () => {
    const first = file('backup {\n  a: { b: 1 }\n}', 'a.hyp');
    const second = file('backup { a: { b: 1 } }', 'b.hyp');
    expect(rendered(parseTexts(first, second).diagnostics)).toBe(
      dedent(`
      b.hyp:1:15 error DR1009 "b" stands here for the second time
          backup { a: { b: 1 } }
                        ~
        a.hyp:2:8: "b" stands here first
        fix: keep one of the two; blocks of several files are merged, but each value may stand in one of them only
      `),
    );
  });

  test('a list and a value, a block and a value are not merged either', () => {
    const { diagnostics } = parseTexts('backup { a: [1] b: { c: 1 } }', 'backup { a: [2] b: 1 }');
    expect(diagnostics.map((one) => one.code)).toEqual(['DR1009', 'DR1009']);
  });

  test('what was refused in one file is not refused again against the other', () => {
    const { diagnostics } = parseTexts('backup { a: oops }', 'backup { a: 1 }');
    expect(diagnostics.map((one) => one.code)).toEqual(['DR1015']);
  });
});

describe('blocks of other concerns', () => {
  test('are skipped by balanced braces, with one note each', () => {
    const text = 'monitoring { a = "}" /* } */ b => { c; } [ } ] } // }\nsecurity { x: \'y\' }\nbackup { a: 1 }';
    const { diagnostics } = parseTexts(text.replace('[ } ]', ''));
    expect(paths(text.replace('[ } ]', ''))).toEqual(['backup.a']);
    expect(diagnostics.map((one) => `${one.code} ${one.severity} ${one.message}`)).toEqual([
      'DR1013 note block "monitoring" is of another concern and was skipped',
      'DR1013 note block "security" is of another concern and was skipped',
    ]);
  });

  test('one without an end does not take ours with it', () => {
    const text = 'monitoring {\n  a: {\n}\nbackup {\n  a: 1\n}\n';
    expect(paths(text)).toEqual(['backup.a']);
    expect(parseTexts(text).diagnostics.map((one) => one.code)).toContain('DR1007');
  });

  test.each([
    'bakup',
    'backups',
    'Backup',
    'BACKUP',
    'backupp',
    'disaster_recvery',
    'Deployment',
    'back_up',
    'databases',
  ])('%s is a slip, not another concern', (name) => {
    expect(parseTexts(`${name} { }`).diagnostics.map((one) => one.code)).toEqual(['DR1011']);
  });

  test.each(['monitoring', 'security', 'package', 'pickups', 'base', 'deploy'])('%s is another concern', (name) => {
    const { diagnostics } = parseTexts(`${name} { }\nbackup { }`);
    expect(diagnostics.map((one) => one.code)).toEqual(['DR1013']);
  });

  test('a spec without any block of ours is an error', () => {
    expect(parseTexts('').diagnostics.map((one) => one.code)).toEqual(['DR1012']);
    expect(parseTexts('monitoring { }').diagnostics.map((one) => one.code)).toEqual(['DR1012', 'DR1013']);
    expect(parseTexts(file('backup { a: 1 }', 'page.md')).diagnostics.map((one) => one.code)).toEqual(['DR1012']);
  });
});
