import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { until } from '../../servers/until';
import { PGBIN } from './machine';
import { LEASE_SECONDS, Pair, startPlaces } from './pair';

/** The lease of a primary through reboots, kills and a third place that comes and goes, on a real server. */
jest.setTimeout(180_000);

let places: Awaited<ReturnType<typeof startPlaces>>;
let pair: Pair;

beforeAll(async () => {
  places = await startPlaces();
  pair = await Pair.start(places, 'fenced_site', 'streaming_replication');
  await pair.setUp();
  await pair.primary.sql('CREATE TABLE orders (note text)');
});

afterAll(async () => {
  await pair?.stop();
  await Promise.all([places?.minio.stop(), places?.moto.stop()]);
});

const soon = (attempt: () => Promise<void>) => until(attempt, 60_000);
/** One look at the lease, by a watchdog that was started for it. */
const look = (more: Readonly<Record<string, string>> = {}) =>
  pair.primary.run(['watch'], { HYPDR_ONCE: 'yes', ...more });
const onlyReads = async () => (await pair.primary.sql('SELECT pg_is_in_recovery()')) === 't';
const write = (note: string) => pair.primary.sql(`INSERT INTO orders VALUES ('${note}')`);
const has = (name: string) => existsSync(path.join(pair.primary.state, name));

describe('one after the other', () => {
  test('a server that never had the lease is told that nothing guards it, and goes on', async () => {
    const folder = ['lease-term', 'lease-seen'].map((name) => path.join(pair.primary.state, name));
    folder.forEach((file) => rmSync(file));
    await places.minio.kill();
    expect((await look()).out).toContain('not guarded yet');
    await write('unguarded');
    expect(await pair.primary.run(['setup'])).toMatchObject({
      code: 75,
      err: expect.stringContaining('nothing guards this server') as string,
    });
    await places.minio.restart();
  });

  test('with the lease it writes', async () => {
    expect(await look()).toMatchObject({ code: 0, out: '', err: '' });
    expect(readFileSync(path.join(pair.primary.state, 'lease-term'), 'utf8')).toBe('1\n');
    await write('held');
  });

  test('a watchdog that starts again and again has no more time than one that stays', async () => {
    await places.minio.kill();
    await soon(async () => {
      await look();
      expect(await onlyReads()).toBe(true);
    });
    expect(pair.primary.json('fenced.json')).toMatchObject({
      why: `the lease could not be read for ${LEASE_SECONDS} seconds`,
    });
    await expect(write('fenced')).rejects.toThrow(/read-only|recovery/);
  });

  test('when the lease is there again with the same term it writes again, with the same history', async () => {
    await places.minio.restart();
    expect(await look()).toMatchObject({ code: 0, out: expect.stringContaining('writes again') as string });
    await write('again');
    expect(await pair.primary.sql('SELECT timeline_id FROM pg_control_checkpoint()')).toBe('1');
    expect(has('fenced.json')).toBe(false);
  });

  test('a machine that boots without the lease starts as one that only reads, however lately it had it', async () => {
    await look();
    await pair.primary.pgCtl('stop');
    await places.minio.kill();
    await pair.primary.run(['gate'], { HYPDR_BOOT: 'second' });
    await pair.primary.pgCtl('start');
    expect(await onlyReads()).toBe(true);
    expect(pair.primary.json('fenced.json')).toMatchObject({ why: 'the lease could not be read before the start' });
    await places.minio.restart();
    await look();
    await write('after a boot');
    // A boot with the lease starts as before.
    await pair.primary.pgCtl('stop');
    expect(await pair.primary.run(['gate'], { HYPDR_BOOT: 'third' })).toMatchObject({ code: 0, out: '' });
    await pair.primary.pgCtl('start');
    await write('and another');
  });

  test('a grant that nobody asked for changes nothing', async () => {
    await pair.lease('granted', 2);
    expect(await look()).toMatchObject({ code: 0, out: '', err: '' });
    await write('granted twice');
  });

  const stop = () => `${path.join(PGBIN, 'pg_ctl')} -D '${pair.primary.data}' -w -m fast stop`;
  /** A stop after which the script is gone, as by a reboot. */
  const stopAndDie = () => `runuser -u postgres -- ${stop()} && kill -s KILL "$PPID"`;

  test('killed on the way to read-only it ends there all the same', async () => {
    await pair.lease('revoked', 3);
    expect((await look({ HYPDR_STOP: stopAndDie() })).code).not.toBe(0);
    expect(has('fenced.json')).toBe(true);
    await look();
    expect(await onlyReads()).toBe(true);
    expect(pair.primary.json('fenced.json')).toMatchObject({ why: 'the lease was revoked with term 3' });
  });

  test('a lease of a later term is not its own: it slept through an activation', async () => {
    await pair.lease('granted', 4);
    await look();
    expect(await onlyReads()).toBe(true);
    // Nor does a boot make it so.
    await pair.primary.pgCtl('stop');
    await pair.primary.run(['gate'], { HYPDR_BOOT: 'fourth' });
    await pair.primary.pgCtl('start');
    expect(await onlyReads()).toBe(true);
    await look();
    await expect(write('stale')).rejects.toThrow(/read-only|recovery/);
  });

  test('killed on the way back to writing it ends there all the same', async () => {
    await pair.lease('granted', 2);
    expect((await look({ HYPDR_STOP: stopAndDie() })).code).not.toBe(0);
    expect(await look()).toMatchObject({ code: 0 });
    await write('back');
    expect(await pair.primary.sql("SELECT string_agg(note, ', ') FROM orders")).toBe(
      'unguarded, held, again, after a boot, and another, granted twice, back',
    );
  });
});
