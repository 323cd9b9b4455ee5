import { resources } from '../../terraform/synth-stack';
import { flowOf, runFlow } from '../flow';
import type { FlowRun } from '../flow';
import { Cloud } from './cloud';
import type { CloudProps, ScriptEnd } from './cloud';
import { cold, hot, replica, warm } from './fixture';
import type { Made } from './fixture';

/** The Logic Apps of the templates themselves, run against an Azure that answers as it is told. */
const sites = { hot: hot(), warm: warm(), cold: cold(), replica: replica() };

const STARTED = '2026-12-01T10:00:00Z';
const GRANTED = 'granted 3 1790000000\n';

interface Ran extends FlowRun {
  readonly cloud: Cloud;
}

function run(
  { site, stack }: Made,
  sent: unknown,
  { flow = 'activation', ...props }: CloudProps & { readonly flow?: string } = {},
): Ran {
  const word = flow === 'activation_deactivate' ? 'deactivate' : 'activate';
  const said = { [`requests/${word}.json`]: { at: STARTED, ...(sent as object) } };
  const cloud = new Cloud({ ...props, blobs: { [`lease/${site.name}`]: GRANTED, ...said, ...props.blobs } });
  const result = runFlow(flowOf(stack.template, flow), { started: STARTED, ask: cloud.ask });
  return { ...result, cloud };
}

/** One script ends so, and all others succeed. */
const only =
  (word: string, end: ScriptEnd) =>
  (script: string): ScriptEnd =>
    script.includes(`hypdr-standby ${word}`) ? end : { state: 'Succeeded', output: '{}' };

const state = (status: string, more: object = {}) => ({
  'records/state.json': { status, run: 'another', until: '2026-12-01T12:00:00Z', ...more },
});

describe('a person who writes the name of the site', () => {
  test('has a standby promoted once the primary has lost its lease, machines started and the name given', () => {
    const { status, cloud, minutes } = run(sites.hot, { confirm: 'hot' }, { capacity: 4 });
    expect(status).toBe('Succeeded');
    expect(cloud.did).toEqual([
      'state announced',
      'state activating',
      'able_1',
      'lease revoked 4',
      'start',
      'promote_1',
      // That it is promoted.
      'state activating',
      'name Enabled',
      'primary Disabled',
      'autoscale true',
      'state active',
    ]);
    // The lease of a minute, and what two clocks may differ.
    expect(minutes * 60).toBeGreaterThanOrEqual(100);
    const [record] = cloud.records;
    expect(record).toMatchObject({
      trigger: 'manual_activation',
      began: '2026-12-01T10:00:00.000Z',
      succeeded: true,
      estimatedSeconds: 1800,
      machines: { able_1: '{}', promote_1: '{}' },
    });
    const steps = record?.steps as { step: string; seconds: number }[];
    expect(steps.map(({ step }) => step)).toEqual(['begun', 'able', 'fenced', 'promoted', 'scaled', 'ready']);
    expect(steps.map(({ seconds }) => seconds)).toEqual(steps.map(({ seconds }) => seconds).sort((a, b) => a - b));
  });

  test('starts as many machines as the site has when it is active, and never fewer than there are', () => {
    expect(run(sites.warm, { confirm: 'warm' }, { capacity: 0 }).cloud.did).toContain('scale 2');
    const { cloud } = run(sites.warm, { confirm: 'warm' }, { capacity: 5 });
    expect(cloud.did.filter((one) => one.startsWith('scale'))).toEqual([]);
    expect(cloud.capacity).toBe(5);
  });

  test('has the machine of a site that sleeps started, and the newest backup restored into it', () => {
    const scripts: string[] = [];
    const { status, cloud } = run(
      sites.cold,
      { confirm: 'cold' },
      {
        on: false,
        scripts: (script) => {
          scripts.push(script);
          return { state: 'Succeeded' };
        },
      },
    );
    expect(status).toBe('Succeeded');
    expect(cloud.did).toEqual(
      expect.arrayContaining(['lease revoked 4', 'start', 'promote_1', 'scale 1', 'state active']),
    );
    expect(scripts).toEqual([expect.stringContaining("hypdr-site-restore activate 'cold'")]);
    expect(cloud.on).toBe(true);
  });

  test('has a replica promoted, and one that is promoted already is left alone', () => {
    const { status, cloud } = run(sites.replica, { confirm: 'replica' }, { capacity: 2, role: 'AsyncReplica' });
    expect([status, cloud.role]).toEqual(['Succeeded', 'Primary']);
    expect(run(sites.replica, { confirm: 'replica' }, { capacity: 2, role: 'Primary' }).cloud.did).not.toContain(
      'replica',
    );
  });
});

