/**
 * Sums the results in a folder (jest's `--json` files and the policy scan's totals) into one closing line.
 * Usage: node scripts/sum-results.mjs FOLDER FAILED_PARTS; ends with 1 when anything failed or nothing ran.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const [folder, failedParts] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const file of readdirSync(folder)) {
  const result = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
  passed += result.passed ?? result.numPassedTests;
  failed += result.failed ?? result.numFailedTests + result.numRuntimeErrorTestSuites;
}
// A part without a count (types, lint) that failed shows in the count too.
if (failed === 0) failed = Number(failedParts);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
