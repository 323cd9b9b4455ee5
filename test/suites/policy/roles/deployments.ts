import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Token } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';
import { createApp } from '../../../../lib/aws/app';
import { uploadsOf } from '../../../../lib/cli/uploads';
import { compile } from '../../../../lib/compile';
import type { ProtectionPlan } from '../../../../lib/plan';
import { addAwsSites, addAwsStacks, addAwsTaskStacks } from '../../../../stacks/aws';
import { PLANS } from '../../../aws/fixture';
import { many } from '../../../plan/many';
import { compileSites, site } from '../../../plan/site/support';
import { AWS_STORE, AZURE_STORE, GOOGLE_STORE, planOf, planned, s3, spec } from '../../../plan/support';
import { ACCOUNT } from '../template-values';

const ROOT = path.join(__dirname, '../../../..');

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** A stack as CloudFormation gets it. */
export interface Deployed {
  readonly stack: string;
  readonly region: string;
  readonly account: string;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly outputs: Readonly<Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: unknown } }>>;
}

/** All stacks of one spec, or of one plan by hand. */
export interface Deployment {
  readonly name: string;
  readonly stacks: readonly Deployed[];
  /** @default - plans of stores alone, by hand */
  readonly plan?: ProtectionPlan;
}

function stacksOf(name: string, stacks: readonly Stack[], plan?: ProtectionPlan): Deployment {
  return {
    name,
    ...(plan && { plan }),
    stacks: stacks.map((stack) => {
      const { Resources = {}, Outputs = {} } = Template.fromStack(stack).toJSON() as Record<string, object>;
      return {
        stack: stack.stackName,
        region: stack.region,
        account: Token.isUnresolved(stack.account) ? ACCOUNT : stack.account,
        resources: Resources as Deployed['resources'],
        outputs: Outputs as Deployed['outputs'],
      };
    }),
  };
}

function deploymentOf(name: string, plan: ProtectionPlan): Deployment {
  const app = createApp();
  const uploads = uploadsOf(ROOT);
  const stores = addAwsStacks(app, plan.aws);
  const tasks = addAwsTaskStacks(app, { plan, uploads, stores });
  return stacksOf(name, [...stores, ...tasks, ...addAwsSites(app, { plan, uploads })], plan);
}

function specOf(name: string): Deployment {
  const folder = path.join(ROOT, 'specs', name);
  const files = readdirSync(folder).map((file) => ({
    name: file,
    text: readFileSync(path.join(folder, file), 'utf8'),
  }));
  const { plan } = compile(files, { environment: {}, unset: 'warning', today: '2026-11-24' });
  if (!plan) throw new Error(`specs/${name} has no plan`);
  return deploymentOf(`specs/${name}`, plan);
}

const TEST_RESTORE = 'validation: { frequency: "weekly" test_restore: true }';

/** Tasks of every kind that have roles of their own: in a container and on a host, with a folder, archived, restored. */
function ownRoles(): Deployment {
  const cold = (name: string) =>
    `glacier: { bucket: "acme-cold" region: "eu-west-1" path: "${name}/" transition_days: 1 retrieval_tier: "bulk" }`;
  return deploymentOf(
    'own roles',
    planOf(
      spec({
        database: `orders: { type: "pg_dump" ${TEST_RESTORE} storage: { local: { path: "/srv/orders" } ${cold('orders')} } }
          users: { type: "pg_dump" ${TEST_RESTORE} storage: { ${s3('acme-own', 'users/')} } }
          ledger: { type: "pg_dump" ${TEST_RESTORE} storage: { ${cold('ledger')} } }`,
        deployment: 'tasks: { users: { host: "hosts:role=users" } ledger: { host: "hosts:role=ledger" } }',
      }),
    ),
  );
}

/** Jobs of copies, of each cloud from each other. */
function copies(): Deployment {
  const azure = 'storage_account: "acmeshop" container: "shop" location: "westeurope" path: "shop/"';
  return deploymentOf(
    'copies',
    planOf(
      spec({
        database: `orders: { type: "pg_dump" storage: { ${s3('acme-own', 'orders/')} } }
          shop: { type: "pg_dump" storage: { azure: { ${azure} } } }`,
        cloud: `${AWS_STORE} ${AZURE_STORE} ${GOOGLE_STORE}`,
        deployment: 'azure: { tenant: "22222222-0000-4000-8000-000000000000" }',
      }),
    ),
  );
}

/**
 * Tasks that are so many that they share roles, a job of copies among them. Shards are made one like the other: the first
 * two stand for all of them, and the one with the job.
 */
function sharedRoles(): Deployment {
  const azure = 'storage_account: "acmeshop" container: "shop" location: "westeurope" path: "shop/"';
  const away = `shop: { type: "pg_dump" storage: { azure: { ${azure} } } }`;
  const plan = planOf(many(320, 5, 10, TEST_RESTORE).replace('database: {', `database: { ${away}`));
  const { shards } = plan.awsTasks;
  const left = shards.filter(({ tasks }, index) => index > 1 && tasks.every(({ reads }) => reads.length === 0));
  const { stacks, ...rest } = deploymentOf('shared roles', plan);
  return { ...rest, stacks: stacks.filter(({ stack }) => !left.some(({ name }) => name === stack)) };
}

/** Sites of every kind, watched and not, with machines and with RDS. */
function sites(): readonly Deployment[] {
  const lag = 'lag_threshold: "30s"';
  const dns = 'dns: { zone: "example.com" record: "app.example.com" provider: "AWS" }';
  const rds = 'primary_site: { database: "rds" database_id: "arn:aws:rds:eu-west-1:111122223333:db:orders" }';
  const machines = [
    site('hot', { multiAz: true, count: 4, synchronization: lag }),
    site('warm', { method: 'log_shipping', synchronization: lag }),
    site('cold', { method: 'backup_restore', count: 0 }),
    site('bare', { engine: '', method: 'backup_restore' }),
  ].join('\n');
  return [
    deploymentOf('sites of machines', planned(compileSites(machines, dns))),
    deploymentOf('sites of RDS', planned(compileSites(site('replica', { synchronization: lag }), rds))),
  ];
}

/** What is known to have roles: the specs of the repository, and fixtures with every kind of store, task and site. */
export function everyDeployment(): readonly Deployment[] {
  const specs = readdirSync(path.join(ROOT, 'specs')).sort();
  const app = createApp();
  return [
    ...specs.map(specOf),
    stacksOf('stores', addAwsStacks(app, PLANS)),
    ownRoles(),
    copies(),
    sharedRoles(),
    ...sites(),
  ].filter(({ stacks }) => stacks.length > 0);
}