describe('nothing happens', () => {
  test.each([
    ['without a name', {}, {}],
    ['with the name of another', { confirm: 'hot' }, {}],
    ['with a name that was written long ago', { confirm: 'warm', at: '2026-12-01T09:44:59Z' }, {}],
    ['with a name, and nobody knows when it was written', { confirm: 'warm', at: undefined }, {}],
    ['where it is active', { confirm: 'warm' }, { blobs: state('active') }],
    ['while an activation is under way', { confirm: 'warm' }, { blobs: state('activating') }],
    ['while it goes to sleep', { confirm: 'warm' }, { blobs: state('leaving') }],
    ['where somebody stopped one, until it is set back', { confirm: 'warm' }, { blobs: state('aborted') }],
    ['where nobody can read what is', { confirm: 'warm' }, { broken: /GET .*state[.]json/ }],
    [
      'where somebody else begins in the same moment',
      { confirm: 'warm' },
      {
        meanwhile: (cloud: Cloud, _: Date, { method, uri }: { method: string; uri: string }) => {
          if (method === 'PUT' && uri.endsWith('state.json'))
            cloud.write('records/state.json', { status: 'announced' });
        },
      },
    ],
    [
      'where somebody else begins in the same moment, after an activation before',
      { confirm: 'warm' },
      {
        blobs: state('sleeping'),
        meanwhile: (cloud: Cloud, _: Date, { method, uri }: { method: string; uri: string }) => {
          if (method === 'PUT' && uri.endsWith('state.json'))
            cloud.write('records/state.json', { status: 'announced' });
        },
      },
    ],
  ])('%s', (_, sent, props: CloudProps) => {
    const { status, cloud } = run(sites.warm, sent, props);
    expect([status, cloud.did, cloud.records]).toEqual(['Failed', [], []]);
  });

  test('beyond an activation that never ended: the next may begin', () => {
    const old = state('activating', { until: '2026-11-30T00:00:00Z' });
    expect(run(sites.warm, { confirm: 'warm' }, { blobs: old, capacity: 2 }).status).toBe('Succeeded');
  });
});

describe('what a watch asked for', () => {
  const asked = { confirm: 'hot', trigger: 'primary_site_unreachable' };

  test('waits for whoever knows better', () => {
    const { status, minutes } = run(sites.hot, asked, { capacity: 4 });
    expect(status).toBe('Succeeded');
    expect(minutes).toBeGreaterThanOrEqual(5);
  });

  test('is stopped by the twin, before the primary lost anything', () => {
    const twin = flowOf(sites.hot.stack.template, 'activation_deactivate');
    let said = false;
    const { status, cloud } = run(sites.hot, asked, {
      capacity: 4,
      meanwhile: (one, now) => {
        if (said || now.getTime() < Date.parse(STARTED) + 120_000) return;
        said = true;
        one.write('requests/deactivate.json', { confirm: 'hot', at: now.toISOString() });
        const stopped = runFlow(twin, { started: now.toISOString(), ask: one.ask });
        expect(stopped.status).toBe('Cancelled');
      },
    });
    expect([status, cloud.state]).toEqual(['Failed', 'aborted']);
    expect(cloud.did).toEqual(['state announced', 'state aborted']);
    expect(cloud.blobs.get('lease/hot')?.text).toBe(GRANTED);
  });

  test('is not stopped by an answer that does not come', () => {
    const { status } = run(sites.hot, asked, {
      capacity: 4,
      meanwhile: (cloud, now, { method, uri }) => {
        const isEarly = now.getTime() < Date.parse(STARTED) + 200_000;
        (cloud.props as { broken?: RegExp }).broken =
          isEarly && cloud.state === 'announced' && method === 'GET' && uri.endsWith('state.json') ? /./ : /^never$/;
      },
    });
    expect(status).toBe('Succeeded');
  });
});

