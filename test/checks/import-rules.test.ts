import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');

/** A tree of one-line files, and for each the rules that it breaks. A cycle is reported once, where it is entered. */
const FILES: Record<string, { readonly text: string; readonly breaks: readonly string[] }> = {
  'lib/diagnostics/a.ts': { text: "import '../units/a';", breaks: ['diagnostics-imports'] },
  'lib/units/a.ts': { text: "import 'zod';", breaks: ['units-packages'] },
  'lib/syntax/a.ts': { text: "import '../diagnostics/ok';", breaks: [] },
  'lib/diagnostics/ok.ts': { text: 'export const ok = 1;', breaks: [] },
  'lib/syntax/b.ts': { text: "import '../clouds/a';", breaks: ['syntax-imports'] },
  'lib/clouds/a.ts': {
    text: "import { readFileSync } from 'node:fs'; export const a = readFileSync;",
    breaks: ['pure'],
  },
  'lib/contract/a.ts': { text: "import 'zod';", breaks: [] },
  'lib/contract/b.ts': { text: "import '../plan/ok';", breaks: ['contract-imports'] },
  'lib/spec/a.ts': { text: 'export const a = 1; export type A = 1;', breaks: [] },
  'lib/spec/b.ts': { text: "import '../plan/ok';", breaks: ['spec-imports'] },
  'lib/plan/ok.ts': { text: "import type { A } from '../spec/a'; export type B = A;", breaks: [] },
  'lib/plan/a.ts': { text: "import { a } from '../spec/a'; export const b = a;", breaks: ['plan-types-only'] },
  'lib/plan/b.ts': { text: "import 'aws-cdk-lib/aws-s3';", breaks: ['plan-packages'] },
  'lib/plan/c.ts': { text: "import 'cdktf';", breaks: ['plan-packages'] },
  'lib/compile/a.ts': { text: "import '../aws/ok';", breaks: ['compile-imports'] },
  'lib/aws/ok.ts': { text: "import 'aws-cdk-lib/aws-s3'; import '../plan/ok';", breaks: [] },
  'lib/aws/a.ts': { text: "import '../azure/ok';", breaks: ['aws-imports'] },
  'lib/aws/b.ts': { text: "import 'cdktf';", breaks: ['aws-packages'] },
  'lib/aws/c.ts': { text: "import '../../stacks/aws/ok';", breaks: ['aws-imports'] },
  'lib/azure/ok.ts': { text: "import '@cdktf/provider-azurerm/lib/resource-group';", breaks: [] },
  'lib/azure/a.ts': { text: "import '@cdktf/provider-azurerm';", breaks: ['no-provider-barrel'] },
  'lib/azure/b.ts': { text: "import '@cdktf/provider-google/lib/storage-bucket';", breaks: ['azure-packages'] },
  'lib/azure/c.ts': { text: "import '../google/a';", breaks: ['azure-imports'] },
  'lib/google/a.ts': { text: "import 'cdktf';", breaks: ['google-packages'] },
  'lib/terraform/a.ts': { text: "import 'cdktf'; import '../contract/a';", breaks: [] },
  'lib/terraform/b.ts': { text: "import '../plan/ok';", breaks: ['terraform-imports'] },
  'lib/runner/a.ts': { text: "import '../plan/ok';", breaks: ['runner-imports'] },
  'lib/cli/a.ts': { text: "import '../runner/b';", breaks: ['cli-without-runner'] },
  'lib/runner/b.ts': { text: 'export const b = 1;', breaks: [] },
  'lib/cli/b.ts': { text: "import 'node:fs'; import '../aws/ok';", breaks: [] },
  'lib/attic/a.ts': { text: "import '../units/b';", breaks: [] },
  'lib/units/b.ts': { text: 'export const b = 1;', breaks: [] },
  'lib/index.ts': { text: "import './aws/ok';", breaks: ['root-without-clouds'] },
  'bin/a.ts': { text: "import '../lib/attic/a';", breaks: ['folder-in-the-table'] },
  'stacks/aws/ok.ts': { text: "import '../../lib/aws/ok'; import 'aws-cdk-lib';", breaks: [] },
  'stacks/aws/a.ts': { text: "import '../../lib/azure/ok';", breaks: ['aws-stack-imports'] },
  'stacks/azure/a.ts': { text: "import 'cdktf';", breaks: ['azure-stack-packages'] },
  'lib/units/c.ts': { text: "import { d } from './d'; export const c = d;", breaks: ['no-circular'] },
  'lib/units/d.ts': { text: "import { c } from './c'; export const d = c;", breaks: [] },
  'lib/units/g.ts': { text: "import type { H } from './h'; export type G = H | 1;", breaks: [] },
  'lib/units/h.ts': { text: "import type { G } from './g'; export type H = G | 2;", breaks: [] },
  'lib/plan/d.ts': { text: "import type { App } from '../aws/ok'; export type D = App;", breaks: ['plan-imports'] },
  'lib/units/e.ts': { text: "import './nowhere';", breaks: ['resolvable'] },
  'lib/units/f.ts': { text: "import '../../test/a';", breaks: ['product-without-tests', 'units-imports'] },
  'test/a.ts': { text: "import '../lib/cli/b';", breaks: [] },
};

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

function cruise(files: typeof FILES): Map<string, Set<string>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'import-rules-'));
  try {
    for (const [file, { text }] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), `${text}\n`);
    }
    for (const file of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs', 'node_modules']) {
      symlinkSync(path.join(ROOT, file), path.join(folder, file));
    }
    const program = path.join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const args = [program, '--config', '.dependency-cruiser.cjs', '-T', 'json', 'lib', 'bin', 'stacks', 'test'];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 });
    if (!stdout) throw new Error(stderr);
    const { summary } = JSON.parse(stdout) as { summary: { violations: readonly Violation[] } };
    const broken = new Map<string, Set<string>>();
    for (const { from, rule } of summary.violations) broken.set(from, (broken.get(from) ?? new Set()).add(rule.name));
    return broken;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('import rules', () => {
  const broken = cruise(FILES);

  test.each(Object.entries(FILES).map(([file, { text, breaks }]) => ({ file, text, breaks })))(
    '$file: $text breaks $breaks',
    ({ file, breaks }) => {
      expect([...(broken.get(file) ?? [])].sort()).toEqual(breaks);
    },
  );
});
