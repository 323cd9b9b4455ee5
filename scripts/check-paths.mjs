/** No committed file names a folder of the machine it was written on. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** `/home/me` and `/home/user` are nobody's: examples may name them. */
const MACHINE_PATH = /(?<![\w.$}\])-])\/(?:root|work|(?:home|Users)(?!\/(?:me|user)\b))\/[\w.-]+/;

const files = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0').filter(Boolean);
const faults = files.flatMap((file) => {
  const lines = readText(file).split('\n');
  return lines.flatMap((line, index) => (MACHINE_PATH.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : []));
});

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // Deleted in the work tree, not yet in the index.
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}

for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
