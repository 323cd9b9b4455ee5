import validate from 'asl-validator';
import { renderTaskMachine } from '../../lib/aws/task-machine';
import {
  ARCHIVED_INPUT,
  COPY_INPUT,
  FULL_READ_INPUT,
  GONE,
  HOST_INPUT,
  INPUT,
  NAMES,
  NEVER,
  ServiceError,
  TEST_RESTORE_INPUT,
  execute,
} from './state-machine';
import type { Container } from './state-machine';

/** Exit codes by the container's first argument, one a call; the last one stays. */
function ends(codes: Readonly<Record<string, readonly number[]>>) {
  const calls: Record<string, number> = {};
  return ({ command: [name = ''] }: Container) => {
    const list = codes[name] ?? [0];
    const index = (calls[name] ?? 0) < list.length ? (calls[name] ?? 0) : list.length - 1;
    calls[name] = (calls[name] ?? 0) + 1;
    return list[index] ?? 0;
  };
}
const commands = (containers: readonly Container[]) => containers.map(({ command }) => command[0]);

test('is valid in the states language', () => {
  const { isValid, errorsText } = validate(JSON.parse(JSON.stringify(renderTaskMachine(NAMES))), { checkArn: false });
  expect([isValid, isValid ? '' : errorsText('\n')]).toEqual([true, '']);
});

test('a run is taken as the writer for its planned slot, then verified as the verifier', async () => {
  const { status, why, containers, metrics, messages } = await execute({ container: () => 0 });
  expect([status, why]).toEqual(['succeeded', '']);
  expect(containers).toEqual([
    {
      role: 'role/writer',
      command: [
        'backup',
        '--task',
        's3://assets/task.json',
        '--type',
        'full',
        '--slot',
        '20261122T021500Z',
        '--metrics',
        'emf',
      ],
      environment: { HYPDR_SECRETS: 'aws' },
    },
    {
      role: 'role/verifier',
      command: INPUT.verify,
      environment: { HYPDR_SECRETS: 'aws' },
    },
  ]);
  expect(metrics).toEqual(['postgresql success']);
  expect(messages).toEqual([]);
});

test('a degraded run is verified and told, and is no failure', async () => {
  const { status, containers, metrics, messages } = await execute({ container: ends({ backup: [3] }) });
  expect([status, commands(containers), metrics]).toEqual(['succeeded', ['backup', 'verify'], ['postgresql degraded']]);
  expect(messages.map((one) => one.subject)).toEqual(['Backup of postgresql: degraded']);
});

test('what may work in a while is tried again, three times at most', async () => {
  const better = await execute({ container: ends({ backup: [75, 75, 0] }) });
  expect([better.status, commands(better.containers)]).toEqual(['succeeded', ['backup', 'backup', 'backup', 'verify']]);
  const never = await execute({ container: ends({ backup: [75] }) });
  expect([never.status, commands(never.containers), never.metrics]).toEqual([
    'failed',
    ['backup', 'backup', 'backup', 'backup'],
    ['postgresql failed'],
  ]);
});

test.each([
  [78, 'failed'],
  [2, 'failed'],
  [1, 'failed'],
  [5, 'overlap'],
])('exit code %i is told as %s, and nothing is verified', async (code, word) => {
  const { status, containers, metrics, messages } = await execute({ container: ends({ backup: [code] }) });
  expect([status, commands(containers), metrics]).toEqual(['failed', ['backup'], [`postgresql ${word}`]]);
  expect(messages.map((one) => one.subject)).toEqual([`Backup of postgresql: ${word}`]);
  expect(messages[0]?.message).toMatch(
    new RegExp(`^backup full of postgresql, planned for 20261122T021500Z: ${word}\\..*execution-1$`),
  );
});

test('damage is told as damage; a store that could not be reached is looked at again', async () => {
  const damaged = await execute({ container: ends({ verify: [4] }) });
  expect([damaged.status, damaged.metrics]).toEqual(['failed', ['postgresql damaged']]);
  const better = await execute({ container: ends({ verify: [75, 0] }) });
  expect([better.status, better.metrics]).toEqual(['succeeded', ['postgresql success']]);
});

test('a chain with a hole is told as degraded', async () => {
  const { status, metrics } = await execute({ container: ends({ verify: [3] }) });
  expect([status, metrics]).toEqual(['succeeded', ['postgresql degraded']]);
});

