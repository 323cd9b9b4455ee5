import { flowOf, runFlow } from '../flow';
import { Cloud } from './cloud';
import type { CloudProps, ScriptEnd } from './cloud';
import { hot, madeSite, replica } from './fixture';
import type { Made } from './fixture';

/** What fails after a promotion, in the Logic Apps of the templates themselves. */
const NAME = 'dns: { zone: "example.com" record: "app.example.com" provider: "Azure" }';
const PRIMARY = 'primary_site: { address: "www.example.com" health_urls: ["https://www.example.com/health"] }';
const sites = {
  hot: hot(),
  replica: replica(),
  bare: madeSite('bare', { engine: '', count: 2 }, `${PRIMARY} ${NAME}`),
};

const FLOWS = { activate: 'activation', deactivate: 'activation_deactivate', watch: 'watch' } as const;

/** A site on a day on which one thing after the other happens to it. */
class Day {
  readonly cloud: Cloud;
  /** Whether machines answer to the balancer. */
  answers = true;
  ends: (script: string) => ScriptEnd = () => ({ state: 'Succeeded', output: '{}' });
  #now = Date.parse('2026-12-01T10:00:00Z');

  constructor(
    private readonly made: Made,
    props: CloudProps = {},
  ) {
    this.cloud = new Cloud({
      capacity: 4,
      healthy: (capacity) => (this.answers ? capacity : 0),
      scripts: (script) => this.ends(script),
      ...props,
      blobs: { [`lease/${made.site.name}`]: 'granted 3 1790000000\n', ...props.blobs },
    });
  }

