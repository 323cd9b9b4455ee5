import path from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { createApp } from '../../../lib/aws/app';
import { uploadsOf } from '../../../lib/cli/uploads';
import { addAwsStacks, addAwsTaskStacks } from '../../../stacks/aws';
import { SEED, compileFile, database, planOf, planned, s3, spec } from '../../plan/support';
import type { ProtectionPlan } from '../../../lib/contract';

/** Stacks of tasks on hosts, beside those in containers. */
const uploads = uploadsOf(path.resolve(__dirname, '../../..'));

function shardOf(plan: ProtectionPlan): Template {
  const app = createApp();
  const stacks = addAwsTaskStacks(app, { plan, uploads, stores: addAwsStacks(app, plan.aws) });
  const shard = stacks.find((stack) => stack.stackName.endsWith('1of1'));
  if (!shard) throw new Error('no shard');
  return Template.fromStack(shard);
}
const onHosts = (hosts: Readonly<Record<string, string>>) =>
  shardOf(
    planOf(
      spec({
        database: Object.keys(hosts)
          .map((name) => database(name, s3('acme-own', `${name}/`)))
          .join(''),
        deployment: `tasks: { ${Object.entries(hosts)
          .map(([name, host]) => `${name}: { host: "${host}" }`)
          .join(' ')} }`,
      }),
    ),
  );

