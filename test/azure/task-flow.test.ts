import { coldPlan, shard } from './contoso';
import { flowOf, runFlow } from './flow';
import type { Answer, FlowRun, Requested } from './flow';

/** The Logic Apps of the template themselves, run against an Azure that answers as it is told. */
const { template } = shard();
const { template: cold } = shard(coldPlan);

/** How an execution ends; `undefined`: the service does not say the exit code. */
interface Execution {
  readonly status?: string;
  readonly code?: number | undefined;
  /** How often it is still running when somebody looks. */
  readonly running?: number;
}
const ends = (code: number): Execution => (code === 0 ? { status: 'Succeeded' } : { status: 'Failed', code });

interface HostJob {
  readonly at: number;
  readonly until: number;
  readonly status: string;
  /** @default - whichever is asked for */
  readonly runbook?: string;
}

interface Azure {
  readonly writer?: readonly Execution[];
  readonly verifier?: readonly Execution[];
  readonly pruner?: readonly Execution[];
  readonly restorer?: readonly Execution[];
  readonly thawer?: readonly Execution[];
  /** Jobs of Automation, by how many minutes after the slot they are there. */
  readonly hosts?: readonly HostJob[];
  /** Requests that fail, by their number from 0. */
  readonly broken?: readonly number[];
  readonly refused?: RegExp;
  /** When the schedules of hosts begin. @default - long ago */
  readonly firstStart?: string;
  /** Starts are taken, and no execution is named. */
  readonly nameless?: boolean;
}

const RESTORE = 'ledger-test-restore';
const SLOT = '2026-12-01T22:12:03Z';

function run(
  name: string,
  azure: Azure,
  started = SLOT,
  from = template,
): FlowRun & { readonly started: readonly string[] } {
  const begun: Record<string, number> = {};
  const looks = new Map<string, number>();
  let count = -1;
  const answer = ({ method, uri }: Requested, now: Date): Answer => {
    count += 1;
    if (azure.broken?.includes(count) || azure.refused?.test(uri)) return { ok: false };
    if (uri.includes('/jobs?$filter')) {
      const minutes = (now.getTime() - Date.parse(started)) / 60_000;
      const [, asked = ''] = /runbook\/name%20eq%20'([^']+)'/.exec(uri) ?? [];
      const value = (azure.hosts ?? [])
        .filter(({ at, runbook = asked }) => at <= minutes && runbook === asked)
        .map(({ at, until, status }) => ({
          properties: {
            creationTime: new Date(Date.parse(started) + at * 60_000).toISOString(),
            status: until <= minutes ? status : 'Running',
          },
        }));
      return { ok: true, body: { value } };
    }
    const [, job = ''] = /task_\w+?_(writer|verifier|pruner|restorer|thawer)_/.exec(uri) ?? [];
    if (method === 'POST') {
      begun[job] = (begun[job] ?? 0) + 1;
      if (azure.nameless) return { ok: true, status: 202 };
      return { ok: true, body: { name: `${job}-${begun[job]}` } };
    }
    const [, execution = '', number = ''] =
      /executions\/((?:writer|verifier|pruner|restorer|thawer)-(\d+))\?/.exec(uri) ?? [];
    const { status = 'Succeeded', code, running = 1 } = azure[job as 'writer']?.[Number(number) - 1] ?? ends(0);
    const seen = looks.get(execution) ?? 0;
    looks.set(execution, seen + 1);
    if (seen < running) return { ok: true, body: { properties: { status: 'Running' } } };
    // No stable version says it.
    const isSaid = code !== undefined && uri.includes('2025-10-02-preview');
    const detailedStatus = !isSaid ? undefined : { replicas: [{ containers: [{ name: 'runner', code }] }] };
    return { ok: true, body: { properties: { status, detailedStatus } } };
  };
  const result = runFlow(flowOf(from, name, azure.firstStart), { started, ask: answer });
  const posts = result.requests.filter(({ method }) => method === 'POST');
  return {
    ...result,
    started: posts.map(({ uri }) => /_(writer|verifier|pruner|restorer|thawer)_/.exec(uri)?.[1] ?? uri),
  };
}

