/**
 * The documents that are made from the code: pages of the spec and of the diagnostics, and JSON Schemas. Written by
 * `npm run docs`; `--check` compares them and names those that are stale.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');

/** From the sources of this moment, so that no build has to come before. */
const SOURCES = `
  export { renderDiagnosticsReference } from './lib/diagnostics/reference';
  export { renderReference } from './lib/spec/reference';
  export { renderSpecSchema } from './lib/spec/json-schema';
  export { renderManifestSchema, renderPlanSchema, renderTaskSchema } from './lib/contract/json-schema';
`;

async function renderers() {
  const cache = path.join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'hypdr-docs-'));
  try {
    const outfile = path.join(folder, 'renderers.cjs');
    await build({
      absWorkingDir: root,
      stdin: { contents: SOURCES, resolveDir: root, loader: 'ts' },
      bundle: true,
      packages: 'external',
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      outfile,
      logLevel: 'warning',
    });
    return createRequire(import.meta.url)(outfile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;

function contentOf(file) {
  try {
    return readFileSync(path.join(root, file), 'utf8');
  } catch {
    return undefined;
  }
}

const render = await renderers();
const documents = {
  'docs/spec.md': render.renderReference(),
  'docs/diagnostics.md': render.renderDiagnosticsReference(),
  'schema/spec.schema.json': json(render.renderSpecSchema()),
  'schema/plan.schema.json': json(render.renderPlanSchema()),
  'schema/task.schema.json': json(render.renderTaskSchema()),
  'schema/backup-manifest.schema.json': json(render.renderManifestSchema()),
};
const stale = Object.keys(documents).filter((file) => contentOf(file) !== documents[file]);

if (process.argv.includes('--check')) {
  for (const file of stale) console.log(`stale: ${file}; run npm run docs`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const file of stale) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), documents[file]);
    console.log(`written: ${file}`);
  }
}
