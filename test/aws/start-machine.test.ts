import validate from 'asl-validator';
import { renderStartMachine } from '../../lib/aws/start-machine';
import type { ListedStart } from '../../lib/aws/start-machine';
import { INPUT, execute } from './state-machine';
import { START_NAMES, goThrough } from './start-machine';

const manifest = 's3://cdk-hnb659fds-assets-{account}-eu-west-1/hypnoscript-backup-1of1/task.json';
const listed = (task: string, after: number, more: Partial<ListedStart> = {}): ListedStart => ({
  after,
  as: 'runs',
  start: {
    ...{ task, command: 'backup', type: 'full', scheduled: '', manifest },
    verify: ['verify', '--quick', '--task', manifest, '--store', 'aws.bucket.acme'],
    prune: ['prune', '--task', manifest, '--store', 'aws.bucket.acme'],
    taskDefinition: 'hypnoscript-backup-1of1-tasks-30',
  },
  ...more,
});
const scheduled = '2026-11-22T23:45:00Z';

test('is valid in the states language', () => {
  const definition = JSON.parse(JSON.stringify(renderStartMachine(START_NAMES))) as unknown;
  const { isValid, errorsText } = validate(definition, { checkArn: false });
  expect([isValid, isValid ? '' : errorsText('\n')]).toEqual([true, '']);
});

test('reads the list that the schedule names, and starts each of its runs at its own minute', async () => {
  const { read, status, started, messages } = await goThrough({
    scheduled,
    list: [listed('orders', 0), listed('invoices', 1500)],
  });
  expect(read).toEqual({ Bucket: START_NAMES.bucket, Key: 'hypnoscript-backup-1of1/list.json' });
  expect([status, messages]).toEqual(['Succeed', []]);
  // The second one waits across midnight, and its slot is its own.
  expect(started.map(({ at, input }) => [input.task, at, input.scheduled])).toEqual([
    ['orders', '2026-11-22T23:45:00Z', '2026-11-22T23:45:00Z'],
    ['invoices', '2026-11-23T00:10:00Z', '2026-11-23T00:10:00Z'],
  ]);
  const filled = manifest.replace('{account}', START_NAMES.account);
  expect(started[0]?.input).toEqual({
    ...{ task: 'orders', command: 'backup', type: 'full', scheduled, manifest: filled },
    verify: ['verify', '--quick', '--task', filled, '--store', 'aws.bucket.acme'],
    prune: ['prune', '--task', filled, '--store', 'aws.bucket.acme'],
    taskDefinition: 'hypnoscript-backup-1of1-tasks-30',
    roles: START_NAMES.roles.runs,
  });
});

test('a copy job acts as a copier, and a run on a host is told which program it runs', async () => {
  const host = { where: 'tagged a=b', targets: [{ Key: 'tag:a', Values: ['b'] }], local: true, run: 'backup full' };
  const onHost = listed('files', 0);
  const { started } = await goThrough({
    scheduled,
    list: [listed('orders', 0, { as: 'copies' }), { ...onHost, start: { ...onHost.start, host } }],
  });
  expect(started.map(({ input }) => [input.roles, input.host])).toEqual([
    [START_NAMES.roles.copies, undefined],
    [START_NAMES.roles.runs, { ...host, ...START_NAMES.runner }],
  ]);
});

test('a start that is refused for a while is tried again; one that stays refused is told, and keeps no other', async () => {
  let refusals = 0;
  const start = (task: string) => {
    if (task === 'gone' || (task === 'slow' && (refusals += 1) < 4))
      throw new Error('StepFunctions.ExecutionLimitExceeded');
  };
  const { status, started, messages } = await goThrough({
    scheduled,
    list: [listed('gone', 0), listed('slow', 60), listed('fine', 120)],
    start,
  });
  expect([status, started.map(({ input }) => input.task)]).toEqual(['Succeed', ['slow', 'fine']]);
  expect(messages).toEqual(['backup full of gone was not started: StepFunctions.ExecutionLimitExceeded']);
});

test('a list that is gone is told and fails', async () => {
  const { status, messages } = await goThrough({ scheduled, list: undefined });
  expect([status, messages]).toEqual([
    'Fail',
    ['The list hypnoscript-backup-1of1/list.json could not be started: States.ItemReaderFailed'],
  ]);
});

test('what it starts is a run as ever: its slot is its minute, and a list that is delivered twice runs once', async () => {
  const claimed = new Set<string>();
  const list = [listed('orders', 1500)];
  const commands: string[][] = [];
  for (const delivery of ['first', 'second']) {
    const { started } = await goThrough({ scheduled, list });
    for (const { input } of started) {
      const { status, containers } = await execute({ container: () => 0, claimed }, { ...INPUT, ...input });
      expect([delivery, status]).toEqual([delivery, 'succeeded']);
      commands.push(...containers.map(({ role, command }) => [role, ...command]));
    }
  }
  expect(commands.map(([role, command, ...rest]) => [role, command, rest[rest.indexOf('--slot') + 1]])).toEqual([
    ['role/writer', 'backup', '20261123T001000Z'],
    ['role/verifier', 'verify', '--quick'],
  ]);
});
