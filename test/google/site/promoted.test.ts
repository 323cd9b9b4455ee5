import { granted, run, state } from './cloud';
import type { CloudProps, Ran } from './cloud';
import { cold, hot, madeSite, replica } from './fixture';
import type { Made } from './fixture';

/** What fails after a promotion, in the workflows of the templates themselves, one after the other. */
const SITE = 'name hypnoscript-hot.example.com.';
const bare = madeSite(
  'bare',
  { engine: '', count: 2 },
  'primary_site: { address: "www.example.com" health_urls: ["https://www.example.com/health"] } dns: { zone: "example.com" record: "app.example.com" provider: "GCP" }',
);

function stateOf({ objects }: Ran): Readonly<Record<string, unknown>> {
  return JSON.parse(objects['records/state.json'] ?? '{}') as Readonly<Record<string, unknown>>;
}

/** What the site left in its bucket is there for who comes next. */
function next(made: Made, does: string, before: Ran, argument: object = {}, props: CloudProps = {}): Ran {
  const { name } = made.site;
  // Records of their own: each execution has another id.
  const objects = Object.fromEntries(Object.entries(before.objects).filter(([key]) => !/^records\/\d/.test(key)));
  return run(made, does, { confirm: name, ...argument }, { objects, targetSize: 4, ...props });
}

/** One of which no machine answers after the promotion. */
function failedAfter(made: Made, props: CloudProps = {}): Ran {
  const { name } = made.site;
  return run(made, 'activate', { confirm: name }, { objects: granted(name), targetSize: 4, healthy: 0, ...props });
}

test('machines that do not answer leave the name at the site, and it is said since when, and what to do', () => {
  const ran = failedAfter(hot());
  expect(ran.raised).toMatch(/0 of 4 machines answer/);
  expect(ran.did).toEqual([
    ...['state announced', 'state activating', 'able', 'lease revoked 4', 'promote', 'state activating'],
    ...[SITE, 'autoscaler ON', 'state failed'],
  ]);
  expect(stateOf(ran)).toMatchObject({ status: 'failed', promoted: expect.any(Number) });
  expect(Number(stateOf(ran).promoted)).toBeGreaterThan(1_790_000_000);
  expect(ran.record).toMatchObject({ outcome: 'failed', promoted: stateOf(ran).promoted, why: expect.any(String) });
  expect(ran.logs).toMatchObject([{ event: 'site_activation', outcome: 'failed_promoted', severity: 'ERROR' }]);
});

test.each([
  ['a machine', hot, {}],
  ['a replica', replica, { promoted: true }],
  ['a managed database', cold, { policy: 'ALWAYS' }],
] as const)('asked again after %s was promoted it goes on from there', (_, make, props) => {
  const failed = failedAfter(make());
  const again = next(make(), 'activate', failed, {}, props);
  expect(again.raised).toBeUndefined();
  expect(again.did.filter((one) => /^(able|lease)/.test(one))).toEqual([]);
  if (make === replica) expect(again.did).not.toContain('promote');
  // Nobody waits for a lease that is over.
  expect(again.seconds).toBeLessThan(60);
  expect(stateOf(again)).toMatchObject({ status: 'active', promoted: stateOf(failed).promoted });
  expect(again.record).toMatchObject({ outcome: 'success', term: 4, promoted: stateOf(failed).promoted });
});

test('left after that, the next activation is one from the beginning', () => {
  const left = next(hot(), 'deactivate', failedAfter(hot()), { lease: 'grant' });
  expect(left.did).toEqual([
    ...['state leaving', 'stop', 'state leaving', 'name www.example.com.', 'lease granted 5'],
    ...['autoscaler ON', 'size 4', 'state sleeping'],
  ]);
  expect(stateOf(left)).toMatchObject({ status: 'sleeping', promoted: 0 });
  const again = next(hot(), 'activate', left);
  expect(again.did).toEqual(expect.arrayContaining(['able', 'lease revoked 6', 'state active']));
  expect(again.seconds).toBeGreaterThanOrEqual(100);
});

