/**
 * Whole-process time and peak memory of this program on the seed's spec, beside an ordinary CDK app with five buckets
 * and a CDKTF app with one resource. All are bundled the same way, import deeply and run with the CDK's validation on;
 * they take turns in each round, so that a busy machine slows all of them.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { bareEnvironment, ROOT } from '../lib/synth.mjs';
import { measure, median } from './measure.mjs';

const SPEC = 'specs/hypnoscript';
const AIMS = { synthRatio: 1.5, checkSeconds: 0.5 };

const yardsticks = path.join(ROOT, 'node_modules/.cache/hypdr-bench');
const hypdr = (...args) => ({ args: ['dist/bin/hypdr.js', ...args] });

/** @returns whether the aims were met */
export async function benchCommands({ rounds }) {
  const scratch = mkdtempSync(path.join(tmpdir(), 'bench-'));
  try {
    await buildYardsticks();
    return print(await runRounds(rounds, scratch), rounds);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const programs = (scratch) => ({
  'five-bucket CDK app': { args: [path.join(yardsticks, 'five-buckets.js')], out: 'CDK_OUTDIR' },
  'one-resource CDKTF app': { args: [path.join(yardsticks, 'one-resource.js')], out: 'CDKTF_OUTDIR' },
  'hypdr check': hypdr('check', SPEC),
  'hypdr plan': hypdr('plan', SPEC),
  'AWS app (cdk.json)': { args: ['dist/bin/aws.js'], out: 'CDK_OUTDIR' },
  'Terraform app (cdktf.json)': { args: ['dist/bin/terraform.js'], out: 'CDKTF_OUTDIR' },
  'hypdr synth, all clouds': hypdr('synth', SPEC, '--out', path.join(scratch, 'synth')),
});

async function buildYardsticks() {
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['scripts/bench/five-buckets.mjs', 'scripts/bench/one-resource.mjs'],
    outdir: yardsticks,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    packages: 'external',
  });
}

async function runRounds(rounds, scratch) {
  const all = programs(scratch);
  const runs = Object.fromEntries(Object.keys(all).map((name) => [name, []]));
  // The first round warms the file cache and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, { args, out }] of Object.entries(all)) {
      const env = bareEnvironment();
      if (out) env[out] = path.join(scratch, name);
      mkdirSync(path.join(scratch, name), { recursive: true });
      const run = await measure({ args, cwd: ROOT, env });
      if (round > 0) runs[name].push(run);
    }
  }
  return runs;
}

function print(runs, rounds) {
  const results = Object.entries(runs).map(([name, list]) => ({
    name,
    seconds: median(list.map(({ seconds }) => seconds)),
    mebibytes: median(list.map(({ mebibytes }) => mebibytes)),
  }));
  const of = (name) => results.find((result) => result.name === name);
  const base = of('five-bucket CDK app').seconds + of('one-resource CDKTF app').seconds;
  console.log(`medians of ${rounds} rounds; "ratio" is to the two yardsticks together (${base.toFixed(2)} s)\n`);
  console.log(`${'program'.padEnd(28)} seconds  ratio  peak MiB`);
  for (const { name, seconds, mebibytes } of results) {
    const ratio = (seconds / base).toFixed(2);
    console.log(
      `${name.padEnd(28)} ${seconds.toFixed(3).padStart(7)} ${ratio.padStart(6)} ${mebibytes.toFixed(0).padStart(9)}`,
    );
  }
  const synthRatio = of('hypdr synth, all clouds').seconds / base;
  const checkSeconds = of('hypdr check').seconds;
  console.log(`\nall clouds: ${synthRatio.toFixed(2)} times the yardsticks (aim: under ${AIMS.synthRatio})`);
  console.log(`hypdr check: ${checkSeconds.toFixed(2)} s (aim: under ${AIMS.checkSeconds} s)`);
  return synthRatio < AIMS.synthRatio && checkSeconds < AIMS.checkSeconds;
}
