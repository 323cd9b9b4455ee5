import path from 'node:path';
import { checksIn, instrument } from './checks.cjs';
import { runChecks } from './run-checks';

/** The tool itself: what it takes for a check, and that a test which is missing is seen. */

describe('checks of a source', () => {
  test.each<[string, string, string[]]>([
    [
      'a condition, each operand of it, and what it guards',
      'function f() { if (a && (b || c)) { report(1); return; } }',
      [
        'a && (b || c) -> false',
        'a && (b || c) -> true',
        'a of a && (b || c) dropped',
        '(b || c) of a && (b || c) dropped',
        'b of b || c dropped',
        'c of b || c dropped',
        'report(1); left out',
        'return; left out',
      ],
    ],
    ['one of two ways', 'const f = () => { const x = a ? 1 : 2; };', ['a -> false', 'a -> true']],
    [
      'a value that is not always there',
      'function f() { g({ ...(a && { a }) }); }',
      ['g({ ...(a && { a }) }); left out', 'a && { a } -> false'],
    ],
    [
      'predicates',
      'function f() { return x.filter((a) => a > 1).some((a) => a < 9); }',
      ['(a) => a > 1 fits everything', '(a) => a < 9 fits nothing'],
    ],
    [
      'what is done without a condition, and in a catch',
      'function f() { try { check(1); } catch (e) { found.push(e); } signal.throwIfAborted(); }',
      ['check(1); left out', 'found.push(e); left out', 'signal.throwIfAborted(); left out'],
    ],
    [
      'the same text twice has two names',
      'function f() { if (a) throw b; if (a) throw c; }',
      ['a -> false', 'a -> true', 'a -> false #2', 'a -> true #2'],
    ],
    ['what decides nothing is none', 'export function f(a: number): number { return a ?? 1 + 2; }', []],
  ])('%s', (_, source, names) => {
    expect(instrument('s.ts', source).checks).toEqual(names.map((one) => `s.ts f: ${one}`));
  });
});

describe('a check that is disabled', () => {
  const root = path.join(__dirname, 'fixture');
  const checks = checksIn(root, 'guard.ts');
  const verdicts = async (tests: string) => {
    const testMatch = [`<rootDir>/test/suites/mutation/fixture/${tests}.case.ts`];
    const found = await runChecks({ root, files: ['guard.ts'], testMatch }, checks);
    return Object.fromEntries(checks.map((one) => [one.replace('guard.ts refusal: ', ''), found.get(one)?.kind]));
  };

  test('turns a test red where there is one for it', async () => {
    expect(await verdicts('whole')).toEqual({
      'bytes < 0 -> false': 'red',
      'bytes < 0 -> true': 'red',
      'bytes > limit -> false': 'red',
      'bytes > limit -> true': 'red',
    });
  }, 300_000);

  test('is unnoticed where that test was deleted', async () => {
    expect(await verdicts('half')).toMatchObject({
      'bytes < 0 -> false': 'red',
      'bytes > limit -> false': 'unnoticed',
    });
  }, 300_000);

  test('is unreached where no test comes across it', async () => {
    expect(new Set(Object.values(await verdicts('nothing')))).toEqual(new Set(['unreached']));
  }, 300_000);
});