describe('a backup', () => {
  test('that works is verified, by another job', () => {
    const { status, started, requests } = run('ledger-full', {});
    expect([status, started]).toEqual(['Succeeded', ['writer', 'verifier']]);
    const [backup, verify] = requests.filter(({ method }) => method === 'POST');
    // What replaces a job's container has to say all of it.
    expect(backup?.body).toEqual({
      containers: [
        {
          name: 'runner',
          image: '${var.container_image}',
          resources: { cpu: 2, memory: '4Gi' },
          env: [
            { name: 'AZURE_CLIENT_ID', value: expect.stringContaining('task_ledger_writer_identity') },
            { name: 'AZURE_TOKEN_CREDENTIALS', value: 'prod' },
            { name: 'HYPDR_SECRETS', value: 'azure' },
            { name: 'HYPDR_KEY_VAULT_URL', value: '${local.secrets_vault_url}' },
          ],
          args: [
            'backup',
            '--task',
            expect.stringMatching(/^azblob:\/\/contosobackups\/hypdr-tasks\/tasks\/[0-9a-f]{64}\.json$/),
            ...['--type', 'full', '--slot', '20261201T221200Z', '--metrics', 'log'],
          ],
        },
      ],
    });
    expect(verify?.body).toBeUndefined();
  });

  test.each([
    ['degraded', 3, 'Degraded'],
    ['overlaps with another', 5, 'Overlap'],
    ['will not work until somebody changes something', 78, 'Failed'],
    ['is a bug', 1, 'Failed'],
  ])('that is %s is not tried again, is verified, and is told', (_, code, word) => {
    const { status, error, started } = run('ledger-full', { writer: [ends(code)] });
    expect([status, started]).toEqual(['Failed', ['writer', 'verifier']]);
    expect(error?.code).toBe(word);
    expect(error?.message).toBe(
      `full backup of ledger, planned for 20261201T221200Z: exit codes backup ${code}, verify 0`,
    );
  });

  test('that may work in a while is tried again, under the same slot, after a pause', () => {
    const { status, started, minutes, requests } = run('ledger-full', { writer: [ends(75), ends(75), ends(0)] });
    expect([status, started]).toEqual(['Succeeded', ['writer', 'writer', 'writer', 'verifier']]);
    expect(minutes).toBeGreaterThanOrEqual(10);
    const slots = requests.flatMap(({ body }) => JSON.stringify(body ?? '').match(/\d{8}T\d{6}Z/g) ?? []);
    expect(new Set(slots)).toEqual(new Set(['20261201T221200Z']));
  });

  test('that never works is given up after four tries, and what is there is verified', () => {
    const { status, error, started } = run('ledger-full', { writer: [75, 75, 75, 75, 0].map(ends) });
    expect(started).toEqual(['writer', 'writer', 'writer', 'writer', 'verifier']);
    expect([status, error?.code]).toEqual(['Failed', 'Failed']);
    expect(error?.message).toContain('backup 75');
  });

  test('of which the service says no exit code is verified, and told', () => {
    const { status, error, started } = run('ledger-full', { writer: [{ status: 'Failed' }] });
    expect([status, started]).toEqual(['Failed', ['writer', 'verifier']]);
    expect(error?.message).toContain('backup -1');
  });

  test('that was stopped although its container ended with 0 is no success', () => {
    expect(run('ledger-full', { writer: [{ status: 'Stopped', code: 0 }] }).status).toBe('Failed');
  });

  test('of another try is not judged by the exit code of the one before', () => {
    const { error, started } = run('ledger-full', { writer: [ends(75), { status: 'Failed' }] });
    expect(started).toEqual(['writer', 'writer', 'verifier']);
    expect(error?.message).toContain('backup -1');
  });

  test('that cannot be started is told, and the rest verified', () => {
    const { status, started, error } = run('ledger-full', { refused: /writer_\w+\.id\}\/start/ });
    expect([status, started]).toEqual(['Failed', ['writer', 'verifier']]);
    expect(error?.message).toContain('backup -1, verify 0');
  });

  test('that was taken and has no name is told at once, and not waited for', () => {
    const { status, minutes } = run('ledger-full', { nameless: true });
    expect([status, minutes < 10]).toEqual(['Failed', true]);
  });

  test('is waited for, through looks that fail', () => {
    const { status, minutes } = run('ledger-full', {
      writer: [{ status: 'Succeeded', running: 100 }],
      broken: [2, 3, 9],
    });
    expect(status).toBe('Succeeded');
    expect(minutes).toBeGreaterThan(50);
  });

  test('whose verification finds damage is told', () => {
    const { status, error } = run('ledger-full', { verifier: [ends(4)] });
    expect([status, error?.message.split(': ')[1]]).toEqual(['Failed', 'exit codes backup 0, verify 4']);
  });

  test('whose store is out of reach for a while is verified when it is back', () => {
    const { status, started } = run('ledger-full', { verifier: [ends(75), ends(0)] });
    expect([status, started]).toEqual(['Succeeded', ['writer', 'verifier', 'verifier']]);
  });
});

