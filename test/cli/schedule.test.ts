import { SMALL, folder } from './support';

/** `hypdr schedule`. SMALL backs up `orders` daily in a window of 22:00 to 23:30 UTC. */
const call = (...options: string[]) => folder({ 'a.hyp': SMALL }).hypdr(['schedule', ...options, 'a.hyp']);

test('--format json has the documented shape', async () => {
  const { exit, out, err } = await call('--from', '2026-11-24', '--days', '2', '--format', 'json');
  expect([exit, err]).toEqual([0, '']);
  const { runs: all, ...others } = JSON.parse(out) as { runs: Record<string, unknown>[] };
  expect(others).toEqual({});
  const runs = all.filter(({ type }) => type !== 'verify');
  expect(runs).toHaveLength(2);
  for (const run of runs) {
    expect(Object.keys(run)).toEqual(['task', 'type', 'for', 'start', 'expected_end']);
    expect(run).toMatchObject({ task: 'orders', type: 'full', for: ['full'] });
    expect(run.start).toMatch(/^2026-11-2[45]T2[23]:\d\d:00\+00:00$/);
    expect(Date.parse(String(run.expected_end)) - Date.parse(String(run.start))).toBe(30 * 60_000);
  }
});

test('is a table, from the day of the call on', async () => {
  const { exit, out } = await call('--today', '2027-01-01', '--days', '1');
  expect(exit).toBe(0);
  expect(out).toMatch(/^2027-01-01T2[23]:\d\d:00\+00:00 +2\d:\d\d +orders +full +full$/m);
});

test('--format ics is a calendar that is the same each time', async () => {
  const first = await call('--from', '2026-11-24', '--days', '3', '--format', 'ics');
  const again = await call('--from', '2026-11-24', '--days', '3', '--format', 'ics');
  expect(first.out).toBe(again.out);
  expect(first.out.split('\r\n').filter((line) => line === 'BEGIN:VEVENT')).toHaveLength(3);
  expect(first.out).toMatch(/SUMMARY:full backup of orders\r\n/);
  expect(first.out).toMatch(/^DTSTART:20261124T2[23]\d\d00Z\r$/m);
});

test.each([
  [['--from', '2026-02-30'], '--from'],
  [['--days', '0'], '--days'],
  [['--days', 'many'], '--days'],
])('%j is a bad invocation', async (options, named) => {
  const { exit, err } = await call(...options);
  expect(exit).toBe(2);
  expect(err).toContain(named);
});

test('a full re-read is a line without an expected end, and an event of its own', async () => {
  const week = ['--from', '2026-11-24', '--days', '7'];
  const { out } = await call(...week, '--format', 'json');
  const { runs } = JSON.parse(out) as { runs: Record<string, unknown>[] };
  const reads = runs.filter(({ type }) => type === 'verify');
  expect(reads).toEqual([
    {
      task: 'orders',
      type: 'verify',
      for: ['full'],
      start: expect.stringMatching(/T0[123]:\d\d:00\+00:00$/) as string,
    },
  ]);
  expect((await call(...week)).out).toMatch(/^2026-11-\d\dT0[123]:\d\d:00\+00:00 +- +orders +verify +full$/m);
  const { out: ics } = await call(...week, '--format', 'ics');
  expect(ics).toMatch(/SUMMARY:full re-read of orders\r\n/);
  expect(ics.split('BEGIN:VEVENT').filter((one) => one.includes('full re-read') && one.includes('DTEND'))).toEqual([]);
});
