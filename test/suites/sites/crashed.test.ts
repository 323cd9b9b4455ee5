import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { until } from '../../servers/until';
import { PGBIN } from './machine';
import { Pair, startPlaces } from './pair';

/** A primary that crashed with writes that nobody else has, and comes back when its site has taken over. */
jest.setTimeout(180_000);

let places: Awaited<ReturnType<typeof startPlaces>>;
let pair: Pair;

beforeAll(async () => {
  places = await startPlaces();
  pair = await Pair.start(places, 'crash_site', 'streaming_replication');
  await pair.setUp();
  await pair.primary.sql('CREATE TABLE orders (note text); CREATE TABLE quiet (note text)');
  await pair.primary.sql("INSERT INTO orders SELECT 'both' FROM generate_series(1, 100)");
  expect(await pair.standby.run(['bootstrap'])).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await pair?.stop();
  await Promise.all([places?.minio.stop(), places?.moto.stop()]);
});

const soon = (attempt: () => Promise<void>) => until(attempt, 60_000);

describe('one after the other', () => {
  test('it crashes with acknowledged writes that its standby does not have', async () => {
    await soon(async () => {
      expect(await pair.standby.sql('SELECT count(*) FROM orders')).toBe('100');
    });
    await pair.standby.pgCtl('stop');
    for (const note of ['one', 'two', 'three']) await pair.primary.sql(`INSERT INTO orders VALUES ('${note}')`);
    await pair.primary.sql("UPDATE orders SET note = 'changed' WHERE note = 'one'");
    await pair.primary.pgCtl('stop', 'immediate');
    pair.standby.configure(pair.standbyConfig({ host: '127.0.0.1', port: 1 }), pair.standbyScript);
    expect(await pair.standby.run(['bootstrap'])).toMatchObject({ code: 0 });
    await pair.lease('revoked', 2);
    await soon(async () => {
      expect(await pair.standby.run(['promote', 'crash_site'])).toMatchObject({ code: 0 });
    });
    await pair.standby.sql("INSERT INTO orders VALUES ('of the site')");
  });

  const back = (more: Readonly<Record<string, string>> = {}) =>
    pair.primary.run(['failback', 'crash_site', '127.0.0.1', String(pair.standby.port)], more);

  test('a way back that is killed once everything is kept goes on where it was', async () => {
    // The stop comes after all that is asked of a running server; the script is gone with it, as by a reboot.
    const stop = `runuser -u postgres -- ${path.join(PGBIN, 'pg_ctl')} -D '${pair.primary.data}' -w -m fast stop`;
    expect((await back({ HYPDR_STOP: `${stop} && kill -s KILL "$PPID"` })).code).not.toBe(0);
    expect(existsSync(path.join(pair.primary.state, 'divergence.json'))).toBe(false);
    expect(await back()).toMatchObject({ code: 0 });
    expect(pair.primary.json('divergence.json')).toMatchObject({
      timeline: 1,
      transactions: 4,
      relations: { 'postgres.public.orders': 4 },
    });
    await soon(async () => {
      expect(await pair.primary.sql("SELECT string_agg(note, ',') FROM orders WHERE note <> 'both'")).toBe(
        'of the site',
      );
    });
  });

  test('a rewind that was interrupted is not tried again: the server is copied, and what was kept stays', async () => {
    const { copy } = pair.primary.json('divergence.json');
    rmSync(path.join(pair.primary.state, 'rewound'));
    expect(await back()).toMatchObject({ code: 0, out: expect.stringContaining('a new copy is made') as string });
    expect(pair.primary.json('divergence.json')).toMatchObject({ copy, transactions: 4 });
    expect(existsSync(path.join(String(copy), 'hypdr-kept'))).toBe(true);
    await soon(async () => {
      expect(await pair.primary.sql("SELECT string_agg(note, ',') FROM orders WHERE note <> 'both'")).toBe(
        'of the site',
      );
    });
  });
});