describe('a run of one day of the month', () => {
  test.each([
    ['ledger-full', '2026-12-01T22:12:00Z', 'Succeeded'],
    ['ledger-full', '2026-12-02T22:12:00Z', 'Cancelled'],
    ['ledger-differential', '2026-12-01T22:12:00Z', 'Cancelled'],
    ['ledger-differential', '2026-12-02T22:12:00Z', 'Succeeded'],
    // London is an hour ahead in summer: there it is the first day already, or still.
    ['ledger-full', '2026-06-30T23:30:00Z', 'Succeeded'],
    ['ledger-full', '2026-07-01T23:30:00Z', 'Cancelled'],
  ])('%s at %s: %s', (name, started, status) => {
    const { requests, ...result } = run(name, {}, started);
    expect(result.status).toBe(status);
    expect(requests.length > 0).toBe(status === 'Succeeded');
  });
});

describe('a test restore', () => {
  const restore = (restorer: readonly Execution[]) => run(RESTORE, { restorer }, '2026-12-06T07:12:03Z');

  test('is the work of the restorer, with the slot of its start', () => {
    const { status, started, requests } = restore([ends(0)]);
    expect([status, started]).toEqual(['Succeeded', ['restorer']]);
    const [start] = requests.filter(({ method }) => method === 'POST');
    const [container] = (start?.body as { containers: { args: string[]; env: unknown; resources: unknown }[] })
      .containers;
    expect(container?.args.slice(0, 5)).toEqual([
      ...['test-restore', '--task', expect.stringMatching(/^azblob:/), '--slot', '20261206T071200Z'],
    ]);
    expect(container?.args.slice(5, 7)).toEqual(['--metrics', 'log']);
    expect(container?.env).toContainEqual({ name: 'HYPDR_RECORD_KEY', value: '${local.record_key}' });
    expect(container?.resources).toEqual({ cpu: 4, memory: '8Gi' });
  });

  test.each([
    [3, 'Degraded'],
    [4, 'Failed'],
    [78, 'Failed'],
  ])('that ends with %s is not tried again, and is told', (code, word) => {
    const { status, started, error } = restore([ends(code)]);
    expect([status, started, error?.code]).toEqual(['Failed', ['restorer'], word]);
    expect(error?.message).toContain(`exit codes test_restore ${code}`);
  });

  test('that waits for a store or a thaw is tried again', () => {
    expect(restore([ends(75), ends(0)])).toMatchObject({ status: 'Succeeded', started: ['restorer', 'restorer'] });
    expect(restore([ends(75), ends(75), ends(75), ends(75)]).started).toHaveLength(4);
  });
});