describe('a failure is told, and kept', () => {
  test.each([
    ['the standby refuses', { scripts: only('promote', { state: 'Failed', exitCode: 78, output: 'no' }) }, 'fenced'],
    ['the standby never answers', { scripts: only('promote', { state: 'Running' }) }, 'fenced'],
    ['too few machines answer', { healthy: () => 1 }, 'scaled'],
    ['nobody may scale', { broken: /PATCH .*scale_set/ }, 'promoted'],
  ] as const)('%s', (_, props: CloudProps, last) => {
    const { status, cloud, minutes } = run(sites.warm, { confirm: 'warm' }, { capacity: 1, ...props });
    expect([status, cloud.state]).toEqual(['Failed', 'failed']);
    expect(cloud.did).not.toContain('name Enabled');
    expect(cloud.records).toMatchObject([{ succeeded: false }]);
    expect((cloud.records[0]?.steps as { step: string }[]).at(-1)?.step).toBe(last);
    // The spec gives it an hour: nothing is waited for beyond that.
    expect(minutes).toBeLessThan(63);
  });

  test('a machine gives up a minute before its flow does, and what it said last is in the record', () => {
    const end = { state: 'Failed', exitCode: 75, output: 'a copy', error: ' is under way' } as const;
    const scripts: string[] = [];
    const { cloud } = run(
      sites.warm,
      { confirm: 'warm' },
      {
        capacity: 1,
        scripts: (script) => {
          scripts.push(script);
          return only('promote', end)(script);
        },
      },
    );
    // Of an hour the lease took a hundred seconds.
    const [, seconds] = /"[$]SECONDS" -lt (\d+) [\]]/.exec(scripts.at(-1) ?? '') ?? [];
    expect(3600 - Number(seconds)).toBeGreaterThanOrEqual(160);
    expect(3600 - Number(seconds)).toBeLessThan(240);
    expect(cloud.records[0]?.machines).toMatchObject({ promote_1: 'a copy is under way' });
  });

  test('a primary that stays in the name is told, and the site has the name all the same', () => {
    const broken = /PATCH .*external_endpoint/;
    const { status, cloud } = run(sites.hot, { confirm: 'hot' }, { capacity: 4, broken });
    expect([status, cloud.state, cloud.did.includes('name Enabled')]).toEqual(['Failed', 'failed', true]);
  });

  test('what could not be promoted takes the lease from nobody', () => {
    const scripts = only('able', { state: 'Failed', exitCode: 78, output: 'rejoin first' });
    const { status, cloud } = run(sites.warm, { confirm: 'warm' }, { capacity: 1, scripts });
    expect([status, cloud.state, cloud.blobs.get('lease/warm')?.text]).toEqual(['Failed', 'failed', GRANTED]);
    expect(cloud.did).not.toContain('promote_1');
  });

  test.each([
    ['Stopped', 'Failed', false],
    ['Dropping', 'Failed', false],
    ['Updating', 'Succeeded', true],
  ])('a replica that the service calls %s: %s', (serverState, expected, promoted) => {
    const asked = { capacity: 2, role: 'AsyncReplica', serverState };
    const { status, cloud } = run(sites.replica, { confirm: 'replica' }, asked);
    expect([status, cloud.role === 'Primary']).toEqual([expected, promoted]);
    expect(cloud.blobs.get('lease/replica')?.text === GRANTED).toBe(!promoted);
  });

  test('a second zone that a location has no room for holds up nothing; a promotion that fails holds up all', () => {
    const asked = { capacity: 2, role: 'AsyncReplica' };
    const { status, cloud } = run(sites.replica, { confirm: 'replica' }, { ...asked, secondZone: false });
    expect([status, cloud.state, cloud.role]).toEqual(['Succeeded', 'active', 'Primary']);
    const failed = run(sites.replica, { confirm: 'replica' }, { ...asked, promotes: false });
    expect([failed.status, failed.cloud.state]).toEqual(['Failed', 'failed']);
    expect(failed.cloud.did.some((one) => one.startsWith('scale') || one.startsWith('highAvail'))).toBe(false);
  });

  test('nothing is promoted where the lease can be neither read nor revoked', () => {
    for (const broken of [/GET .*lease/, /PUT .*lease/]) {
      const { status, cloud } = run(sites.warm, { confirm: 'warm' }, { capacity: 2, broken });
      expect([status, cloud.state, cloud.did.includes('promote_1')]).toEqual(['Failed', 'failed', false]);
    }
  });

  test('a success that took longer than it was said to is told too, and the site serves', () => {
    const late = (_: number, now: Date) => (now.getTime() > Date.parse(STARTED) + 3_585_000 ? 2 : 0);
    const { status, cloud } = run(sites.warm, { confirm: 'warm' }, { capacity: 2, healthy: late });
    expect([status, cloud.state]).toEqual(['Failed', 'active']);
  });

  test('a second try goes on where the first one ended: the lease is revoked once', () => {
    const blobs = { ...state('failed'), 'lease/warm': 'revoked 4 1796000000' };
    const { status, cloud } = run(sites.warm, { confirm: 'warm' }, { capacity: 2, blobs });
    expect([status, cloud.did.some((one) => one.startsWith('lease'))]).toEqual(['Succeeded', false]);
  });
});

