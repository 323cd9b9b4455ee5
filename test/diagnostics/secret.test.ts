import { Collector, maskSecrets, paintFor, renderText, toJson, toSarif } from '../../lib/diagnostics';
import { file } from '../support/spec-text';

describe('a line as it is shown', () => {
  test.each([
    ['password: "hunter2" port: 1', 'password: ********* port: 1'],
    ['password "hunter2"', 'password *********'],
    ['"password": "hunter2"', '"password": *********'],
    ['db_password: hunter2, x: 1', 'db_password: *******, x: 1'],
    ['pasword: "a \\" b" x', 'pasword: ******** x'],
    ['password: "hunter2', 'password: ********'],
    ['apiToken: """hunter2 x', 'apiToken: ************'],
    ['SECRET: "a" token: "b"', 'SECRET: *** token: ***'],
    ['password: env.DB_PASSWORD', 'password: env.DB_PASSWORD'],
    ['passwords: ["a"] tokens { b: "c" }', 'passwords: ["a"] tokens { b: "c" }'],
    ['name: "the password" region: "x"', 'name: "the password" region: "x"'],
    ['password: env.PASSWORD password: "hunter2"', 'password: env.PASSWORD password: *********'],
    ['token password: "hunter2"', 'token password: *********'],
    ['password: "x"hunter2"" }', 'password: ************ }'],
    ['plain: "text"', 'plain: "text"'],
  ])('%s', (line, shown) => {
    expect(maskSecrets(line)).toBe(shown);
  });

  test('costs no more than its length', () => {
    const line = `${'x'.repeat(500_000)} ${'password '.repeat(50_000)}`;
    expect(maskSecrets(line)).toHaveLength(line.length);
  });
});

test('a concealed finding shows no line, in any format', () => {
  const source = file('a: "hunter2"');
  const collector = new Collector();
  collector.report({
    code: 'DR2002',
    path: 'a',
    span: { file: source, start: 3, end: 12 },
    message: 'found a secret in plain text',
    fix: 'write env.NAME',
    concealed: true,
  });
  const text = renderText(collector.diagnostics, paintFor('plain'));
  expect(text).toContain('spec.hyp:1:4 error DR2002 found a secret in plain text');
  const all = [
    text,
    JSON.stringify(toJson(collector.diagnostics)),
    JSON.stringify(toSarif(collector.diagnostics, '1')),
  ];
  for (const one of all) expect(one).not.toContain('hunter2');
});
