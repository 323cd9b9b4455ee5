import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import type { Host } from './host';
import { BadInvocation } from './load';

/** Where the programs of an installed package lie, seen from the user's project. */
const PROGRAMS = 'node_modules/hypnoscript-dr/dist/bin';

/** `hypdr init`: a commented spec, the other bindings, cdk.json and cdktf.json; nothing that exists is touched. */
export async function init(folder: string, host: Host): Promise<ExitCode> {
  const files = await filesOf(host.packageRoot);
  const root = resolve(host.cwd, folder);
  const taken = Object.keys(files).filter((name) => existsSync(join(root, name)));
  if (taken.length > 0) throw new BadInvocation(`${taken.join(', ')} exist already: nothing was written`);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  host.stdout(
    `${Object.keys(files)
      .map((name) => `wrote ${name}`)
      .join('\n')}\n\nnext:\n  npx hypdr check\n  npx hypdr synth --out out\n`,
  );
  return EXIT.fine;
}

async function filesOf(packageRoot: string): Promise<Readonly<Record<string, string>>> {
  const { CLI_SETTINGS, FEATURE_FLAGS } = await import('../aws/index.js');
  const shipped = (name: string) => readFileSync(join(packageRoot, 'specs', name), 'utf8');
  const context = { spec: 'specs' };
  return {
    'specs/backup.hyp': shipped('starter/backup.hyp'),
    'specs/deployment.hyp': shipped('hypnoscript/deployment.hyp'),
    'cdk.json': json({ app: `node ${PROGRAMS}/aws.js`, ...CLI_SETTINGS, context: { ...context, ...FEATURE_FLAGS } }),
    'cdktf.json': json({
      language: 'typescript',
      app: `node ${PROGRAMS}/terraform.js`,
      projectId: 'hypnoscript-dr',
      sendCrashReports: 'false',
      output: 'cdktf.out',
      terraformProviders: [],
      terraformModules: [],
      context,
    }),
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