describe('the way out', () => {
  const out = (made: Made, sent: unknown, props: CloudProps = {}) =>
    run(made, sent, { flow: 'activation_deactivate', blobs: state('active'), capacity: 4, ...props });

  test('stops the database, gives the name back, and goes back to what the site has asleep; the lease stays revoked', () => {
    const { status, cloud } = out(sites.hot, { confirm: 'hot' });
    expect(status).toBe('Succeeded');
    expect(cloud.did).toEqual([
      ...['state leaving', 'stop_1', 'stop_2', 'state leaving', 'primary Enabled', 'name Disabled'],
      ...['autoscale true', 'scale 4', 'state sleeping'],
    ]);
  });

  test('gives the primary the lease once the name is not here any more', () => {
    const blobs = { ...state('active'), 'lease/hot': 'revoked 4 1796000000' };
    const { cloud } = out(sites.hot, { confirm: 'hot', lease: 'grant' }, { blobs });
    expect(cloud.did.slice(0, 7)).toEqual([
      ...['state leaving', 'stop_1', 'stop_2', 'state leaving', 'primary Enabled', 'name Disabled', 'lease granted 5'],
    ]);
  });

  test('gives the name back also where the lease cannot be given', () => {
    const blobs = { ...state('active'), 'lease/hot': 'revoked 4 1796000000' };
    const { status, cloud } = out(sites.hot, { confirm: 'hot', lease: 'grant' }, { blobs, broken: /PUT .*lease\/hot/ });
    expect([status, cloud.did.filter((one) => /^(name|primary|lease)/.test(one))]).toEqual([
      'Failed',
      ['primary Enabled', 'name Disabled'],
    ]);
  });

  test('has each machine leave by its own program, which knows whether it was promoted', () => {
    const scripts: string[] = [];
    const heard = (script: string) => {
      scripts.push(/^ +(\S+ leave) /m.exec(script)?.[1] ?? '');
      return { state: 'Succeeded' } as const;
    };
    out(sites.hot, { confirm: 'hot' }, { scripts: heard });
    out(sites.cold, { confirm: 'cold' }, { scripts: heard });
    const [standby, restored] = ['hypdr-standby', 'hypdr-site-restore'].map((one) => `/usr/local/sbin/${one} leave`);
    expect(scripts).toEqual([standby, standby, restored]);
  });

  test.each(['announced', 'leaving'])('does nothing where somebody else wrote %s in the same moment', (status) => {
    const { status: ended, cloud } = out(
      sites.warm,
      { confirm: 'warm', lease: 'grant' },
      {
        meanwhile: (one, _, { method, uri }) => {
          if (method === 'PUT' && uri.endsWith('state.json')) one.write('records/state.json', { status, run: 'other' });
        },
      },
    );
    expect([ended, cloud.did, cloud.state]).toEqual(['Failed', [], status]);
  });

  test('that is late gives no lease, and writes nothing over the activation that has taken over', () => {
    const blobs = { ...state('active'), 'lease/warm': 'revoked 4 1796000000' };
    for (const exitCode of [0, 1]) {
      const { status, cloud } = out(
        sites.warm,
        { confirm: 'warm', lease: 'grant' },
        {
          blobs,
          scripts: () => ({ state: exitCode === 0 ? 'Succeeded' : 'Failed', exitCode }),
          meanwhile: (one, _, { method, uri }) => {
            if (method === 'DELETE' && uri.includes('/runCommands/'))
              one.write('records/state.json', { status: 'activating', run: 'other' });
          },
        },
      );
      expect([status, cloud.state, cloud.did]).toEqual(['Failed', 'activating', ['state leaving', 'stop_1']]);
    }
  });

  test('that was never ended may be taken again, by either', () => {
    const stale = state('leaving', { until: '2026-12-01T09:00:00Z' });
    expect(out(sites.warm, { confirm: 'warm' }, { blobs: stale }).status).toBe('Succeeded');
    expect(run(sites.warm, { confirm: 'warm' }, { capacity: 2, blobs: stale }).status).toBe('Succeeded');
  });

  test('gives the lease back where that is said, once the database is stopped', () => {
    const blobs = { ...state('active'), 'lease/warm': 'revoked 4 1796000000' };
    const { cloud } = out(sites.warm, { confirm: 'warm', lease: 'grant' }, { blobs });
    expect(cloud.did).toEqual([
      ...['state leaving', 'stop_1', 'state leaving', 'lease granted 5', 'scale 2', 'state sleeping'],
    ]);
  });

  test('gives no lease that the primary has: its term stays', () => {
    const { status, cloud } = out(sites.warm, { confirm: 'warm', lease: 'grant' });
    expect([status, cloud.blobs.get('lease/warm')?.text]).toEqual(['Succeeded', GRANTED]);
  });

  test.each(['nothing of ours 4', '', undefined])('gives no lease where %j is the lease', (lease) => {
    const blobs = { ...state('active'), 'lease/warm': lease };
    const { status, cloud } = out(sites.warm, { confirm: 'warm', lease: 'grant' }, { blobs });
    expect([status, cloud.state, cloud.blobs.get('lease/warm')?.text]).toEqual(['Failed', 'failed', lease]);
  });

  test('gives no lease back where the database may still be written to', () => {
    const { status, cloud } = out(
      sites.warm,
      { confirm: 'warm', lease: 'grant' },
      { scripts: () => ({ state: 'Failed', exitCode: 1 }) },
    );
    expect([status, cloud.did.some((one) => one.startsWith('lease'))]).toEqual(['Failed', false]);
  });

  test('stops the machines of a site that sleeps', () => {
    const { cloud } = out(sites.cold, { confirm: 'cold' });
    expect([cloud.did.at(-2), cloud.on]).toEqual(['stop', false]);
  });

  test.each([
    ['without the name', {}, {}],
    ['while the site takes over', { confirm: 'warm' }, { blobs: state('activating') }],
    ['while it goes to sleep already', { confirm: 'warm' }, { blobs: state('leaving') }],
  ])('does nothing %s', (_, sent, props) => {
    const { status, cloud } = out(sites.warm, sent, props);
    expect([status, cloud.did]).toEqual(['Failed', []]);
  });
});