test('a start that is delivered twice runs once', async () => {
  const claimed = new Set<string>();
  const first = await execute({ container: () => 0, claimed });
  const second = await execute({ container: () => 0, claimed });
  expect([first.containers.length, second.containers.length, second.status]).toEqual([2, 0, 'succeeded']);
  const another = await execute({ container: () => 0, claimed }, { ...INPUT, type: 'incremental' });
  expect(another.containers).toHaveLength(2);
});

test('a start whose answer was lost is no other start', async () => {
  const { status, containers } = await execute({ container: () => 0, claim: 'lost' });
  expect([status, commands(containers)]).toEqual(['succeeded', ['backup', 'verify']]);
});

test('a start that cannot be written down is told, and takes no backup', async () => {
  const { status, containers, messages } = await execute({ container: () => 0, claim: 'refused' });
  expect([status, containers, messages.map(({ subject }) => subject)]).toEqual([
    'failed',
    [],
    [expect.stringContaining('failed')],
  ]);
});

test.each([
  ['backup', INPUT],
  ['copy', COPY_INPUT],
  ['verify', FULL_READ_INPUT],
  ['test-restore', TEST_RESTORE_INPUT],
])('a container for %s that did not come up is tried again, three times at most', async (word, input) => {
  const again = await execute({ container: ends({ [word]: [NEVER, NEVER, 0] }) }, input);
  expect([again.status, commands(again.containers).filter((one) => one === word)]).toEqual([
    'succeeded',
    [word, word, word],
  ]);
  const never = await execute({ container: ends({ [word]: [NEVER] }) }, input);
  expect([never.status, commands(never.containers).length]).toEqual(['failed', 4]);
});

test.each([
  ['all is well', 0, 'success', 'succeeded'],
  ['a damaged one', 4, 'damaged', 'failed'],
])('what the machine of a site stored is verified without a run: %s', async (_, exit, word, end) => {
  const { status, containers, metrics } = await execute({ container: () => exit }, { ...INPUT, command: 'watch' });
  expect([status, metrics]).toEqual([end, [`postgresql ${word}`]]);
  const verifier = { role: 'role/verifier', command: INPUT.verify, environment: { HYPDR_SECRETS: 'aws' } };
  expect(containers).toEqual(containers.map(() => verifier));
});

test('a container that never ran is a failure that is told', async () => {
  const { status, messages } = await execute({
    container: () => {
      throw new ServiceError('States.Timeout', 'no room');
    },
  });
  expect([status, messages.length]).toEqual(['failed', 1]);
});

test('pruning runs as the pruner, and nothing follows', async () => {
  const input = { ...INPUT, command: 'prune', type: '' };
  const { status, containers } = await execute({ container: () => 0 }, input);
  expect(status).toBe('succeeded');
  expect(containers.map(({ role, command }) => [role, ...command])).toEqual([['role/pruner', ...INPUT.prune]]);
});

test.each([
  ['everything is there', { copy: [0] }, ['copy', 'verify'], 'success', 'succeeded'],
  ['not everything is everywhere', { copy: [3] }, ['copy', 'verify'], 'degraded', 'succeeded'],
  ['a source is damaged', { copy: [4] }, ['copy'], 'damaged', 'failed'],
  ['a store is down for a while', { copy: [75, 0] }, ['copy', 'copy', 'verify'], 'success', 'succeeded'],
  ['a store stays down', { copy: [75] }, ['copy', 'copy', 'copy', 'copy'], 'failed', 'failed'],
  ['nobody lets it in', { copy: [78] }, ['copy'], 'failed', 'failed'],
  [
    'what it brought is damaged',
    { copy: [0], verify: [4] },
    ['copy', 'verify', 'verify', 'verify'],
    'damaged',
    'failed',
  ],
] as const)('a copy: %s', async (_, codes, expected, outcome, ended) => {
  const { status, containers, metrics } = await execute({ container: ends(codes) }, COPY_INPUT);
  expect([status, commands(containers), metrics]).toEqual([ended, expected, [`postgresql ${outcome}`]]);
  expect(containers[0]).toMatchObject({ role: 'role/writer', command: COPY_INPUT.copy });
});

