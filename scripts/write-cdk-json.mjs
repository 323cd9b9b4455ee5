/** Writes cdk.json from the constants that the program itself uses; a test compares them. */
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './lib/synth.mjs';

const outfile = path.join(ROOT, 'node_modules/.cache/cdk-settings.cjs');
const contents = "export * from './lib/aws/flags'; export { CLI_SETTINGS } from './lib/aws/app';";
const stdin = { contents, resolveDir: ROOT };
await build({ stdin, outfile, bundle: true, platform: 'node', format: 'cjs', packages: 'external' });
const { FEATURE_FLAGS, CLI_SETTINGS } = createRequire(import.meta.url)(outfile);
rmSync(outfile);

const settings = {
  app: 'node dist/bin/aws.js',
  ...CLI_SETTINGS,
  context: { spec: 'specs/hypnoscript', ...FEATURE_FLAGS },
};
writeFileSync(path.join(ROOT, 'cdk.json'), `${JSON.stringify(settings, null, 2)}\n`);
