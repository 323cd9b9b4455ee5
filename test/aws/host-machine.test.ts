import validate from 'asl-validator';
import { renderTaskMachine } from '../../lib/aws/task-machine';
import { HOST_INPUT, NAMES, ServiceError, execute } from './state-machine';
import type { HostEnd, Outside } from './state-machine';

/** One host that ends with these codes, one a run; the last one stays. */
function host(...codes: readonly number[]): Outside['hosts'] {
  let runs = 0;
  return () => {
    const code = codes[Math.min(runs, codes.length - 1)] ?? 0;
    runs += 1;
    return [{ id: 'i-1', code }];
  };
}
const several =
  (ends: readonly HostEnd[]): Outside['hosts'] =>
  () =>
    ends;
const run = (outside: Partial<Outside>, input: object = HOST_INPUT) =>
  execute({ container: () => 0, ...outside }, input);
const told = (messages: readonly { readonly subject: string }[]) => messages.map((one) => one.subject);

test('is valid in the states language, with and without hosts', () => {
  for (const names of [NAMES, { ...NAMES, hosts: undefined }]) {
    const { isValid, errorsText } = validate(JSON.parse(JSON.stringify(renderTaskMachine(names))), { checkArn: false });
    expect([isValid, isValid ? '' : errorsText('\n')]).toEqual([true, '']);
  }
});

test('a machine without hosts asks Run Command nothing', () => {
  expect(JSON.stringify(renderTaskMachine({ ...NAMES, hosts: undefined }))).not.toContain('ssm');
});

test('a run is sent to the host for its planned slot, then verified by a container', async () => {
  const { status, why, commands, containers, metrics, messages } = await run({ hosts: host(0), polls: 3 });
  expect([status, why]).toEqual(['succeeded', '']);
  expect(commands).toEqual([
    expect.objectContaining({
      DocumentName: NAMES.hosts.document,
      Targets: HOST_INPUT.host.targets,
      TimeoutSeconds: 3600,
      Parameters: {
        run: ['backup full'],
        manifest: ['s3://assets/task.json'],
        slot: ['20261122T021500Z'],
        runner: [HOST_INPUT.host.runner],
        runnerSha256: ['0'.repeat(64)],
      },
      CloudWatchOutputConfig: { CloudWatchLogGroupName: NAMES.hosts.logGroup, CloudWatchOutputEnabled: true },
    }),
  ]);
  expect(containers.map(({ role, command }) => [role, command[0]])).toEqual([['role/verifier', 'verify']]);
  expect([metrics, messages]).toEqual([['configuration success'], []]);
});

test('a degraded run is verified and told, and is no failure', async () => {
  const { status, containers, metrics, messages } = await run({ hosts: host(3) });
  expect([status, containers.length, metrics, told(messages)]).toEqual([
    'succeeded',
    1,
    ['configuration degraded'],
    ['Backup of configuration: degraded'],
  ]);
});

test('what may work in a while is sent again, three times at most', async () => {
  const better = await run({ hosts: host(75, 75, 0) });
  expect([better.status, better.commands.length, better.containers.length]).toEqual(['succeeded', 3, 1]);
  const never = await run({ hosts: host(75) });
  expect([never.status, never.commands.length, never.metrics]).toEqual(['failed', 4, ['configuration failed']]);
});

test.each([
  [78, 'failed'],
  [2, 'failed'],
  [1, 'failed'],
  [4, 'failed'],
  [137, 'failed'],
  [130, 'failed'],
  [5, 'overlap'],
])('exit code %i is told as %s with the host and the command, and nothing is verified', async (code, word) => {
  const { status, commands, containers, metrics, messages } = await run({ hosts: host(code) });
  expect([status, commands.length, containers, metrics]).toEqual(['failed', 1, [], [`configuration ${word}`]]);
  expect(told(messages)).toEqual([`Backup of configuration: ${word}`]);
  expect(messages[0]?.message).toContain(`It ran on i-1 (Run Command command-1) and ended with ${code}. `);
});

test('a tag that is on no machine is told, although the service calls that a success', async () => {
  const { status, containers, metrics, messages } = await run({ hosts: several([]) });
  expect([status, containers, metrics]).toEqual(['failed', [], ['configuration failed']]);
  expect(messages[0]?.message).toContain(
    'No managed node of this region is tagged hypnoscript:backup=configuration: nothing ran (Run Command command-1). ',
  );
});

test('a host that never got the command failed', async () => {
  const { status, metrics, messages } = await run({ hosts: several([{ id: 'mi-1' }]) });
  expect([status, metrics]).toEqual(['failed', ['configuration failed']]);
  expect(messages[0]?.message).toContain('It ran on mi-1 (Run Command command-1) and ended with -1. ');
});