describe('a full re-read', () => {
  test.each([
    ['all is as it was stored', [0], 1, 'success', 'succeeded'],
    ['nothing is damaged, and something lacks', [3], 1, 'degraded', 'succeeded'],
    ['damage that was read once is damage', [4], 1, 'damaged', 'failed'],
    ['a store is away for a while', [75, 0], 2, 'success', 'succeeded'],
    ['a store stays away', [75], 4, 'failed', 'failed'],
    ['nobody lets it in', [78], 1, 'failed', 'failed'],
    ['it was killed', [137], 1, 'failed', 'failed'],
  ] as const)('%s', async (_, codes, count, outcome, ended) => {
    const { status, containers, metrics, messages } = await execute(
      { container: ends({ verify: codes }) },
      FULL_READ_INPUT,
    );
    expect([status, metrics]).toEqual([ended, [`postgresql ${outcome}`]]);
    expect(containers.map(({ role, command }) => [role, ...command])).toEqual(
      Array.from({ length: count }, () => ['role/verifier', ...FULL_READ_INPUT.fullRead]),
    );
    expect(messages.map(({ subject }) => subject)).toEqual(
      outcome === 'success' ? [] : [`Backup of postgresql: ${outcome}`],
    );
  });

  test('of what a host backs up runs in a container all the same', async () => {
    const { host } = HOST_INPUT;
    const { status, containers, commands: sent } = await execute({ container: () => 0 }, { ...FULL_READ_INPUT, host });
    expect([status, containers.length, sent]).toEqual(['succeeded', 1, []]);
  });

  test('of the same time as a run is another start, and is delivered once', async () => {
    const claimed = new Set<string>();
    const count = async (input: object) => (await execute({ container: () => 0, claimed }, input)).containers.length;
    expect([await count(INPUT), await count(FULL_READ_INPUT), await count(FULL_READ_INPUT)]).toEqual([2, 1, 0]);
  });
});

describe('a test restore', () => {
  test.each([
    ['the backup is good', [0], 1, 'success', 'succeeded'],
    ['it is good, and something is to be said', [3], 1, 'degraded', 'succeeded'],
    ['it is stale, damaged, or answers wrongly', [4], 1, 'damaged', 'failed'],
    ['a store is away for a while', [75, 0], 2, 'success', 'succeeded'],
    ['a store stays away', [75], 4, 'failed', 'failed'],
    ['no such server is there', [78], 1, 'failed', 'failed'],
    ['it was killed', [137], 1, 'failed', 'failed'],
  ] as const)('%s', async (_, codes, count, outcome, ended) => {
    const { status, containers, metrics, messages } = await execute(
      { container: ends({ 'test-restore': codes }) },
      TEST_RESTORE_INPUT,
    );
    expect([status, metrics]).toEqual([ended, [`postgresql ${outcome}`]]);
    expect(containers).toEqual(
      Array.from({ length: count }, () => ({
        role: 'role/restorer',
        command: TEST_RESTORE_INPUT.testRestore,
        environment: { HYPDR_SECRETS: 'aws', HYPDR_RECORD_KEY: `awskms:///${NAMES.recordKey}` },
        size: ['4096', '16384', 100],
      })),
    );
    expect(messages.map(({ subject }) => subject)).toEqual(
      outcome === 'success' ? [] : [`Backup of postgresql: ${outcome}`],
    );
  });

  test('only it and a full re-read are told of the key', async () => {
    const told = async (input: object) =>
      (await execute({ container: () => 0 }, input)).containers.map(
        ({ environment }) => 'HYPDR_RECORD_KEY' in environment,
      );
    expect(await told(INPUT)).toEqual([false, false]);
    expect(await told(FULL_READ_INPUT)).toEqual([true]);
    expect(await told({ ...INPUT, command: 'prune' })).toEqual([false]);
  });

  describe('of what may be archived', () => {
    const roles = (containers: readonly Container[]) =>
      containers.map(({ role, command: [name] }) => `${name} ${role}`);

    test.each([
      ['it can be read at once', { thaw: [0] }, ['thaw', 'test-restore'], 'success'],
      ['it comes after a while', { thaw: [75, 75, 0] }, ['thaw', 'thaw', 'thaw', 'test-restore'], 'success'],
      ['it never comes: three days of looks', { thaw: [75] }, Array<string>(145).fill('thaw'), 'failed'],
      ['who asks has no right to', { thaw: [78] }, ['thaw'], 'failed'],
      [
        'the restore is tried again, and only so often',
        { 'test-restore': [75] },
        Array<string[]>(4).fill(['thaw', 'test-restore']).flat(),
        'failed',
      ],
    ] as const)('%s', async (_, codes, expected, outcome) => {
      const { containers, metrics, messages } = await execute({ container: ends(codes) }, ARCHIVED_INPUT);
      expect(commands(containers)).toEqual(expected);
      expect([metrics, messages.length]).toEqual([[`postgresql ${outcome}`], outcome === 'success' ? 0 : 1]);
    });

    test('who asks for it is another identity, without the key of records', async () => {
      const { containers } = await execute({ container: () => 0 }, ARCHIVED_INPUT);
      expect(roles(containers)).toEqual(['thaw role/thawer', 'test-restore role/restorer']);
      expect(containers[0]?.environment).toEqual({ HYPDR_SECRETS: 'aws' });
    });

    test('what is not archived is not asked for, and a shard without any has no such state', async () => {
      expect(commands((await execute({ container: () => 0 }, TEST_RESTORE_INPUT)).containers)).toEqual([
        'test-restore',
      ]);
      expect(JSON.stringify(renderTaskMachine({ ...NAMES, thaws: false }))).not.toMatch(/Thaw|thaw/);
    });
  });

  test('of a shard without any is no state', () => {
    const states = JSON.stringify(renderTaskMachine({ ...NAMES, recordKey: undefined, testRestores: undefined }));
    expect(states).not.toMatch(/TestRestore|HYPDR_RECORD_KEY/);
  });
});

