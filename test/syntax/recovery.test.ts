import { leavesOf } from '../../lib/syntax';
import { expectFindings, parseTexts } from '../support/spec-text';

const paths = (text: string) => leavesOf(parseTexts(text).tree).map((one) => one.path);

describe('after a mistake, the rest is read as it was meant', () => {
  test('a missing brace is found by the indentation', () => {
    const text = `backup {
    general: {
        window: {
            start: 1
        types: {
            full: 2
        }
    }
    database: 3
}
`;
    expectFindings(
      text,
      `
      spec.hyp:3:17 error DR1007 this block has no end
                  window: {
                          ~
        fix: close it with }
      `,
    );
    expect(paths(text)).toEqual(['backup.general.window.start', 'backup.general.types.full', 'backup.database']);
  });

  test('a brace too many is found by the indentation', () => {
    const text = `backup {
    general: {
        start: 1
    }
    }
    database: 3
}
`;
    expectFindings(
      text,
      `
      spec.hyp:5:5 error DR1008 this } closes nothing
              }
              ~
        fix: remove it, or open what it was meant to close
      `,
    );
    expect(paths(text)).toEqual(['backup.general.start', 'backup.database']);
  });

  test('a block without its opening brace is one all the same', () => {
    const text = 'backup {\n  general:\n    start: 1\n  }\n  database: 3\n}\n';
    expectFindings(
      text,
      `
      spec.hyp:2:10 error DR1005 an opening brace is missing here
            general:
                   ~
        fix: write general: {
      `,
    );
    expect(paths(text)).toEqual(['backup.general.start', 'backup.database']);
  });

  test('a colon may be missing', () => {
    const text = 'backup {\n  start "02:00"\n  end: "06:00"\n}\n';
    expectFindings(
      text,
      `
      spec.hyp:2:3 error DR1006 "start" is not followed by a colon
            start "02:00"
            ~~~~~
        fix: write start: and its value
      `,
    );
    expect(paths(text)).toEqual(['backup.start', 'backup.end']);
  });

  test('a value is missing where the next line starts an entry', () => {
    const text = 'backup {\n  start:\n  end: "06:00"\n}\n';
    expectFindings(
      text,
      `
      spec.hyp:2:8 error DR1005 a value is missing here
            start:
                 ~
        fix: write a string, a number, true, false, env.NAME, a list or a block
      `,
    );
    expect(paths(text)).toEqual(['backup.start', 'backup.end']);
  });

  test('quotes that do not pair up end with their line', () => {
    const text = 'backup {\n  a: { tables: ["x, "y", "z"] }\n  b: "v"\n}\n';
    expectFindings(
      text,
      `
      spec.hyp:2:17 error DR1002 the quotes of this line do not pair up
            a: { tables: ["x, "y", "z"] }
                          ~~~~~
        fix: put each text between two quotes; a quote inside of text is written \\"
      `,
    );
    expect(paths(text)).toContain('backup.b');
  });

  test('a list ends where the next entry begins', () => {
    const text = 'backup {\n  a: ["x",\n    "y"\n  b: "v"\n}\n';
    expectFindings(
      text,
      `
      spec.hyp:2:6 error DR1007 this list has no end
            a: ["x",
               ~
        fix: close it with ]
      `,
    );
    expect(paths(text)).toEqual(['backup.a[0]', 'backup.a[1]', 'backup.b']);
  });

  test('a line whose opening line is missing is dropped with its block', () => {
    const text = 'backup {\n    a: 1\n        b: 2\n        c: 3\n    }\n    d: 4\n}\n';
    expectFindings(
      text,
      `
      spec.hyp:5:5 error DR1008 this } closes nothing
              }
              ~
        fix: remove it, or open what it was meant to close
      `,
    );
  });
});

describe('too much', () => {
  test('a hundred errors are enough', () => {
    const { diagnostics } = parseTexts(`backup {\n${'  a oops oops\n'.repeat(500)}}\n`);
    expect(diagnostics).toHaveLength(101);
    expect(diagnostics.filter((one) => one.code === 'DR1017')).toHaveLength(1);
  });

  test('64 levels are enough', () => {
    const nested = (levels: number) => `backup { ${'a { '.repeat(levels)}${'} '.repeat(levels)}}`;
    expect(parseTexts(nested(63)).diagnostics).toEqual([]);
    expect(parseTexts(nested(64)).diagnostics.map((one) => one.code)).toEqual(['DR1010']);
  });
});