describe('a test restore of what may be archived', () => {
  const restore = (azure: Azure) => run(RESTORE, azure, '2026-12-06T07:12:03Z', cold);
  const looks = (count: number, ...codes: readonly number[]) => [...Array<number>(count).fill(75), ...codes].map(ends);

  test('is what is asked for first, by a job of its own', () => {
    const { status, started, requests, minutes } = restore({});
    expect([status, started]).toEqual(['Succeeded', ['thawer', 'restorer']]);
    expect(minutes).toBeLessThan(10);
    const [thaw] = requests.filter(({ method }) => method === 'POST');
    expect(thaw?.body).toBeUndefined();
    const jobs = cold.resource?.azurerm_container_app_job ?? {};
    const [job] = Object.entries(jobs).filter(([id]) => id.includes('ledger_thawer'));
    expect(job?.[1]).toMatchObject({
      name: 'b-ledger-thawer',
      template: {
        container: [
          {
            args: [
              ...['thaw', '--task', expect.stringMatching(/^azblob:/)],
              ...['--store', expect.any(String), '--store', expect.any(String)],
            ],
          },
        ],
      },
    });
  });

  test('is waited for in between, for half an hour each time', () => {
    const { status, started, minutes } = restore({ thawer: looks(30, 0) });
    expect(status).toBe('Succeeded');
    expect(started).toEqual([...Array<string>(31).fill('thawer'), 'restorer']);
    expect(minutes).toBeGreaterThanOrEqual(30 * 30);
    expect(minutes).toBeLessThan(30 * 33);
  });

  test('is given up after three days, and nothing is restored', () => {
    const { status, started, minutes, error } = restore({ thawer: looks(200) });
    expect([status, new Set(started)]).toEqual(['Failed', new Set(['thawer'])]);
    expect(minutes / 60).toBeGreaterThanOrEqual(72);
    // Without the time that the jobs themselves take.
    expect(started.length * 30).toBeLessThanOrEqual(72.5 * 60);
    expect(error).toEqual({
      code: 'Failed',
      message: 'test restore of ledger, planned for 20261206T071200Z: exit codes test_restore -1, thaw 75',
    });
  });

  test.each([78, 4, 1])('that nobody may thaw, or has nothing to read, is told at once: %s', (code) => {
    const { status, started, error } = restore({ thawer: [ends(code)] });
    expect([status, started, error?.message.split(': ')[1]]).toEqual([
      'Failed',
      ['thawer'],
      `exit codes test_restore -1, thaw ${code}`,
    ]);
  });

  test('is told by how the restore ended', () => {
    const degraded = restore({ thawer: looks(1, 0), restorer: [ends(3)] });
    expect([degraded.status, degraded.error?.code]).toEqual(['Failed', 'Degraded']);
    expect(restore({ restorer: [ends(75), ends(0)] }).started).toEqual(['thawer', 'restorer', 'restorer']);
  });

  test('and nobody else has that job', () => {
    const jobs = (one: typeof cold) =>
      Object.keys(one.resource?.azurerm_container_app_job ?? {}).filter((id) => id.includes('thawer'));
    expect([jobs(cold).length, jobs(template).length]).toEqual([1, 0]);
  });
});

describe('a run of logs', () => {
  test('has its slot on its minute', () => {
    const { requests } = run('shop-log', {}, '2026-12-01T10:14:00.123Z');
    expect(JSON.stringify(requests[0]?.body)).toContain('20261201T101400Z');
  });
});

describe('a run that a host starts', () => {
  const full = 'erp-full';
  test('is waited for, and verified', () => {
    const { status, started, minutes } = run(full, { hosts: [{ at: 1, until: 90, status: 'Completed' }] });
    expect([status, started]).toEqual(['Succeeded', ['verifier']]);
    expect(minutes).toBeGreaterThan(90);
  });

  test.each(['Failed', 'Suspended', 'Stopped'])('that %s is verified all the same, and told', (word) => {
    const { status, started, error } = run(full, { hosts: [{ at: 0, until: 5, status: word }] });
    expect([status, started]).toEqual(['Failed', ['verifier']]);
    expect(error?.message).toBe('full backup of erp, planned for 20261201T221200Z: exit codes backup -1, verify 0');
  });

  test('that never came is told within an hour', () => {
    const { status, started, minutes } = run(full, { hosts: [] });
    expect([status, started]).toEqual(['Failed', ['verifier']]);
    expect(minutes).toBeLessThan(60);
  });

  test('is not the one of an hour before', () => {
    expect(run(full, { hosts: [{ at: -60, until: -50, status: 'Completed' }] }).status).toBe('Failed');
  });

  test('is not one of another type that the same host has at that time', () => {
    const log = { at: 1, until: 2, status: 'Completed', runbook: 'backup-erp-log' };
    expect(run(full, { hosts: [log] }).status).toBe('Failed');
    const own = { at: 2, until: 60, status: 'Completed', runbook: 'backup-erp-full' };
    const { status, minutes } = run(full, { hosts: [log, own] });
    expect([status, minutes > 60]).toEqual(['Succeeded', true]);
  });

  test('has ended when all of the runbook since its slot have', () => {
    const hosts = [
      { at: 0, until: 10, status: 'Completed' },
      { at: 2, until: 40, status: 'Completed' },
    ];
    const { status, minutes } = run(full, { hosts });
    expect(status).toBe('Succeeded');
    expect(minutes).toBeGreaterThan(40);
  });

  test.each([
    ['2026-12-03T22:12:00Z', 'Cancelled', []],
    ['2026-12-01T22:13:00Z', 'Cancelled', []],
    // The first one itself is due.
    ['2026-12-01T22:12:00Z', 'Failed', ['verifier']],
  ])('that never came before schedules begin at %s: %s', (firstStart, expected, jobs) => {
    const { status, started } = run(full, { hosts: [], firstStart });
    expect([status, started]).toEqual([expected, jobs]);
  });

  test('that somebody started by hand before the schedules begin is looked at', () => {
    const by = (status: string) => ({
      hosts: [{ at: 1, until: 90, status }],
      firstStart: '2026-12-03T22:12:00Z',
    });
    expect(run(full, by('Completed'))).toMatchObject({ status: 'Succeeded', started: ['verifier'] });
    expect(run(full, by('Failed'))).toMatchObject({ status: 'Failed', started: ['verifier'] });
  });

  test('is looked at again where Automation does not answer', () => {
    const { status } = run(full, { hosts: [{ at: 0, until: 5, status: 'Completed' }], broken: [0, 1] });
    expect(status).toBe('Succeeded');
  });
});

