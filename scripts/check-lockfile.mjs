/** The lockfile names no registry and holds exact pins only, so that `npm ci` works against any mirror. */
import { readFileSync } from 'node:fs';

const faults = [];
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
for (const [folder, entry] of Object.entries(lock.packages)) {
  if (folder === '') continue;
  if ('resolved' in entry) faults.push(`package-lock.json: ${folder} names where it was fetched from`);
  if (!entry.link && !entry.integrity && !entry.inBundle) faults.push(`package-lock.json: ${folder} has no integrity`);
}
const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies })) {
  if (!/^\d+\.\d+\.\d+$/.test(range)) faults.push(`package.json: ${name} is not pinned exactly (${range})`);
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