test.each([
  ['passed over the step', 'Step execution skipped due to unsupported plugin: aws:runShellScript'],
  ['said nothing', ''],
])('a host that %s failed, although its exit code is 0', async (_, said) => {
  const { status, metrics, containers } = await run({ hosts: several([{ id: 'i-1', code: 0, said }]) });
  expect([status, metrics, containers]).toEqual(['failed', ['configuration failed'], []]);
});

test('two hosts of which one fails: what is stored is verified, and the run failed and says which host ended how', async () => {
  const ends = [
    { id: 'i-1', code: 0 },
    { id: 'i-2', code: 78 },
  ];
  const { status, containers, metrics, messages } = await run({ hosts: several(ends) });
  expect([status, containers.map(({ command }) => command[0]), metrics]).toEqual([
    'failed',
    ['verify'],
    ['configuration failed'],
  ]);
  expect(messages[0]?.message).toContain('2 hosts are tagged hypnoscript:backup=configuration');
  expect(messages[0]?.message).toContain('["i-1","i-2"] ended with [0,78]. ');
});

test('two hosts without a failure are none the better: the slot has room for one of them', async () => {
  const ends = [
    { id: 'i-1', code: 0 },
    { id: 'i-2', code: 5 },
  ];
  const { status, metrics } = await run({ hosts: several(ends) });
  expect([status, metrics]).toEqual(['failed', ['configuration failed']]);
});

test('two hosts that both fail leave nothing to verify; damage by either is told as that', async () => {
  const none = await run({
    hosts: several([
      { id: 'i-1', code: 78 },
      { id: 'i-2', code: 75 },
    ]),
  });
  expect([none.commands.length, none.containers, none.metrics]).toEqual([1, [], ['configuration failed']]);
  const damaged = await run({
    container: () => 4,
    hosts: several([
      { id: 'i-1', code: 3 },
      { id: 'i-2', code: 5 },
    ]),
  });
  expect(damaged.metrics).toEqual(['configuration damaged']);
});

test('a command that Run Command refuses is a failure that is told', async () => {
  const { status, messages } = await run({
    hosts: () => {
      throw new ServiceError('Ssm.InvalidInstanceIdException', 'not registered');
    },
  });
  expect(status).toBe('failed');
  expect(messages[0]?.message).toContain('Run Command refused it (Ssm.InvalidInstanceIdException). ');
});

test('a command that never ends is given up a day later', async () => {
  const { status, metrics, messages } = await run({ hosts: host(0), polls: 100_000 });
  expect([status, metrics]).toEqual(['failed', ['configuration failed']]);
  expect(messages[0]?.message).toContain('Run Command command-1 does not say how it ended. ');
});

test('damage that the verifier finds is told as damage', async () => {
  const { metrics } = await run({ hosts: host(0), container: () => 4 });
  expect(metrics).toEqual(['configuration damaged']);
});

describe('pruning', () => {
  const prune = { ...HOST_INPUT, command: 'prune', type: '', host: { ...HOST_INPUT.host, run: 'prune' } };

  test('of stores is done by a container, and only then the folder on the host by the host', async () => {
    const { status, containers, commands, metrics } = await run({ hosts: host(0) }, prune);
    expect(containers.map(({ role, command }) => [role, ...command])).toEqual([['role/pruner', ...HOST_INPUT.prune]]);
    expect(commands.map(({ Parameters }) => Parameters.run)).toEqual([['prune']]);
    expect([status, metrics]).toEqual(['succeeded', ['configuration success']]);
  });

  test('of a host without a folder never asks the host', async () => {
    const input = { ...prune, host: { ...prune.host, local: false } };
    const { status, commands } = await run({}, input);
    expect([status, commands]).toEqual(['succeeded', []]);
  });

  test.each([
    [3, 'succeeded', 'degraded'],
    [4, 'failed', 'damaged'],
    [75, 'failed', 'failed'],
    [5, 'failed', 'failed'],
  ])('that ends on the host with %i is told, and not tried again', async (code, status, word) => {
    const ended = await run({ hosts: host(code) }, prune);
    expect([ended.status, ended.commands.length, ended.metrics]).toEqual([status, 1, [`configuration ${word}`]]);
  });

  test('that fails on two hosts is told', async () => {
    const ends = [
      { id: 'i-1', code: 0 },
      { id: 'i-2', code: 0 },
    ];
    const { status, containers } = await run({ hosts: several(ends) }, prune);
    expect([status, containers.length]).toEqual(['failed', 1]);
  });
});

test('a container is what runs where the input names no host', async () => {
  const { commands, containers } = await run(
    {},
    { ...HOST_INPUT, host: undefined, roles: { ...HOST_INPUT.roles, writer: 'role/writer' } },
  );
  expect([commands, containers.length]).toEqual([[], 2]);
});
