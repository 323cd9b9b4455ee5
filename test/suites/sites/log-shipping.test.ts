import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { s3Client } from '../../servers/s3';
import { startTlsFront } from '../../servers/tls-front';
import type { TlsFront } from '../../servers/tls-front';
import { until } from '../../servers/until';
import { archiveIn, pgbackrest, segmentsIn } from './archive';
import { PGBIN } from './machine';
import { Pair, startPlaces } from './pair';

/** A standby that follows the archive of its primary on a real S3 server, and never talks to it after that. */
jest.setTimeout(180_000);

let places: Awaited<ReturnType<typeof startPlaces>>;
let front: TlsFront;
let pair: Pair;

beforeAll(async () => {
  places = await startPlaces();
  front = await startTlsFront(places.minio.port);
  pair = await Pair.start(places, 'warm_site', 'log_shipping', (bucket) => archiveIn(bucket, places.minio, front.port));
});

afterAll(async () => {
  await pair?.stop();
  await front?.stop();
  await Promise.all([places?.minio.stop(), places?.moto.stop()]);
});

const soon = (attempt: () => Promise<void>) => until(attempt, 60_000);
const archived = () => segmentsIn('warm-site', places.minio);

describe('one after the other', () => {
  /** The segment that the archive loses. */
  let lost = '';
  let body: Uint8Array = new Uint8Array();

  test('the primary archives, and its first backup is there', async () => {
    await pair.setUp();
    expect(await pair.primary.sql('SHOW archive_timeout')).toBe('1min');
    await pair.primary.sql('CREATE TABLE orders (id bigserial PRIMARY KEY, note text)');
    // One of each: an order that the primary has in another version, one in the same, and one that no system changes.
    await pair.primary.sql(
      'CREATE INDEX by_text ON orders (note COLLATE "de-x-icu"); CREATE INDEX by_same ON orders (note COLLATE "fr-x-icu"); CREATE INDEX by_byte ON orders (note COLLATE "C")',
    );
    await pair.primary.sql("UPDATE pg_collation SET collversion = '1.0' WHERE collname = 'de-x-icu'");
    await pair.primary.sql("INSERT INTO orders (note) SELECT 'before' FROM generate_series(1, 1000)");
    await pgbackrest(pair.primary, 'warm_site', 'backup');
    await pair.primary.sql("INSERT INTO orders (note) VALUES ('after the backup')");
    await pair.primary.sql('SELECT pg_switch_wal()');
  });

  test('order of text of another C library is refused before anything is copied, that of another ICU marked once it runs', async () => {
    await pair.primary.sql("UPDATE pg_database SET datcollversion = '1.0' WHERE datname = 'template1'");
    const refused = await pair.standby.run(['bootstrap']);
    expect([refused.code, refused.err]).toEqual([78, expect.stringContaining('at the primary template1 1.0')]);
    expect(existsSync(pair.standby.data)).toBe(false);
    const marked = await pair.standby.run(['bootstrap'], { HYPDR_REINDEX: 'yes' });
    expect([marked.code, marked.out]).toEqual([
      0,
      expect.stringMatching(/REINDEX before use, about \d+ s: postgres "de-x-icu" 1[.]0 [(]here [0-9.]+[)]\n/),
    ]);
    expect((await pair.standby.run(['status'])).out).toContain('REINDEX before use');
  });

  test('what was archived is there, without a connection to the primary', async () => {
    expect(readFileSync(path.join(pair.standby.etc, 'postgresql.conf'), 'utf8')).not.toContain('primary_conninfo');
    await soon(async () => {
      expect(await pair.standby.sql("SELECT count(*) FROM orders WHERE note = 'after the backup'")).toBe('1');
    });
    await pair.primary.run(['heartbeat']);
    await pair.primary.sql('SELECT pg_switch_wal()');
    await soon(async () => {
      expect((await pair.standby.run(['lag'])).out).toMatch(/: [0-9] seconds behind/);
    });
  });

  test('a segment that the archive lacks is named, and not waited for', async () => {
    await pair.standby.pgCtl('stop');
    const before = await archived();
    for (const note of ['lost', 'never seen']) {
      await pair.primary.sql(`INSERT INTO orders (note) VALUES ('${note}')`);
      await pair.primary.sql('SELECT pg_switch_wal()');
      const count = (await archived()).length;
      await soon(async () => {
        if ((await archived()).length <= before.length + (note === 'lost' ? 0 : 1))
          throw new Error(`${count} segments`);
      });
    }
    lost = (await archived()).find((key) => !before.includes(key)) ?? '';
    const client = s3Client(places.minio);
    const kept = await client.send(new GetObjectCommand({ Bucket: 'warm-site', Key: lost }));
    body = (await kept.Body?.transformToByteArray()) ?? body;
    await client.send(new DeleteObjectCommand({ Bucket: 'warm-site', Key: lost }));
    client.destroy();
    expect(await pair.standby.run(['bootstrap'], { HYPDR_REINDEX: 'yes' })).toMatchObject({ code: 0 });
    await soon(async () => {
      const { code, err } = await pair.standby.run(['lag']);
      expect([code, err]).toEqual([4, expect.stringContaining(`lacks segment ${/([0-9A-F]{24})-/.exec(lost)?.[1]}`)]);
    });
    expect(await pair.standby.sql("SELECT count(*) FROM orders WHERE note = 'never seen'")).toBe('0');
  });

  test('it is promoted as any other, its indexes by text are made anew, and it accepts writes', async () => {
    await pair.lease('revoked', 2);
    const nodes = () =>
      pair.standby.sql(
        "SELECT pg_relation_filenode('by_text'), pg_relation_filenode('by_same'), pg_relation_filenode('by_byte')",
      );
    const [text = '', ...others] = (await nodes()).split('|');
    // Nobody is sent there before its indexes are those of this system.
    await pair.standby.pgCtl('promote');
    expect((await pair.standby.run(['ready'])).out).toMatch(/^HTTP\/1\.1 503[^]*reindexing/);
    await soon(async () => {
      expect(await pair.standby.run(['promote', 'warm_site'])).toMatchObject({
        code: 0,
        out: expect.stringContaining('made anew') as string,
      });
    });
    expect((await nodes()).split('|')).toEqual([expect.not.stringMatching(`^${text}$`), ...others]);
    const versions =
      "SELECT collversion = pg_collation_actual_version(oid) FROM pg_collation WHERE collname = 'de-x-icu'";
    expect(await pair.standby.sql(versions)).toBe('t');
    expect((await pair.standby.run(['status'])).out).not.toContain('REINDEX');
    expect((await pair.standby.run(['ready'])).out).toMatch(/^HTTP\/1\.1 200/);
    expect(pair.standby.json('reindexed.json')).toMatchObject({
      site: 'warm_site',
      seconds: expect.any(Number) as number,
    });
    await pair.standby.sql("INSERT INTO orders (note) VALUES ('here')");
  });

  test('log that is neither at the old primary nor in the archive is said, and what the archive has is counted', async () => {
    // What was archived is given away: no slot keeps it.
    for (let segment = 0; segment < 2; segment += 1) {
      await pair.primary.sql("INSERT INTO orders (note) VALUES ('on its own')");
      await pair.primary.sql('SELECT pg_switch_wal()');
    }
    const segment = /([0-9A-F]{24})-/.exec(lost)?.[1] ?? '';
    const { data } = pair.primary;
    await soon(async () => {
      await pair.primary.sql('CHECKPOINT');
      expect(existsSync(path.join(data, 'pg_wal', segment))).toBe(false);
    });
    await pair.primary.run(['watch'], { HYPDR_ONCE: 'yes' });
    const programs = path.join(pair.folder, 'no-copy');
    mkdirSync(programs);
    for (const name of readdirSync(PGBIN))
      symlinkSync(name === 'pg_basebackup' ? '/bin/false' : path.join(PGBIN, name), path.join(programs, name));
    const back = (more: Readonly<Record<string, string>> = {}) =>
      pair.primary.run(['failback', 'warm_site', '127.0.0.1', String(pair.standby.port)], more);
    const archiving = () => readFileSync(path.join(data, 'postgresql.auto.conf'), 'utf8');
    expect(await back({ HYPDR_PGBIN: programs })).toMatchObject({
      code: 75,
      out: expect.stringContaining(`segment ${segment} of its log is nowhere`) as string,
    });
    expect(pair.primary.json('divergence.json')).toMatchObject({ transactions: 'unknown', lacking: segment });
    const client = s3Client(places.minio);
    await client.send(new PutObjectCommand({ Bucket: 'warm-site', Key: lost, Body: body }));
    client.destroy();
    rmSync(path.join(pair.primary.state, 'divergence.json'));
    expect(await back()).toMatchObject({ code: 0, out: expect.stringContaining('a new copy is made') as string });
    expect(pair.primary.json('divergence.json')).toMatchObject({ relations: { 'postgres.public.orders': 4 } });
    expect(archiving()).toContain('archive_command');
    await soon(async () => {
      expect(await pair.primary.sql("SELECT count(*) FROM orders WHERE note = 'here'")).toBe('1');
    });
  });
});
