/**
 * Builds `dist`: the library with its types (tsc), and one bundle for each program (esbuild). `npm ci` runs it as
 * `prepare`, so that every command works right after an installation.
 *
 * `--bundles` builds the programs only, without the types: a second instead of ten while the library is being changed.
 */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';
import { licensesOf } from './build/licenses.mjs';

const root = path.resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);

/** The cloud libraries are peers: the user's own copy must be the one that runs, so they are never bundled. */
const PEERS = ['aws-cdk-lib', 'constructs', 'cdktf', '@cdktf/*'];

/** What decides whether a bundle runs: those of the tests are made alike. ES modules of Azure's ask where they are. */
const OPTIONS = JSON.parse(readFileSync(path.join(import.meta.dirname, 'build/bundle.json'), 'utf8'));

const programs = existsSync(path.join(root, 'bin'))
  ? readdirSync(path.join(root, 'bin'))
      .filter((file) => file.endsWith('.ts'))
      .sort()
  : [];

async function bundle(outDir) {
  if (programs.length === 0) return;
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: programs.map((file) => `bin/${file}`),
    outdir: path.relative(root, path.join(outDir, 'bin')),
    // Commands stay lazy: esbuild turns an `import()` of our own module into a deferred initialization in the bundle.
    ...OPTIONS,
    external: PEERS,
    legalComments: 'none',
    // A program's text lies in memory while it runs, with one character beyond ASCII in twice its size.
    charset: 'ascii',
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 160,
    metafile: true,
    logLevel: 'warning',
  });
  writeFileSync(path.join(outDir, 'bin', 'LICENSES.txt'), licensesOf(root, Object.keys(metafile.inputs)));
  for (const file of programs) {
    const target = path.join(outDir, 'bin', file.replace(/\.ts$/, '.js'));
    const text = readFileSync(target, 'utf8');
    if (!text.startsWith('#!')) writeFileSync(target, `#!/usr/bin/env node\n${text}`);
    chmodSync(target, 0o755);
  }
}

/** What is uploaded at a deployment: the context of the image, and the code of the prober. Nothing else lies beside it. */
function assemble(outDir) {
  for (const [folder, files] of Object.entries(UPLOADS)) {
    mkdirSync(path.join(outDir, folder), { recursive: true });
    for (const [name, source] of Object.entries(files)) {
      const from = source.startsWith('bin/') ? path.join(outDir, source) : path.join(root, source);
      if (existsSync(from)) copyFileSync(from, path.join(outDir, folder, name));
    }
  }
}

const UPLOADS = {
  image: { Dockerfile: 'image/Dockerfile', 'runner.js': 'bin/runner.js' },
  prober: { 'prober.js': 'bin/prober.js' },
};

function compile(outDir) {
  const tsc = require.resolve('typescript/bin/tsc');
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir];
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', process.stderr, process.stderr] });
    child.on('error', failed);
    child.on('close', (code) => (code === 0 ? done() : failed(new Error(`tsc ended with ${code}`))));
  });
}

/** Written beside and swapped at the end: a build that fails leaves the last one in place. */
async function main(bundlesOnly) {
  const dist = path.join(root, 'dist');
  const next = path.join(root, 'node_modules/.cache', `hypdr-build-${process.pid}`);
  mkdirSync(next, { recursive: true });
  try {
    if (bundlesOnly && existsSync(dist)) cpSync(dist, next, { recursive: true });
    await Promise.all([bundle(next), bundlesOnly ? undefined : compile(next)]);
    assemble(next);
    rmSync(dist, { recursive: true, force: true });
    renameSync(next, dist);
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
}

await main(process.argv.includes('--bundles'));