describe.each([
  ['cannot be pulled', 'not pulled'],
  ['is killed when the task is through', 137],
  ['ends well', 0],
] as const)('beside an agent that %s, and stands first', (_, agent) => {
  const PRUNE_INPUT = { ...INPUT, command: 'prune', type: '' };
  test.each([
    ['a backup', INPUT, 'succeeded', 'postgresql success'],
    ['a copy', COPY_INPUT, 'succeeded', 'postgresql success'],
    ['a full re-read', FULL_READ_INPUT, 'succeeded', 'postgresql success'],
    ['a test restore', TEST_RESTORE_INPUT, 'succeeded', 'postgresql success'],
    ['a test restore of what was archived', ARCHIVED_INPUT, 'succeeded', 'postgresql success'],
    ['pruning', PRUNE_INPUT, 'succeeded', 'postgresql success'],
  ] as const)('%s that went well is a success', async (__, input, status, metric) => {
    const made = await execute({ container: () => 0, agent }, input);
    expect([made.status, made.metrics, made.messages]).toEqual([status, [metric], []]);
  });

  test('the code that decides is that of the runner', async () => {
    const outcomeOf = async (codes: Readonly<Record<string, readonly number[]>>, input: object = INPUT) => {
      const { status, metrics } = await execute({ container: ends(codes), agent }, input);
      return [status, ...metrics];
    };
    expect(await outcomeOf({ backup: [5] })).toEqual(['failed', 'postgresql overlap']);
    expect(await outcomeOf({ backup: [3] })).toEqual(['succeeded', 'postgresql degraded']);
    expect(await outcomeOf({ backup: [75, 0] })).toEqual(['succeeded', 'postgresql success']);
    expect(await outcomeOf({ verify: [4] })).toEqual(['failed', 'postgresql damaged']);
    expect(await outcomeOf({ backup: [3], verify: [4] })).toEqual(['failed', 'postgresql damaged']);
    expect(await outcomeOf({ prune: [75] }, PRUNE_INPUT)).toEqual(['failed', 'postgresql failed']);
  });

  test('a runner without a code has failed, whatever the agent says', async () => {
    for (const container of [() => GONE, ends({ verify: [GONE] })]) {
      const { status, metrics } = await execute({ container, agent });
      expect([status, metrics]).toEqual(['failed', ['postgresql failed']]);
    }
  });

  test('a task that never came up is tried again', async () => {
    const { status, containers } = await execute({ container: ends({ backup: [NEVER, 0] }), agent });
    expect([status, commands(containers).slice(0, 2)]).toEqual(['succeeded', ['backup', 'backup']]);
  });
});
