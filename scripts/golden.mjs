/**
 * Compares the templates of every example spec with the committed ones in `test/golden`, so that a change of a template
 * is read in the diff. `--update` writes them anew.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { exampleSpecs, ROOT, synthExample } from './lib/synth.mjs';
import { differences, templatesUnder } from './lib/tree.mjs';

const HASH = '<hash>';
/** Its nine sites are the seed's three in other clouds, of which each is in a golden template; `test/suites/programs` counts what they are made of. */
const WITHOUT = ['worldwide'];
const update = process.argv.includes('--update');
const scratch = mkdtempSync(path.join(tmpdir(), 'golden-'));
let changed = 0;

try {
  for (const name of exampleSpecs().filter((one) => !WITHOUT.includes(one))) {
    const golden = path.join(ROOT, 'test/golden', name);
    const out = path.join(scratch, name);
    synthExample(name, out);
    maskHashes(out);
    if (update) replace(golden, out);
    else changed += report(name, golden, out);
  }
} finally {
  rmSync(scratch, { recursive: true });
}
if (changed > 0) console.error('read the changes above; if they are meant: npm run golden:update');
process.exitCode = changed === 0 ? 0 : 1;

/** Hashes of what is uploaded change with every line of the runner: a template is read without them, and their order. */
function maskHashes(out) {
  for (const file of templatesUnder(out)) {
    const target = path.join(out, file);
    const masked = readFileSync(target, 'utf8').replace(/\b[0-9a-f]{64}\b/g, HASH);
    const sorted = JSON.stringify(JSON.parse(masked, sortMasked), undefined, 1);
    writeFileSync(target, JSON.stringify(JSON.parse(masked), undefined, 1) === sorted ? masked : sorted);
  }
}

/**
 * Lists of whole values, and the statements of a policy, are sorted by the library, by hashes where there are some; parts
 * of one text have their order.
 */
function sortMasked(key, value) {
  const isWhole = (one) => (typeof one === 'object' ? 'Fn::Join' in one : String(one).startsWith('arn:'));
  const isList = Array.isArray(value) && (key === 'Statement' || value.every(isWhole));
  if (!isList || !JSON.stringify(value).includes(HASH)) return value;
  return value
    .map((one) => JSON.stringify(one))
    .sort()
    .map((one) => JSON.parse(one));
}

function replace(golden, out) {
  rmSync(golden, { recursive: true, force: true });
  for (const file of templatesUnder(out)) {
    const target = path.join(golden, file);
    mkdirSync(path.dirname(target), { recursive: true });
    cpSync(path.join(out, file), target);
  }
}

function report(name, golden, out) {
  if (!existsSync(golden)) {
    console.error(`specs/${name} has no golden templates yet`);
    return 1;
  }
  const found = differences(golden, out, templatesUnder);
  for (const difference of found) {
    console.error(`specs/${name}: ${difference}`);
    const [kind, file] = difference.split(': ');
    if (kind === 'changed') console.error(textDiff(path.join(golden, file), path.join(out, file)));
  }
  return found.length;
}

function textDiff(before, after) {
  const { stdout } = spawnSync('git', ['diff', '--no-index', '--no-color', '-U2', before, after], { encoding: 'utf8' });
  return stdout.split('\n').slice(4, 84).join('\n');
}
