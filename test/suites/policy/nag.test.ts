import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { App } from 'aws-cdk-lib';
import { Stack, Validations } from 'aws-cdk-lib';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { createApp } from '../../../lib/aws/app';
import { synthAws } from '../../../lib/aws/synth';
import type { AwsFinding } from '../../../lib/aws/validation-report';
import { compile } from '../../../lib/compile';
import { uploadsOf } from '../../../lib/cli/uploads';
import { addAwsSites, addAwsStacks, addAwsTaskStacks } from '../../../stacks/aws';
import { PLANS } from '../../aws/fixture';
import { many } from '../../plan/many';
import { compileSites, site } from '../../plan/site/support';
import { planOf, planned } from '../../plan/support';
import type { Acknowledgement } from './acknowledgements';
import { ACKNOWLEDGEMENTS } from './acknowledgements';
import { SHARED_ACKNOWLEDGEMENTS } from './shared-acknowledgements';
import { SITE_ACKNOWLEDGEMENTS } from './site-acknowledgements';
import { TASK_ACKNOWLEDGEMENTS } from './task-acknowledgements';

const covers = ({ id, construct }: Acknowledgement, finding: AwsFinding) =>
  id.test(finding.rule) && construct.test(finding.construct);

/** What AWS Solutions says of an app, as one more plugin of its synthesis. */
function review(app: App): readonly AwsFinding[] {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return synthAws(app).findings;
}

describe('AWS Solutions', () => {
  beforeEach(() => jest.spyOn(console, 'error').mockReturnValue());
  afterEach(() => jest.restoreAllMocks());

  function findingsOfPlans() {
    const app = createApp();
    addAwsStacks(app, PLANS);
    return review(app);
  }

  test('finds nothing in the stacks of a plan but what is acknowledged', () => {
    const open = findingsOfPlans().filter((finding) => !ACKNOWLEDGEMENTS.some((entry) => covers(entry, finding)));
    expect(open).toEqual([]);
  });

  const everything = [...ACKNOWLEDGEMENTS, ...TASK_ACKNOWLEDGEMENTS, ...SITE_ACKNOWLEDGEMENTS];

  function findingsOfSpec(name: string) {
    const root = path.join(__dirname, '../../..');
    const folder = path.join(root, 'specs', name);
    const files = readdirSync(folder).map((file) => ({
      name: file,
      text: readFileSync(path.join(folder, file), 'utf8'),
    }));
    const { plan } = compile(files, { environment: {}, unset: 'warning', today: '2026-11-24' });
    if (!plan) throw new Error(`specs/${name} has no plan`);
    const app = createApp();
    const stores = addAwsStacks(app, plan.aws);
    addAwsTaskStacks(app, { plan, uploads: uploadsOf(root), stores });
    addAwsSites(app, { plan, uploads: uploadsOf(root) });
    return review(app);
  }

  test.each(['hypnoscript', 'acme'])('finds nothing more in the stacks of specs/%s', (name) => {
    const open = findingsOfSpec(name).filter((finding) => !everything.some((entry) => covers(entry, finding)));
    expect(open.map(({ construct, rule }) => `${construct} ${rule}`)).toEqual([]);
  });

  describe('where so many tasks share roles, a job of copies among them', () => {
    function findingsOfMany() {
      const azure = 'storage_account: "acmeshop" container: "shop" location: "westeurope" path: "shop/"';
      const away = `shop: { type: "pg_dump" storage: { azure: { ${azure} } } }`;
      const plan = planOf(many(320, 4).replace('database: {', `database: { ${away}`));
      const { shards } = plan.awsTasks;
      expect(shards.map(({ groups }) => groups !== undefined)).toEqual(Array(4).fill(true));
      expect(shards.flatMap(({ tasks }) => tasks).filter(({ reads }) => reads.length > 0)).toHaveLength(1);
      const app = createApp();
      const stores = addAwsStacks(app, plan.aws);
      addAwsTaskStacks(app, { plan, uploads: uploadsOf(path.join(__dirname, '../../..')), stores });
      return review(app);
    }

    test('finds nothing more, and what each acknowledgement is for', () => {
      const findings = findingsOfMany();
      const known = [...everything, ...SHARED_ACKNOWLEDGEMENTS];
      const open = findings.filter((finding) => !known.some((entry) => covers(entry, finding)));
      expect([...new Set(open.map(({ construct, rule }) => `${construct} ${rule}`))]).toEqual([]);
      const idle = SHARED_ACKNOWLEDGEMENTS.filter((entry) => !findings.some((finding) => covers(entry, finding)));
      expect(idle).toEqual([]);
    }, 120_000);
  });

  describe('in sites of each kind', () => {
    const lag = 'lag_threshold: "30s"';
    const rds = 'primary_site: { database: "rds" database_id: "arn:aws:rds:eu-west-1:111122223333:db:orders" }';
    const machines = [
      site('hot', { multiAz: true, count: 4, synchronization: lag }),
      site('warm', { method: 'log_shipping', synchronization: lag }),
      site('cold', { method: 'backup_restore', count: 0 }),
    ].join('\n');

    function findingsOfSites() {
      const app = createApp();
      const uploads = uploadsOf(path.join(__dirname, '../../..'));
      const dns = 'dns: { zone: "example.com" record: "app.example.com" provider: "AWS" }';
      addAwsSites(app, { plan: planned(compileSites(machines, dns)), uploads });
      addAwsSites(app, { plan: planned(compileSites(site('replica', { synchronization: lag }), rds)), uploads });
      return review(app);
    }

    test('finds nothing but what is acknowledged, and all of that', () => {
      const findings = findingsOfSites();
      const open = findings.filter((finding) => !SITE_ACKNOWLEDGEMENTS.some((entry) => covers(entry, finding)));
      expect(open.map(({ construct, rule }) => `${construct} ${rule}`)).toEqual([]);
      const idle = SITE_ACKNOWLEDGEMENTS.filter((entry) => !findings.some((finding) => covers(entry, finding)));
      expect(idle).toEqual([]);
    });
  });

  test('still finds what each acknowledgement of tasks is for', () => {
    const findings = findingsOfSpec('hypnoscript');
    const idle = TASK_ACKNOWLEDGEMENTS.filter((entry) => !findings.some((finding) => covers(entry, finding)));
    expect(idle).toEqual([]);
  });

  test('still finds what each acknowledgement is for', () => {
    const findings = findingsOfPlans();
    expect(ACKNOWLEDGEMENTS.filter((entry) => !findings.some((finding) => covers(entry, finding)))).toEqual([]);
  });

  test('finds an open bucket', () => {
    const app = createApp();
    new CfnBucket(new Stack(app, 'mine'), 'Bucket');
    const rules = review(app).map(({ rule }) => rule);
    expect(rules).toEqual(expect.arrayContaining(['AwsSolutions-S1', 'AwsSolutions-S10']));
  });
});
