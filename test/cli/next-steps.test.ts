import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { nextSteps } from '../../lib/cli/next-steps';
import { folder, seedFolder } from './support';
import type { Folder } from './support';

/** What `hypdr synth` says to run: every command of a deployment, with what its stack asks for. */
jest.setTimeout(120_000);

interface Template {
  readonly variable?: Readonly<Record<string, { readonly default?: unknown }>>;
}

const STACKS = 'out/terraform/stacks';

async function stepsOf(one: Folder, spec: string) {
  const { exit, out } = await one.hypdr(['synth', spec, '--out', 'out']);
  expect(exit).toBe(0);
  const [, said = ''] = /^next:\n((?: .*\n|then, .*\n)*)/m.exec(out) ?? [];
  const [first = '', then = ''] = said.split(/^then, .*\n/m);
  // A line that goes on ends with a backslash, as a shell reads it.
  const commands = (text: string) => text.replaceAll('\\\n', '').split('\n').filter(Boolean);
  return { first: commands(first), then: commands(then) };
}

/** Words of a command, as a shell takes them. */
function words(command: string): readonly string[] {
  const { stdout } = spawnSync('sh', ['-c', `set -- ${command.split('&&').at(-1)}; for one; do echo "$one"; done`], {
    encoding: 'utf8',
  });
  return stdout.trim().split('\n');
}

const asked = (command: string) =>
  words(command).flatMap((word, index, all) =>
    all[index - 1] === '-var' || all[index - 1] === '--parameters' ? [word.replace(/=.*/, '')] : [],
  );
const stackOf = (command: string) => /-chdir=\S*\/(\S+) apply/.exec(command)?.[1] ?? '';

function variablesOf(one: Folder, stack: string) {
  const template = JSON.parse(readFileSync(one.file(`${STACKS}/${stack}/cdk.tf.json`), 'utf8')) as Template;
  return Object.entries(template.variable ?? {});
}

test('the seed: each stack once, in the order of the guide, with exactly the variables that have no value', async () => {
  const one = seedFolder();
  const { first, then } = await stepsOf(one, 'specs');
  expect(first[0]).toBe('  npx cdk deploy --all --app out/aws');
  const stacks = first.slice(1).map(stackOf);
  expect(stacks).toEqual([
    'hypnoscript-azure-backup-westeurope',
    'hypnoscript-azure-shared-tasks-westeurope',
    'hypnoscript-azure-tasks-westeurope-1of1',
    'hypnoscript-azure-copy-readers',
    'hypnoscript-google-backup',
    'hypnoscript-google-shared-tasks-europe-west1',
    'hypnoscript-google-tasks-europe-west1-1of1',
    'hypnoscript-site-cold-site',
    'hypnoscript-site-warm-site',
  ]);
  expect([...stacks].sort()).toEqual(readdirSync(one.file(STACKS)).sort());
  for (const command of first.slice(1)) {
    const without = variablesOf(one, stackOf(command)).filter(([, { default: value }]) => value === undefined);
    expect([stackOf(command), asked(command)]).toEqual([stackOf(command), without.map(([name]) => name)]);
  }
  expect(first.find((command) => command.includes('-google-tasks-'))).toContain("-var 'image=<image>'");
  expect(first.find((command) => command.includes('-azure-tasks-'))).toContain(
    `-var 'machines_sqlserver=[{ id = "<id>", principal_id = "<principal_id>" }]'`,
  );
  // The second round: who copies, and who is read.
  expect(then.map((command) => [command.split(' ').find((word) => /hypnoscript/.test(word)), asked(command)])).toEqual([
    [
      'hypnoscript-tasks-eu-west-1-1of1',
      ['hypnoscript-tasks-eu-west-1-1of1:AzureCopierTenantId', 'hypnoscript-tasks-eu-west-1-1of1:AzureCopierClientId'],
    ],
    ['hypnoscript-copy-readers', ['hypnoscript-copy-readers:GoogleCopiers']],
    [expect.stringContaining('azure-tasks'), expect.arrayContaining(['container_image', 'aws_copier_role_arn'])],
    [
      expect.stringContaining('azure-copy-readers'),
      ['aws_copier_issuer', 'aws_copier_subjects', 'google_copier_subjects'],
    ],
    [
      expect.stringContaining('google-tasks'),
      expect.arrayContaining(['image', 'aws_copier_role_arn', 'azure_copier_tenant_id', 'azure_copier_client_id']),
    ],
  ]);
});

test('who owns the primary is told where it says what to run for each site', async () => {
  const one = seedFolder();
  const { out } = await one.hypdr(['synth', 'specs', '--out', 'out']);
  const [, said = ''] = /^what the primary has to run.*\n((?: {2}\S+\n)+)/m.exec(out) ?? [];
  const pages = said.trim().split(/\s+/);
  expect(pages).toEqual(['out/sites/hot_site/primary.md', 'out/sites/warm_site/primary.md']);
  for (const page of pages) expect(readFileSync(one.file(page), 'utf8')).toMatch(/^# What the primary runs for /);
});

test('copies out of Google: the reader comes after the stores, and is told who reads', async () => {
  const text = `
    backup {
      general: {
        backup_window: { start: "22:00" end: "23:30" timezone: "UTC" }
        types: { full: { frequency: "daily" retention: 30 } }
      }
      database: { orders: { type: "pg_dump" storage: { gcs: { bucket: "acme-own" location: "EU" path: "orders/" } } } }
      cloud: { aws_s3: { bucket: "acme-all" region: "eu-west-1" } }
    }`;
  const { first, then } = await stepsOf(folder({ 'a.hyp': text }), 'a.hyp');
  expect(first.at(-1)).toMatch(/google-copy-readers apply$/);
  expect(then.map(asked)).toEqual([
    ['hypnoscript-tasks-eu-west-1-1of1:GoogleCopierProvider'],
    ['aws_copier_issuer', 'aws_copier_subjects'],
  ]);
  expect(then.at(-1)).toContain(`-var 'aws_copier_subjects=["<aws_copier_subjects>"]'`);
});

test('what has a value is not asked for, and a parameter without one is named with its stack', () => {
  const steps = nextSteps({
    out: 'out',
    aws: [
      {
        name: 'acme-tasks',
        inputs: [
          { name: 'Subnet', type: 'String' },
          { name: 'Days', type: 'Number', default: 1 },
        ],
      },
    ],
    terraform: [{ name: 'acme-store', inputs: [{ name: 'ranges', type: 'list(string)', default: [] }] }],
  });
  expect(steps).toEqual([
    'next:',
    '  npx cdk deploy --all --app out/aws \\',
    "    --parameters 'acme-tasks:Subnet=<Subnet>'",
    '  terraform -chdir=out/terraform/stacks/acme-store init && terraform -chdir=out/terraform/stacks/acme-store apply',
  ]);
});
