import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { createApp } from '../../../lib/aws/app';
import { uploadsOf } from '../../../lib/cli/uploads';
import { compile } from '../../../lib/compile';
import { addAwsSites } from '../../../stacks/aws';
import { builtSite } from './fixture';
import { takenBack } from './kept-by-deployments';
import { changingCalls } from './sdk-call';
import type { TemplateJson } from './template-resources';

/**
 * A deployment while a site is active. CloudFormation writes the properties that differ from the template before, so what
 * a workflow changed is kept as long as no template says it. What workflows change is read from the templates themselves.
 */
const ROOT = path.join(__dirname, '../../..');
const LAG = 'lag_threshold: "30s"';
const RDS = 'primary_site: { database: "rds" database_id: "arn:aws:rds:eu-west-1:111122223333:db:orders" }';

function sitesOf(name: string): readonly (readonly [string, TemplateJson])[] {
  const folder = path.join(ROOT, 'specs', name);
  const files = readdirSync(folder).map((file) => ({
    name: file,
    text: readFileSync(path.join(folder, file), 'utf8'),
  }));
  const { plan } = compile(files, { environment: {}, unset: 'warning', today: '2026-11-24' });
  if (!plan) throw new Error(`specs/${name} has no plan`);
  const stacks = addAwsSites(createApp(), { plan, uploads: uploadsOf(ROOT) });
  return stacks.map((stack) => [stack.stackName, Template.fromStack(stack).toJSON() as TemplateJson] as const);
}

const jsonOf = (...args: Parameters<typeof builtSite>) => builtSite(...args).template.toJSON() as TemplateJson;
const replica = () => jsonOf({ multiAz: true, synchronization: LAG }, RDS);
const cold = () => jsonOf({ method: 'backup_restore', count: 0 });

test.each(['worldwide', 'hypnoscript'])('no deployment of specs/%s takes back what a workflow did', (name) => {
  const sites = sitesOf(name).filter(([, template]) => changingCalls(template).length > 0);
  expect(sites.length).toBeGreaterThan(0);
  for (const [stack, template] of sites) {
    const calls = changingCalls(template);
    expect([stack, ...takenBack(template, calls)]).toEqual([stack]);
    expect(calls.map(({ call }) => call)).toEqual(
      expect.arrayContaining([
        'autoscaling:setDesiredCapacity',
        's3:putObject',
        'ssm:sendCommand',
        'dynamodb:updateItem',
      ]),
    );
  }
});

test('nor where the database is a replica of RDS, or restored into machines that are started and stopped', () => {
  for (const [template, call] of [
    [replica(), 'rds:promoteReadReplica'],
    [cold(), 'ec2:stopInstances'],
  ] as const) {
    const calls = changingCalls(template);
    expect(calls.map((one) => one.call)).toContain(call);
    expect(takenBack(template, calls)).toEqual([]);
  }
});

const GROUP = 'AWS::AutoScaling::AutoScalingGroup';
const DATABASE = 'AWS::RDS::DBInstance';

/** The template with other properties or an other update policy of each resource of a type. */
function withOther(
  template: TemplateJson,
  type: string,
  part: 'Properties' | 'UpdatePolicy',
  other: object,
): TemplateJson {
  const resources = Object.entries(template.Resources).map(([id, body]) => {
    const one = body as Readonly<Record<string, object>>;
    return [id, String(one.Type) === type ? { ...one, [part]: { ...one[part], ...other } } : one] as const;
  });
  return { ...template, Resources: Object.fromEntries(resources) };
}

test.each([
  ['a size', cold, GROUP, 'Properties', { DesiredCapacity: '1' }, "DesiredCapacity is the template's"],
  ['bounds that are too narrow', cold, GROUP, 'Properties', { MaxSize: '0' }, 'is out of its bounds'],
  ['a size that is set anew', cold, GROUP, 'UpdatePolicy', { AutoScalingScheduledAction: {} }, 'sets its size anew'],
  [
    'machines that are replaced',
    cold,
    GROUP,
    'UpdatePolicy',
    { AutoScalingRollingUpdate: {} },
    'replaces its machines',
  ],
  [
    'backups of a replica',
    replica,
    DATABASE,
    'Properties',
    { BackupRetentionPeriod: 0 },
    "BackupRetentionPeriod is the template's",
  ],
  [
    'a source that is looked up',
    replica,
    DATABASE,
    'Properties',
    { SourceDBInstanceIdentifier: { Ref: 'Source' } },
    'its source may change',
  ],
  ['a model of machines', cold, 'AWS::EC2::Instance', 'Properties', { ImageId: 'ami-1' }, "ImageId is the template's"],
] as const)('%s would be taken back, and is seen', (_, make, type, part, other, words) => {
  const template = withOther(make(), type, part, other);
  expect(takenBack(template, changingCalls(template)).join('\n')).toContain(words);
});

test('a call of which nobody said what it changes is no quiet one', () => {
  expect(() => takenBack(replica(), [{ call: 'rds:modifyDBInstance', parameters: {} }])).toThrow('nobody says');
});
