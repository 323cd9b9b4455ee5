import path from 'node:path';
import { checksIn, filesMatching } from './checks.cjs';
import { inTurn } from '../turn';
import { runChecks } from './run-checks';
import type { Verdict } from './run-checks';
import { UNNOTICED } from './unnoticed';

/**
 * Whatever check of the verifier is disabled, a fast test turns red: of what verifies, reads back, publishes, follows
 * chains and decides what may go, each check is switched off alone, and the tests that come across it are run.
 */

const root = path.join(__dirname, '../../../lib/runner');
const files = filesMatching(root, [
  /^verify[^/]*\.ts$/,
  /^verify\//,
  /^(versions|history|run-data|placement|publish|manifest|lock-claim|chain)\.ts$/,
  /^prune-(plan|place|orphans)\.ts$/,
  /^stream\/read-(segments|back)\.ts$/,
]);
/** Without the restores of tests, which come across everything and take long. */
const TESTS = ['<rootDir>/test/runner/*.test.ts', '<rootDir>/test/runner/!(restore)/**/*.test.ts'];
const checks = files.flatMap((file) => checksIn(root, file));
const turn = inTurn(checks);
const reasons = new Map(UNNOTICED);

let verdicts: ReadonlyMap<string, Verdict>;
beforeAll(async () => {
  verdicts = await runChecks({ root, files, testMatch: TESTS }, turn);
}, 3_600_000);

test('checks are found in every file', () => {
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((file) => !checks.some((one) => one.startsWith(`${file} `)))).toEqual([]);
  expect(new Set(checks).size).toBe(checks.length);
});

test.each(turn.filter((one) => !reasons.has(one)))('is noticed: %s', (check) => {
  expect(verdicts.get(check)).toEqual({ kind: 'red', by: expect.stringMatching(/./) });
});

test.each(UNNOTICED.filter(([one]) => turn.includes(one)))('changes nothing: %s', (check) => {
  expect(verdicts.get(check)?.kind).toMatch(/^un/);
});
