import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';
import options from '../../scripts/build/bundle.json';

/** Programs that many tests start, each made into one file, once for a whole suite. */
const ENTRIES = {
  'runner.js': { entry: '../../bin/runner.ts', options: options as BuildOptions },
  sqlcmd: {
    entry: '../servers/sqlserver/sqlcmd.ts',
    options: {
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      banner: { js: `#!${process.execPath}` },
    },
  },
} as const satisfies Record<string, { readonly entry: string; readonly options: BuildOptions }>;

const FOLDER = 'HYPDR_TEST_BUNDLES';

/** Before the first test of a suite; where several are run at once, before the first of all. */
export async function makeBundles(): Promise<void> {
  if (process.env[FOLDER]) return;
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-bundles-'));
  process.env[FOLDER] = folder;
  for (const [name, one] of Object.entries(ENTRIES)) {
    const outfile = path.join(folder, name);
    await build({ entryPoints: [path.join(__dirname, one.entry)], outfile, ...one.options, logLevel: 'error' });
  }
}

/** After the last one. */
export function removeBundles(): void {
  const folder = process.env[FOLDER];
  if (folder) rmSync(folder, { recursive: true, force: true });
}

/** @returns a test's own copy, which may be started */
export function copyBundle(name: keyof typeof ENTRIES, folder: string): string {
  const file = path.join(folder, name);
  copyFileSync(path.join(process.env[FOLDER] ?? '', name), file);
  chmodSync(file, 0o755);
  return file;
}
