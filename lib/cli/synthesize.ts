import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { siteStackNames } from '../aws/site/names';
import type { Compiled } from '../compile';
import type { ProtectionPlan } from '../plan';
import { resourcesOfCloudFormation, resourcesOfTerraform, traceOf } from '../review';
import type { TemplateResource, Trace } from '../review';
import type { Uploads } from '../../stacks/aws';
import { hostFiles } from './host-files';
import { inputsOfCloudFormation, inputsOfTerraform } from './next-steps';
import type { DeployedStack } from './next-steps';
import { siteFiles, siteFolder } from './site-files';
import { uploadsOf } from './uploads';

/** A template that breaks a rule of ours or of a provider: a bug of this program or of a spec that no check refused. */
export interface TemplateFault {
  readonly stack: string;
  readonly resource: string;
  readonly rule: string;
  readonly message: string;
}

export interface Synthesis {
  /** In the order of a deployment. */
  readonly stacks: { readonly aws: readonly string[]; readonly terraform: readonly string[] };
  /** What each stack asks whoever deploys it. */
  readonly deployed: { readonly aws: readonly DeployedStack[]; readonly terraform: readonly DeployedStack[] };
  readonly trace: Trace;
  readonly faults: readonly TemplateFault[];
}

/** Writes everything that a plan becomes into an empty folder: `aws`, `terraform`, `tasks`, `sites`, `hosts`, `plan.json`, `trace.json`. */
export async function synthesize(
  compiled: Compiled,
  plan: ProtectionPlan,
  { folder, packageRoot }: SynthesizeOptions,
): Promise<Synthesis> {
  mkdirSync(folder, { recursive: true });
  const uploads = uploadsOf(packageRoot);
  const aws = await synthesizeAws(plan, join(folder, 'aws'), uploads);
  const terraform = await synthesizeTerraform(plan, join(folder, 'terraform'), uploads);
  writeTasks(plan, join(folder, 'tasks'));
  writeSites(plan, join(folder, 'sites'));
  writeHosts(plan, join(folder, 'hosts'), uploads);
  if (plan.copies.length > 0) writeJson(join(folder, 'copies.json'), { copies: plan.copies });
  const trace = joinTrace(compiled, plan, [...aws.resources, ...terraform.resources]);
  writeJson(join(folder, 'plan.json'), plan);
  writeJson(join(folder, 'trace.json'), { leaves: trace.leaves });
  const stacks = { aws: awsStackNames(plan), terraform: terraformStackNames(plan) };
  const faults = [...aws.faults, ...terraform.faults];
  return {
    stacks,
    deployed: faults.length > 0 ? { aws: [], terraform: [] } : deployedOf(folder, stacks),
    trace,
    faults,
  };
}

function terraformStackNames(plan: ProtectionPlan): readonly string[] {
  return [
    ...[...plan.azure, ...plan.azureTasks.shared, ...plan.azureTasks.shards, ...plan.azureReaders],
    ...[...plan.google, ...plan.googleTasks.shared, ...plan.googleTasks.shards, ...plan.googleReaders],
    ...plan.sites.filter(({ cloud }) => cloud !== 'aws').map(({ stack }) => ({ name: stack })),
  ].map((stack) => stack.name);
}

/** What the written templates ask for. */
function deployedOf(folder: string, { aws, terraform }: Synthesis['stacks']): Synthesis['deployed'] {
  const template = (...parts: readonly string[]) => readJson(join(folder, ...parts));
  return {
    aws: aws.map((name) => ({ name, inputs: inputsOfCloudFormation(template('aws', `${name}.template.json`)) })),
    terraform: terraform.map((name) => ({
      name,
      inputs: inputsOfTerraform(template('terraform', 'stacks', name, 'cdk.tf.json')),
    })),
  };
}

export interface SynthesizeOptions {
  /** Empty folder, or one that does not exist yet. */
  readonly folder: string;
  /** Folder of this package, whose build holds what is uploaded at a deployment. */
  readonly packageRoot: string;
}

interface CloudOutput {
  readonly resources: readonly TemplateResource[];
  readonly faults: readonly TemplateFault[];
}

