/**
 * Writes the corpus of the version in package.json into test/corpus/released: what its runner stores, for newer versions
 * to read and restore. Needs the servers of `npm run servers:install`, and root. A folder that is there is left alone.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const source = path.join(root, 'test/corpus/write');

/** The writer is TypeScript as the tests are; its files find others from where they lie. */
async function writer() {
  const cache = path.join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'hypdr-corpus-'));
  try {
    const outfile = path.join(folder, 'writer.cjs');
    await build({
      absWorkingDir: root,
      entryPoints: [path.join(source, 'main.ts')],
      bundle: true,
      packages: 'external',
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      define: { __dirname: JSON.stringify(source) },
      outfile,
      logLevel: 'warning',
    });
    return createRequire(import.meta.url)(outfile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const folder = path.join(root, 'test/corpus/released', version);
if (existsSync(folder)) {
  console.log(`${path.relative(root, folder)} is there: what a version stored is never written again`);
} else {
  const { writeCorpus } = await writer();
  await writeCorpus({ folder, version });
  console.log(`written: ${path.relative(root, folder)}`);
}