test('one that cannot be left stays promoted and has the name, and its primary gets no lease', () => {
  const failed = failedAfter(hot());
  const left = next(hot(), 'deactivate', failed, { lease: 'grant' }, { machineExit: 1 });
  expect(left.did).toEqual(['state leaving', 'stop', 'state failed']);
  expect(stateOf(left)).toMatchObject({ status: 'failed', promoted: stateOf(failed).promoted });
  expect(left.logs).toMatchObject([{ event: 'site_deactivation', outcome: 'failed_promoted' }]);
});

test('one that fails again, at the database, stays promoted since then', () => {
  const failed = failedAfter(hot());
  const again = next(hot(), 'activate', failed, {}, { machineExit: 1 });
  expect(again.did.at(-1)).toBe('state failed');
  expect(stateOf(again).promoted).toBe(stateOf(failed).promoted);
});

test('is nothing that the watch activates, nor what stops one that is announced', () => {
  const failed = failedAfter(hot());
  const watch = next(hot(), 'watch', failed);
  expect([watch.value, watch.did]).toEqual(['left alone: the site is failed', []]);
  const objects = { ...failed.objects, ...state('announced', { promoted: stateOf(failed).promoted }) };
  const stopped = run(hot(), 'deactivate', { confirm: 'hot' }, { objects });
  expect([stopped.raised, stopped.did]).toEqual([expect.stringMatching(/taking over/), []]);
});

test('it is said before machines are waited for: an execution that dies then has said it', () => {
  const said: string[] = [];
  run(
    hot(),
    'activate',
    { confirm: 'hot' },
    {
      objects: granted('hot'),
      targetSize: 4,
      meanwhile: (url, { objects }) => {
        if (url.endsWith('/getHealth')) said.push(objects.get('records/state.json')?.text ?? '');
      },
    },
  );
  expect(said.map((text) => JSON.parse(text) as unknown)).toEqual([
    expect.objectContaining({ status: 'activating', promoted: expect.any(Number) }),
  ]);
  expect(said[0]).not.toContain('"promoted":0');
});

test('one whose execution was ended from outside is promoted all the same', () => {
  const failed = failedAfter(hot());
  const objects = { 'lease/hot': failed.objects['lease/hot'] ?? '', ...state('activating', { until: 1, promoted: 7 }) };
  const ran = run(hot(), 'activate', { confirm: 'hot' }, { objects, targetSize: 4 });
  expect(ran.did).not.toContain('able');
  expect(stateOf(ran)).toMatchObject({ status: 'active', promoted: 7 });
});

test('a name that cannot be switched keeps no machine waiting, and is tried again when they answer', () => {
  const once = run(hot(), 'activate', { confirm: 'hot' }, { objects: granted('hot'), targetSize: 4, namesRefused: 1 });
  expect([once.raised, once.did.indexOf(SITE) > once.did.indexOf('autoscaler ON')]).toEqual([undefined, true]);
  const never = failedAfter(hot(), { healthy: 4, namesRefused: 9 });
  expect(never.did).toContain('autoscaler ON');
  expect(stateOf(never)).toMatchObject({ status: 'failed', promoted: expect.any(Number) });
  expect(never.record).toMatchObject({ why: expect.stringMatching(/403/) });
  const again = next(hot(), 'activate', never);
  expect(again.did).toEqual(expect.arrayContaining([SITE, 'state active']));
});

test('an answer that is lost when the state says it refuses nothing that comes after', () => {
  let lost = 0;
  const ran = run(
    hot(),
    'activate',
    { confirm: 'hot' },
    {
      objects: granted('hot'),
      targetSize: 4,
      lostAt: (status) => status === 'activating' && (lost += 1) === 2,
    },
  );
  expect([lost, ran.raised, stateOf(ran).status]).toEqual([2, undefined, 'active']);
});

test('a site without a database has promoted nothing: it has the name once it answers', () => {
  const ran = failedAfter(bare);
  expect(ran.did.filter((one) => one.startsWith('name'))).toEqual([]);
  expect(stateOf(ran)).toMatchObject({ status: 'failed', promoted: 0 });
  expect(next(bare, 'activate', ran).did).toEqual(
    expect.arrayContaining(['name hypnoscript-bare.example.com.', 'state active']),
  );
});