async function synthesizeAws(plan: ProtectionPlan, outdir: string, uploads: Uploads): Promise<CloudOutput> {
  if (awsStackNames(plan).length === 0) return { resources: [], faults: [] };
  const [{ createApp, isFatal, synthAws }, { addAwsSites, addAwsStacks, addAwsTaskStacks }] = await Promise.all([
    import('../aws/index.js'),
    import('../../stacks/aws/index.js'),
  ]);
  const app = createApp({ outdir, rolesBoundary: plan.rolesBoundary });
  addAwsTaskStacks(app, { plan, uploads, stores: addAwsStacks(app, plan.aws) });
  addAwsSites(app, { plan, uploads });
  const synthesis = synthAws(app);
  const faults = synthesis.findings.filter(isFatal).map(({ construct, location, rule, message }) => ({
    stack: construct.split('/')[0] ?? '',
    resource: location || construct,
    rule,
    message,
  }));
  const resources = awsStackNames(plan).flatMap((name) => {
    const file = join(outdir, `${name}.template.json`);
    return synthesis.ok ? resourcesOfCloudFormation(name, readJson(file)) : [];
  });
  return { resources, faults };
}

function awsStackNames({ aws, awsTasks, awsReaders, sites }: ProtectionPlan): readonly string[] {
  return [
    ...[...aws, ...awsTasks.shared, ...awsTasks.shards, ...awsReaders].map((stack) => stack.name),
    ...sites.filter(({ cloud }) => cloud === 'aws').flatMap(siteStackNames),
  ];
}

async function synthesizeTerraform(plan: ProtectionPlan, outdir: string, uploads: Uploads): Promise<CloudOutput> {
  if (terraformStackNames(plan).length === 0) return { resources: [], faults: [] };
  const { createTerraformApp, synthTerraform } = await import('../terraform/index.js');
  const app = createTerraformApp({ outdir });
  if (plan.azure.length > 0) {
    const { addAzureStacks, addAzureTaskStacks } = await import('../../stacks/azure/index.js');
    addAzureStacks(app, plan.azure);
    addAzureTaskStacks(app, { plan, runner: uploads.runner });
  }
  if (plan.sites.some(({ cloud }) => cloud === 'azure')) {
    const { addAzureSites } = await import('../../stacks/azure/index.js');
    addAzureSites(app, { plan, runner: uploads.runner });
  }
  if (plan.google.length > 0) {
    const { addGoogleStacks, addGoogleTaskStacks } = await import('../../stacks/google/index.js');
    addGoogleStacks(app, plan.google);
    addGoogleTaskStacks(app, plan);
  }
  if (plan.sites.some(({ cloud }) => cloud === 'google')) {
    const { addGoogleSites } = await import('../../stacks/google/index.js');
    addGoogleSites(app, { plan, runner: uploads.runner });
  }
  const faults = synthTerraform(app).map(({ stack, address, rule, message }) => ({
    stack,
    resource: address,
    rule,
    message,
  }));
  const stacks = join(outdir, 'stacks');
  const resources = readdirSync(stacks)
    .sort()
    .flatMap((name) => resourcesOfTerraform(name, readJson(join(stacks, name, 'cdk.tf.json'))));
  return { resources, faults };
}

function writeTasks(plan: ProtectionPlan, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const task of plan.tasks) writeJson(join(folder, `${task.name}.json`), task);
}

/** What the owner of the primary is handed for each site that follows it. */
function writeSites(plan: ProtectionPlan, folder: string): void {
  for (const site of plan.sites) {
    for (const [name, text] of Object.entries(siteFiles(site))) {
      const own = join(folder, siteFolder(site));
      mkdirSync(own, { recursive: true });
      writeFileSync(join(own, name), text);
    }
  }
}

/** What is brought to hosts that no service of a cloud reaches. */
function writeHosts(plan: ProtectionPlan, folder: string, { runner }: Uploads): void {
  const files = Object.entries(hostFiles(plan, runner.sha256));
  if (files.length === 0) return;
  mkdirSync(folder, { recursive: true });
  copyFileSync(runner.file, join(folder, 'runner.js'));
  for (const [name, text] of files) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'install.sh'), text);
  }
}

function joinTrace(compiled: Compiled, plan: ProtectionPlan, resources: readonly TemplateResource[]): Trace {
  return traceOf({
    plan,
    resources,
    diagnostics: compiled.diagnostics,
    disabled: disabledPaths(compiled),
    leaves: compiled.leaves.map(({ path, value }) => ({
      path,
      span: value.span,
      value: value.kind === 'env' ? `env.${value.name}` : value.kind === 'invalid' ? '' : value.value,
    })),
  });
}

/** Blocks that say `enabled: false`. */
function disabledPaths({ leaves }: Compiled): readonly string[] {
  return leaves.flatMap(({ path, value }) =>
    path.endsWith('.enabled') && value.kind === 'boolean' && !value.value
      ? // The switch of backup.general is that of all backups.
        [path === 'backup.general.enabled' ? 'backup' : path.slice(0, -'.enabled'.length)]
      : [],
  );
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