describe('a restore into a site that sleeps', () => {
  const restore = (props: CloudProps = {}) =>
    run(sites.cold, undefined, { flow: 'database_restore', on: false, ...props });

  test('starts the machine, restores, and stops it again', () => {
    const { status, cloud } = restore();
    expect([status, cloud.did]).toEqual(['Succeeded', ['start', 'restore_1', 'stop']]);
  });

  test('that fails is told, and its machine stopped', () => {
    const { status, cloud } = restore({ scripts: () => ({ state: 'Failed', exitCode: 75 }) });
    expect([status, cloud.did]).toEqual(['Failed', ['start', 'restore_1', 'stop']]);
  });

  test.each(['active', 'activating', 'announced', 'failed', 'aborted'])('does not come over what is %s', (status) => {
    const { status: ended, cloud } = restore({ blobs: state(status) });
    expect([ended, cloud.did]).toEqual(['Cancelled', []]);
  });

  test.each([
    ['was left, and its primary has no lease yet', 'revoked 4 1796000000', 'Cancelled'],
    ['has a lease that is none, which is told', 'nothing', 'Failed'],
    ['has an empty lease, which is told', '', 'Failed'],
  ])('does not come over what %s', (_, lease, ended) => {
    const { status, cloud } = restore({ blobs: { ...state('sleeping'), 'lease/cold': lease } });
    expect([status, cloud.did]).toEqual([ended, []]);
  });

  test('does not come where nobody can read who has the lease', () => {
    const { status, cloud } = restore({ broken: /GET .*lease/ });
    expect([status, cloud.did]).toEqual(['Failed', []]);
  });

  test('does not come over what nobody can read', () => {
    const { status, cloud } = restore({ broken: /GET .*state[.]json/ });
    expect([status, cloud.did]).toEqual(['Failed', []]);
  });

  test('leaves its machine to an activation that came meanwhile', () => {
    const { cloud } = restore({
      scripts: () => {
        return { state: 'Succeeded' };
      },
      meanwhile: (one, _, { uri }) => {
        if (uri.includes('/runCommands/')) one.write('records/state.json', { status: 'activating' });
      },
    });
    expect([cloud.did, cloud.on]).toEqual([['start', 'restore_1'], true]);
  });
});