/** The input of a schedule, its references left out. */
function inputOf(template: Template, name: string): Readonly<Record<string, unknown>> {
  const [schedule] = Object.values(template.findResources('AWS::Scheduler::Schedule', { Properties: { Name: name } }));
  const target = schedule?.Properties.Target as { Input: unknown } | undefined;
  const input = target?.Input as string | { 'Fn::Join': [string, unknown[]] };
  const text =
    typeof input === 'string'
      ? input
      : input['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : '<ref>')).join('');
  return JSON.parse(text) as Record<string, unknown>;
}

describe('the seed', () => {
  const plan = planned(compileFile(SEED));
  const template = shardOf(plan);

  test('has its file sets on hosts and its databases in containers, in one shard', () => {
    const tasks = plan.awsTasks.shards.flatMap((shard) => shard.tasks);
    expect(tasks.map(({ task, host, local }) => [task, host?.target ?? null, local?.path ?? null])).toEqual([
      ['application_data', { kind: 'tag', key: 'hypnoscript:backup', value: 'application_data' }, null],
      ['configuration', { kind: 'tag', key: 'hypnoscript:backup', value: 'configuration' }, null],
      ['mysql', null, '/var/backups/mysql'],
      ['postgresql', null, '/var/backups/postgresql'],
      // A copy job: its backups are taken on Azure.
      ['sqlserver', null, null],
    ]);
  });

  test('has one document for its hosts, a policy for each of them, and no writer of theirs', () => {
    template.resourceCountIs('AWS::SSM::Document', 1);
    template.resourceCountIs('AWS::IAM::ManagedPolicy', 2);
    const roles = Object.values(template.findResources('AWS::IAM::Role'));
    const descriptions = roles.map(({ Properties }) => String((Properties as { Description?: string }).Description));
    expect(descriptions.filter((one) => one.endsWith(' of configuration')).sort()).toEqual([
      'pruner of configuration',
      'verifier of configuration',
    ]);
  });

  test('names the policy of each host in an output', () => {
    const outputs = Object.values(template.toJSON().Outputs as Record<string, { Description: string; Value: unknown }>);
    const policies = outputs.filter(({ Description }) => Description.startsWith('Policy'));
    expect(policies.map(({ Description, Value }) => [Description, Value]).sort()).toEqual([
      [
        'Policy for the role of the host that is tagged hypnoscript:backup=application_data',
        { Ref: expect.stringMatching(/^taskapplicationdatahost/) as unknown },
      ],
      [
        'Policy for the role of the host that is tagged hypnoscript:backup=configuration',
        { Ref: expect.stringMatching(/^taskconfigurationhost/) as unknown },
      ],
    ]);
  });

  test('tells an execution which machines, which program, and that the folder is on the host', () => {
    const input = inputOf(template, 'configuration-full');
    expect(input).toMatchObject({
      command: 'backup',
      type: 'full',
      verify: [
        'verify',
        '--quick',
        '--task',
        expect.anything(),
        '--store',
        expect.anything(),
        '--store',
        expect.anything(),
      ],
      roles: { verifier: '<ref>', pruner: '<ref>' },
      host: {
        run: 'backup full',
        where: 'tagged hypnoscript:backup=configuration',
        targets: [{ Key: 'tag:hypnoscript:backup', Values: ['configuration'] }],
        runnerSha256: uploads.runner.sha256,
        local: true,
      },
    });
    expect(JSON.stringify(input)).not.toMatch(/"local","|"local"\]|writer/);
    expect(inputOf(template, 'configuration-prune')).toMatchObject({ command: 'prune', host: { run: 'prune' } });
    expect(inputOf(template, 'postgresql-full')).not.toHaveProperty('host');
    // Its stores are read again by the container; the folder of the host is out of its reach.
    const read = inputOf(template, 'configuration-verify');
    expect(read).toMatchObject({
      command: 'verify',
      fullRead: [
        'verify',
        '--full',
        '--task',
        expect.anything(),
        '--store',
        expect.anything(),
        '--store',
        expect.anything(),
      ],
    });
    expect(JSON.stringify(read)).not.toMatch(/"local"[,\]]/);
  });

  test('lets commands be sent by its own document, and to machines with these tags only', () => {
    template.hasResourceProperties('AWS::IAM::Role', {
      Description: 'Backup tasks are started and watched as this role',
      Policies: [
        {
          PolicyDocument: {
            Statement: Match.arrayWith([
              Match.objectLike({
                Action: 'ssm:SendCommand',
                Condition: {
                  StringEquals: { 'ssm:resourceTag/hypnoscript:backup': ['application_data', 'configuration'] },
                },
              }),
            ]),
          },
        },
      ],
    });
  });
});

test('a document is small enough, has a pattern for each parameter, and no place where a parameter is not in quotes', () => {
  const [document] = Object.values(onHosts({ orders: 'hosts:role=db' }).findResources('AWS::SSM::Document'));
  const { Content } = document?.Properties as { Content: unknown };
  const content = Content as {
    parameters: Record<string, { allowedPattern: string }>;
    mainSteps: readonly { inputs: { runCommand?: readonly string[] } }[];
  };
  expect(JSON.stringify(content).length).toBeLessThan(64_000);
  for (const { allowedPattern } of Object.values(content.parameters)) {
    expect(allowedPattern).toMatch(/^\^.*\$$/);
    for (const bad of ["'", '"', '`', '$(id)', ';', ' && id', '\n', '{{ x }}']) {
      expect(bad).not.toMatch(new RegExp(allowedPattern));
    }
  }
  const script = content.mainSteps.flatMap(({ inputs }) => inputs.runCommand ?? []);
  const uses = script.filter((line) => line.includes('{{'));
  expect(uses.map((line) => line.replace(/[{}\s]/g, ''))).toEqual([
    "run='run'",
    "manifest='manifest'",
    "slot='slot'",
    "runner_sha256='runnerSha256'",
  ]);
});

test('machines are named by tag, by id, or by their name', () => {
  const template = onHosts({
    a: 'hosts:role=db',
    b: 'hosts:i-0123456789abcdef0',
    c: 'hosts:mi-0123456789abcdef0',
    d: 'hosts:db01',
    e: 'hosts:team:role=db',
  });
  const targets = ['a', 'b', 'c', 'd', 'e'].map((name) => {
    const { host } = inputOf(template, `${name}-full`) as { host: { targets: unknown; where: string } };
    return [host.where, host.targets];
  });
  expect(targets).toEqual([
    ['tagged role=db', [{ Key: 'tag:role', Values: ['db'] }]],
    ['i-0123456789abcdef0', [{ Key: 'InstanceIds', Values: ['i-0123456789abcdef0'] }]],
    ['mi-0123456789abcdef0', [{ Key: 'InstanceIds', Values: ['mi-0123456789abcdef0'] }]],
    ['tagged Name=db01', [{ Key: 'tag:Name', Values: ['db01'] }]],
    ['tagged team:role=db', [{ Key: 'tag:team:role', Values: ['db'] }]],
  ]);
});

test('a shard without hosts has no document, and its state machine asks Run Command nothing', () => {
  const template = shardOf(planOf(spec({ database: database('orders', s3('acme-own', 'orders/')) })));
  template.resourceCountIs('AWS::SSM::Document', 0);
  expect(JSON.stringify(template.toJSON())).not.toContain('ssm:');
});

test('a host with Windows gets no document of Linux', () => {
  const plan = planOf(
    spec({
      filesystem: `docs: { paths: ["C:\\\\Docs"] storage: { ${s3('acme-own', 'docs/')} } }`,
    }),
  );
  expect(plan.awsTasks.shards).toEqual([]);
});

test('the policy of a host with many prefixes is within the size of a managed policy', () => {
  const plan = planned(compileFile(SEED));
  const policies = Object.values(shardOf(plan).findResources('AWS::IAM::ManagedPolicy'));
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  for (const { Properties } of policies) {
    const { PolicyDocument } = Properties as { PolicyDocument: unknown };
    expect(JSON.stringify(PolicyDocument).length).toBeLessThan(6144);
  }
});