describe('pruning', () => {
  test('is one job', () => {
    const { status, started } = run('ledger-prune', {});
    expect([status, started]).toEqual(['Succeeded', ['pruner']]);
  });
  test('that keeps more than it should is told', () => {
    expect(run('ledger-prune', { pruner: [ends(3)] }).error?.code).toBe('Degraded');
  });
});

describe('a full re-read', () => {
  test('is the job of the verifier, told to read everything', () => {
    const { status, started, requests } = run('ledger-verify', {});
    expect([status, started]).toEqual(['Succeeded', ['verifier']]);
    const [container] = (requests[0]?.body as { containers: { args: string[]; env: object[] }[] }).containers;
    expect(container?.args.slice(0, 3)).toEqual(['verify', '--full', '--task']);
    expect(container?.args).toContain('--store');
    expect(JSON.stringify(container?.env)).toContain('task_ledger_verifier_identity');
  });

  test('of what a host backs up is a job as well', () => {
    expect(run('erp-verify', {}).started).toEqual(['verifier']);
  });

  test.each([
    ['damage that was read once is damage', 4, 'Failed'],
    ['nothing is damaged, and something lacks', 3, 'Degraded'],
    ['nobody lets it in', 78, 'Failed'],
  ])('%s: it is told, and not tried again', (_, code, word) => {
    const { status, error, started } = run('ledger-verify', { verifier: [ends(code)] });
    expect([status, error?.code, started]).toEqual(['Failed', word, ['verifier']]);
    expect(error?.message).toMatch(new RegExp(`^full re-read of ledger, .*: exit codes verify ${code}$`));
  });

  test('that may work in a while is tried again', () => {
    expect(run('ledger-verify', { verifier: [ends(75), ends(0)] }).started).toEqual(['verifier', 'verifier']);
  });

  test('is waited for as long as it may take', () => {
    const { status, minutes } = run('ledger-verify', { verifier: [{ status: 'Succeeded', running: 2200 }] });
    expect(status).toBe('Succeeded');
    expect(minutes).toBeGreaterThan(18 * 60);
  });
});

test('actions are made in an order in which each finds those that it waits for', () => {
  const actions = template.resource?.azurerm_logic_app_action_custom ?? {};
  for (const [id, body] of Object.entries(actions)) {
    const { runAfter } = JSON.parse(String(body.body)) as { readonly runAfter: Readonly<Record<string, unknown>> };
    const [before] = (body.depends_on ?? []) as readonly string[];
    const name = before === undefined ? undefined : actions[before.split('.')[1] ?? '']?.name;
    expect([id, Object.keys(runAfter)]).toEqual([id, name === undefined ? [] : [name]]);
  }
});

test('a Logic App asks Azure as the starter of its shard', () => {
  for (const body of Object.values(template.resource?.azurerm_logic_app_action_custom ?? {})) {
    const asked = String(body.body).match(/"type":"Http"/g)?.length ?? 0;
    const asStarter =
      /"authentication":\{"type":"ManagedServiceIdentity","identity":"\$\{azurerm_user_assigned_identity\.starter_/g;
    expect(String(body.body).match(asStarter)?.length ?? 0).toBe(asked);
  }
});