test('who activates may switch both endpoints of the name', () => {
  const role = resources(sites.hot.stack, 'azurerm_role_definition').find(({ name }) =>
    String(name).endsWith('-activate'),
  );
  const [{ actions } = { actions: [] }] = (role?.permissions ?? []) as { actions: string[] }[];
  const endpoints = ['azureEndpoints', 'externalEndpoints'].map(
    (one) => `Microsoft.Network/trafficManagerProfiles/${one}`,
  );
  expect(actions).toEqual(expect.arrayContaining(endpoints.flatMap((one) => [`${one}/read`, `${one}/write`])));
});

test('the command that asks is one line of a shell, which writes the name and the time and starts the flow', () => {
  const { output } = sites.warm.stack.template as unknown as { output: Record<string, { value: string }> };
  const command = output.activate_command?.value ?? '';
  expect(command).not.toContain('\n');
  const words = command.replaceAll(/\$\{[^}]*\}/g, '/id');
  const [upload = '', start = ''] = words.split(' && ');
  expect(start).toBe(
    'az rest --method post --url "https://management.azure.com/id/triggers/asked/run?api-version=2019-05-01"',
  );
  const [, data = ''] = /--data (".*")$/.exec(upload) ?? [];
  const said = data.slice(1, -1).replaceAll('\\"', '"').replace('$(date -u +%FT%TZ)', STARTED);
  expect(JSON.parse(said)).toEqual({ confirm: 'NAME', at: STARTED });
});