  /** What was done by it, how it ended, and how many minutes it took. */
  run(flow: keyof typeof FLOWS, sent: object = {}) {
    const { cloud, made } = this;
    const started = new Date(this.#now).toISOString();
    if (flow !== 'watch') cloud.write(`requests/${flow}.json`, { confirm: made.site.name, at: started, ...sent });
    const before = cloud.did.length;
    const { status, minutes } = runFlow(flowOf(made.stack.template, FLOWS[flow]), { started, ask: cloud.ask });
    this.#now += (Math.ceil(minutes) + 10) * 60_000;
    return { status, minutes, did: cloud.did.slice(before) };
  }

  get state(): Readonly<Record<string, unknown>> {
    return this.cloud.blobs.get('records/state.json')?.text as Readonly<Record<string, unknown>>;
  }

  get lease(): string {
    return String(this.cloud.blobs.get(`lease/${this.made.site.name}`)?.text);
  }
}

/** One of which no machine answers after the promotion. */
function failedAfter(made: Made, props?: CloudProps): Day {
  const day = new Day(made, props);
  day.answers = false;
  expect(day.run('activate').status).toBe('Failed');
  day.answers = true;
  return day;
}

const AFTER = /^2026-12-01T10:0\d/;

test('machines that do not answer leave the name at the site: the state says since when it is promoted', () => {
  const day = failedAfter(sites.hot);
  expect(day.cloud.did).toEqual([
    ...['state announced', 'state activating', 'able_1', 'lease revoked 4', 'start', 'promote_1', 'state activating'],
    ...['name Enabled', 'primary Disabled', 'autoscale true', 'state failed'],
  ]);
  expect(day.state).toMatchObject({ status: 'failed', promotedAt: expect.stringMatching(AFTER) });
  expect(day.cloud.records).toMatchObject([{ succeeded: false, promotedAt: day.state.promotedAt }]);
});

test.each([
  ['a machine', sites.hot, {}],
  ['a replica', sites.replica, { role: 'AsyncReplica' }],
] as const)('asked again after %s was promoted it goes on from there', (_, made, props) => {
  const day = failedAfter(made, props);
  const { promotedAt } = day.state;
  expect(promotedAt).toMatch(AFTER);
  const again = day.run('activate');
  expect(again.status).toBe('Succeeded');
  expect(again.did.filter((one) => /^(able|lease|replica$)/.test(one))).toEqual([]);
  // Nobody waits for a lease that is over.
  expect(again.minutes).toBeLessThan(1.5);
  expect(day.state).toMatchObject({ status: 'active', promotedAt });
  expect(day.lease).toMatch(/^revoked 4 /);
  expect(day.cloud.records[1]).toMatchObject({ succeeded: true, promotedAt });
});

test('left after that, the next activation is one from the beginning', () => {
  const day = failedAfter(sites.hot);
  const left = day.run('deactivate', { lease: 'grant' });
  expect([left.status, left.did.slice(0, 7)]).toEqual([
    'Succeeded',
    ['state leaving', 'stop_1', 'stop_2', 'state leaving', 'primary Enabled', 'name Disabled', 'lease granted 5'],
  ]);
  expect(day.state).toMatchObject({ status: 'sleeping', promotedAt: null });
  const next = day.run('activate');
  expect(next.status).toBe('Succeeded');
  expect(next.did).toEqual(expect.arrayContaining(['able_1', 'lease revoked 6']));
  expect(next.minutes * 60).toBeGreaterThanOrEqual(100);
});

test.each<readonly [left: string, sent: object, lease: RegExp]>([
  ['no lease', {}, /^revoked 4 /],
  ['the lease', { lease: 'grant' }, /^granted 5 /],
])('left with %s, at each moment one of the two is in the name, and the primary at the end', (_, sent, lease) => {
  const day = new Day(sites.hot);
  expect([day.run('activate').status, day.run('deactivate', sent).status]).toEqual(['Succeeded', 'Succeeded']);
  expect(day.lease).toMatch(lease);
  const on: Record<string, boolean> = { primary: true, name: false };
  const seen = day.cloud.did.flatMap((did) => {
    const [, who = '', word] = /^(primary|name) (Enabled|Disabled)$/.exec(did) ?? [];
    if (word === undefined) return [];
    on[who] = word === 'Enabled';
    return [{ ...on }];
  });
  expect(seen).toEqual([
    { primary: true, name: true },
    { primary: false, name: true },
    { primary: true, name: true },
    { primary: true, name: false },
  ]);
});

test('one that cannot be left stays promoted and has the name, and its primary gets no lease', () => {
  const day = failedAfter(sites.hot);
  const { promotedAt } = day.state;
  day.ends = () => ({ state: 'Failed', exitCode: 1 });
  const { status, did } = day.run('deactivate', { lease: 'grant' });
  expect([status, did.filter((one) => /^(name|primary)/.test(one))]).toEqual(['Failed', []]);
  expect([day.state.status, day.state.promotedAt, day.lease]).toEqual([
    'failed',
    promotedAt,
    expect.stringMatching(/^revoked 4 /),
  ]);
});

test('one that was left and whose lease could not be given is not promoted any more', () => {
  const broken = /PUT .*lease[/]hot/;
  const day = failedAfter(sites.hot);
  (day.cloud.props as { broken?: RegExp }).broken = broken;
  expect(day.run('deactivate', { lease: 'grant' }).status).toBe('Failed');
  expect(day.state).toMatchObject({ status: 'failed', promotedAt: null });
});

test('one that fails again, whatever at, stays promoted since then', () => {
  const day = failedAfter(sites.hot);
  const { promotedAt } = day.state;
  day.ends = () => ({ state: 'Failed', exitCode: 1 });
  const { status, did } = day.run('activate');
  expect([status, did.at(-1), day.state.promotedAt]).toEqual(['Failed', 'state failed', promotedAt]);
});

test('is nothing that the watch activates, nor what stops one that is announced', () => {
  const day = failedAfter(sites.hot);
  expect(day.run('watch').did).toEqual([]);
  day.cloud.write('records/state.json', { ...day.state, status: 'announced', until: '2026-12-02T00:00:00Z' });
  const { status, did } = day.run('deactivate');
  expect([status, did, day.cloud.state]).toEqual(['Failed', [], 'announced']);
});

test('it is said before machines are waited for: a run that dies then has said it', () => {
  const said: unknown[] = [];
  const day = new Day(sites.hot, {
    meanwhile: (cloud, _, { uri }) => {
      if (uri.includes('virtualMachines?$expand')) said.push(cloud.blobs.get('records/state.json')?.text);
    },
  });
  day.run('activate');
  expect(said).toEqual([expect.objectContaining({ status: 'activating', promotedAt: expect.stringMatching(AFTER) })]);
});

test('one whose run was ended from outside is promoted all the same', () => {
  const day = failedAfter(sites.hot);
  const until = '2026-12-01T10:00:00Z';
  day.cloud.write('records/state.json', { ...day.state, status: 'activating', until });
  const { status, did } = day.run('activate');
  expect([status, did.includes('able_1')]).toEqual(['Succeeded', false]);
});

test.each([
  ['the name', /PATCH .*(traffic_manager)/, 'Failed', 'failed'],
  ['the primary in the name', /PATCH .*external_endpoint/, 'Failed', 'failed'],
  ['the state in the middle', /GET .*state[.]json/, 'Succeeded', 'active'],
] as const)('%s that cannot be written keeps no machine waiting', (word, broken, ends, status) => {
  const day = new Day(sites.hot, {
    meanwhile: (cloud) => {
      const promoted = cloud.did.at(-1) === 'promote_1';
      (cloud.props as { broken?: RegExp }).broken = promoted || word !== 'the state in the middle' ? broken : /^never$/;
    },
  });
  const ran = day.run('activate');
  expect(ran.did).toContain('autoscale true');
  expect([ran.status, day.state.status, day.state.promotedAt]).toEqual([ends, status, expect.stringMatching(AFTER)]);
});

test('a site without a database has promoted nothing: it has the name once it answers', () => {
  const day = failedAfter(sites.bare);
  expect(day.cloud.did.filter((one) => /^(name|primary) /.test(one))).toEqual([]);
  expect(day.state).toMatchObject({ status: 'failed', promotedAt: null });
  expect(day.run('activate').did.slice(-3)).toEqual(['name Enabled', 'primary Disabled', 'state active']);
});
