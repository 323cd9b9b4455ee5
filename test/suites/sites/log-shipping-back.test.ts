import { chownSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../../servers/free-port';
import { startTlsFront } from '../../servers/tls-front';
import type { TlsFront } from '../../servers/tls-front';
import { until } from '../../servers/until';
import { archiveIn, pgbackrest, segmentsIn } from './archive';
import { Machine } from './machine';
import { Pair, startPlaces } from './pair';

/**
 * The way back from a site that followed an archive: what only the old primary had is kept and counted, it follows the site
 * and takes over again, archives as before, and the site follows the archive again. Then once more, where the end of the
 * site's server never came.
 */
jest.setTimeout(180_000);

const SITE = 'log_site';
let places: Awaited<ReturnType<typeof startPlaces>>;
let front: TlsFront;
let pair: Pair;
/** A machine that is made when all of it is over. */
let late: Machine | undefined;

beforeAll(async () => {
  places = await startPlaces();
  front = await startTlsFront(places.minio.port);
  pair = await Pair.start(places, SITE, 'log_shipping', (bucket) => archiveIn(bucket, places.minio, front.port));
  // As its installer leaves it: what the script keeps is in a folder of root's.
  if (process.getuid?.() === 0) {
    for (const name of ['server.log', 'postgresql.log']) pair.primary.write(path.join(pair.primary.state, name), '');
    chownSync(pair.primary.state, 0, 0);
  }
  await pair.setUp();
  // The same in both methods: what is set by hand stays the owner's.
  await pair.primary.sql("ALTER SYSTEM SET work_mem = '5MB'");
  await pair.primary.sql('CREATE TABLE orders (id bigserial PRIMARY KEY, note text)');
  await pgbackrest(pair.primary, SITE, 'backup');
  expect(await pair.standby.run(['bootstrap'])).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await late?.stop();
  await pair?.stop();
  await front?.stop();
  await Promise.all([places?.minio.stop(), places?.moto.stop()]);
});

const soon = (attempt: () => Promise<void>) => until(attempt, 60_000);
const count = (machine: Machine, note: string) => machine.sql(`SELECT count(*) FROM orders WHERE note LIKE '${note}'`);
const arrives = (machine: Machine, note: string, times = '1') =>
  soon(async () => {
    expect(await count(machine, note)).toBe(times);
  });
/** Writes at the primary, whose archive gets it at once and not after a minute. */
async function ship(note: string): Promise<void> {
  await pair.primary.sql(`INSERT INTO orders (note) VALUES ('${note}')`);
  await pair.primary.sql('SELECT pg_switch_wal()');
}
const watchOnce = () => pair.primary.run(['watch'], { HYPDR_ONCE: 'yes' });
const takeOver = () =>
  soon(async () => {
    expect(await pair.standby.run(['promote', SITE])).toMatchObject({ code: 0 });
  });
const failback = () => pair.primary.run(['failback', SITE, '127.0.0.1', String(pair.standby.port)]);
/** What the owner's settings are, in the folder that is rewound. */
const ofTheOwner = async () => ({
  settings: await pair.primary.sql(
    "SELECT name || '=' || setting FROM pg_settings WHERE name IN ('work_mem', 'archive_mode', 'archive_command', 'archive_timeout', 'wal_log_hints', 'max_slot_wal_keep_size') ORDER BY 1",
  ),
  hba: readFileSync(path.join(pair.primary.data, 'pg_hba.conf'), 'utf8'),
});

describe('one after the other', () => {
  let owner: Awaited<ReturnType<typeof ofTheOwner>>;
  const cut = 'io-timeout=1\nprotocol-timeout=5\ndb-timeout=4\n';

  test('under load it is not further behind than the load takes', async () => {
    await pair.primary.run(['heartbeat']);
    await pair.primary.sql("INSERT INTO orders (note) SELECT repeat('y', 500) FROM generate_series(1, 60000)");
    await pair.primary.run(['heartbeat']);
    await ship('loaded');
    await soon(async () => {
      expect((await pair.standby.run(['lag'])).out).toMatch(/: [0-9] seconds behind/);
    });
    await arrives(pair.standby, 'yyy%', '60000');
  });

  test('a primary that is cut off from its archive and loses its lease only reads', async () => {
    // Asked for by hand after the copy was made: a folder that comes from the site does not have it.
    await pair.primary.sql("ALTER SYSTEM SET work_mem = '6MB'");
    pair.primary.write(
      path.join(pair.primary.data, 'pg_hba.conf'),
      `${readFileSync(path.join(pair.primary.data, 'pg_hba.conf'), 'utf8')}# of the owner\n`,
    );
    await pair.primary.sql('SELECT pg_reload_conf()');
    owner = await ofTheOwner();
    const conf = path.join(pair.primary.etc, 'pgbackrest.conf');
    const before = readFileSync(conf, 'utf8');
    pair.primary.write(
      conf,
      before.replace(/repo1-storage-port=\d+/, 'repo1-storage-port=1').replace('[global]\n', `[global]\n${cut}`),
    );
    for (let id = 1; id <= 20; id += 1) await ship(`late ${id}`);
    await pair.primary.sql("UPDATE orders SET note = 'late 21' WHERE note = 'loaded'");
    expect(await watchOnce()).toMatchObject({ code: 0 });
    await pair.lease('revoked', 2);
    expect(await watchOnce()).toMatchObject({ code: 0, out: expect.stringContaining('only reads') as string });
    await expect(
      pair.primary.sql("SET default_transaction_read_only = off; INSERT INTO orders (note) VALUES ('no')"),
    ).rejects.toThrow(/recovery|read-only/);
    pair.primary.write(conf, before);
  });

  test('the site takes over, and what only the old primary had is counted and kept on its way back', async () => {
    await takeOver();
    await pair.standby.sql("INSERT INTO orders (note) VALUES ('of the site')");
    const back = await failback();
    expect([back.code, back.err]).toEqual([0, '']);
    expect(back.out).not.toContain('a new copy is made');
    const record = pair.primary.json('divergence.json');
    expect(record).toMatchObject({ site: SITE, timeline: 1, relations: { 'postgres.public.orders': 21 } });
    expect(Number(record.transactions)).toBeGreaterThanOrEqual(21);
    await arrives(pair.primary, 'of the site');
    expect(await count(pair.primary, 'late%')).toBe('0');
    expect(await count(pair.primary, 'loaded')).toBe('1');

    await pair.primary.pgCtl('stop');
    const { data } = pair.primary;
    Object.assign(pair.primary, { data: String(record.copy) });
    rmSync(path.join(pair.primary.data, 'standby.signal'));
    await pair.primary.pgCtl('start', 'fast', ' -c archive_mode=off');
    expect(await count(pair.primary, 'late%')).toBe('21');
    await pair.primary.pgCtl('stop');
    Object.assign(pair.primary, { data });
    await pair.primary.pgCtl('start');
  });

  test('what its owner had set is as before', async () => {
    expect(await ofTheOwner()).toEqual(owner);
  });

  test('it takes over again with all that the site wrote, and archives', async () => {
    await pair.standby.sql("INSERT INTO orders (note) VALUES ('last of the site')");
    await pair.lease('granted', 3);
    expect(await pair.primary.run(['take-back', SITE])).toMatchObject({
      code: 78,
      err: expect.stringContaining('stop it first') as string,
    });
    expect(await pair.standby.run(['leave'])).toMatchObject({ code: 0 });
    await soon(async () => {
      expect(await pair.primary.run(['take-back', SITE])).toMatchObject({
        code: 0,
        out: expect.stringContaining('backup') as string,
      });
    });
    expect(await count(pair.primary, 'last of the site')).toBe('1');
    expect(await watchOnce()).toMatchObject({ code: 0 });
    expect(await ofTheOwner()).toEqual(owner);
    await ship('home');
    await soon(async () => {
      const keys = await segmentsIn('log-site', places.minio);
      expect(keys.some((key) => /\/00000003[0-9A-F]{16}-/.test(key))).toBe(true);
      // What the site wrote is in no archive: that is what the backup is for.
      expect(keys.some((key) => /\/00000002[0-9A-F]{16}-/.test(key))).toBe(false);
    });
  });

  test('the server of the site follows the archive again', async () => {
    expect(await pair.standby.run(['rejoin', SITE])).toMatchObject({
      code: 0,
      // Nothing was only there: nothing is kept, rewound or copied.
      out: 'hypdr-site: it follows the primary again\n',
    });
    await arrives(pair.standby, 'home');
    expect((await pair.standby.run(['ready'])).out).toMatch(/^HTTP\/1\.1 503/);
    expect(await pair.standby.sql('SELECT count(*) FROM pg_stat_wal_receiver')).toBe('0');
    await pair.primary.run(['heartbeat']);
    await ship('home again');
    await arrives(pair.standby, 'home again');
    expect((await pair.standby.run(['lag'])).out).toMatch(/: \d+ seconds behind/);
  });

  test('a machine that is made now needs a backup of after the take-back', async () => {
    await pgbackrest(pair.primary, SITE, 'backup');
    late = new Machine(path.join(pair.folder, 'late'), await freePort(), pair.primary.environment, {
      config: pair.standbyConfig({ host: '127.0.0.1', port: pair.primary.port }),
      script: pair.standbyScript,
    });
    expect(await late.run(['bootstrap'])).toMatchObject({ code: 0 });
    await ship('for all');
    await arrives(late, 'for all');
    await arrives(pair.standby, 'for all');
  });

  test('what only the site had is kept there, where the primary takes over without it', async () => {
    await pair.lease('revoked', 4);
    expect(await watchOnce()).toMatchObject({ code: 0, out: expect.stringContaining('only reads') as string });
    await takeOver();
    await pair.standby.sql("INSERT INTO orders (note) VALUES ('second time')");
    expect(await failback()).toMatchObject({ code: 0 });
    await arrives(pair.primary, 'second time');
    // The link is cut, and the site writes on.
    await pair.primary.sql("ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1'");
    await pair.primary.sql('SELECT pg_reload_conf()');
    await soon(async () => {
      expect(await pair.primary.sql('SELECT count(*) FROM pg_stat_wal_receiver')).toBe('0');
    });
    for (const note of ['lone one', 'lone two']) await pair.standby.sql(`INSERT INTO orders (note) VALUES ('${note}')`);
    expect(await pair.standby.run(['leave'])).toMatchObject({ code: 0 });
    await pair.lease('granted', 5);
    expect(await pair.primary.run(['take-back', SITE])).toMatchObject({ code: 78 });
    expect(await pair.primary.run(['take-back', SITE, 'incomplete'])).toMatchObject({ code: 0 });
    await ship('home for good');
    const settings = () => readFileSync(path.join(pair.standby.data, 'postgresql.auto.conf'), 'utf8');
    const before = settings();
    expect(await pair.standby.run(['rejoin', SITE])).toMatchObject({
      code: 0,
      out: expect.stringContaining('what only it had is in') as string,
    });
    expect(pair.standby.json('divergence.json')).toMatchObject({
      transactions: 2,
      relations: { 'postgres.public.orders': 2 },
    });
    expect(settings()).toBe(before);
    await ship('followed');
    await arrives(pair.standby, 'followed');
    expect([await count(pair.standby, 'home for good'), await count(pair.standby, 'lone%')]).toEqual(['1', '0']);
    expect(await pair.standby.sql('SHOW primary_conninfo')).toBe('');
  });
});
