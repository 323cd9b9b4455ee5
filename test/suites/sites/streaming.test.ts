import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { systemProgram } from '../../servers/programs';
import { until } from '../../servers/until';
import { PGBIN } from './machine';
import { freePort } from '../../servers/free-port';
import { Machine } from './machine';
import { LEASE_SECONDS, Pair, startPlaces } from './pair';

/**
 * Two PostgreSQL clusters, set up by the scripts that templates carry, with the lease on a real S3 server: one story from
 * the first copy to the way back.
 */
jest.setTimeout(180_000);

let places: Awaited<ReturnType<typeof startPlaces>>;
let pair: Pair;
/** The second database machine of the site. */
let second: Machine | undefined;

beforeAll(async () => {
  places = await startPlaces();
  pair = await Pair.start(places, 'hot_site', 'streaming_replication');
});

afterAll(async () => {
  await second?.stop();
  await pair?.stop();
  await Promise.all([places?.minio.stop(), places?.moto.stop()]);
});

const soon = (attempt: () => Promise<void>) => until(attempt, 60_000);

/** PostgreSQL's programs, with a copy that takes a minute: who kills it comes in its middle. */
function slowCopies(folder: string): string {
  const programs = path.join(folder, 'slow');
  mkdirSync(programs);
  for (const name of readdirSync(PGBIN)) symlinkSync(path.join(PGBIN, name), path.join(programs, name));
  const copy = path.join(programs, 'pg_basebackup');
  rmSync(copy);
  writeFileSync(copy, `#!/bin/sh\nexec '${path.join(PGBIN, 'pg_basebackup')}' --max-rate=1M "$@"\n`, { mode: 0o755 });
  return programs;
}

/** Numbers that were sent as a metric. */
async function metrics(): Promise<readonly number[]> {
  const body = `Action=GetMetricStatistics&Version=2010-08-01&Namespace=HypnoScript%2FSite&MetricName=LagSeconds&Dimensions.member.1.Name=Site&Dimensions.member.1.Value=acme-hot_site&StartTime=2020-01-01T00%3A00%3A00Z&EndTime=2099-01-01T00%3A00%3A00Z&Period=60&Statistics.member.1=Maximum&Statistics.member.2=SampleCount`;
  const text = await (
    await fetch(places.moto.endpoint, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        Authorization:
          'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=b',
      },
      body,
    })
  ).text();
  return [...text.matchAll(/<Maximum>([^<]*)<\/Maximum>/g)].map(([, value]) => Number(value));
}

describe('one after the other', () => {
  test('the primary is told what it would change, then is changed, and says what needs a restart', async () => {
    await pair.primary.initialise('');
    const dry = await pair.primary.run(['setup', '--dry-run']);
    expect([dry.code, dry.out]).toEqual([
      0,
      expect.stringContaining('wal_log_hints = on (it is off), needs a restart'),
    ]);
    expect(await pair.primary.sql("SELECT count(*) FROM pg_roles WHERE rolname = 'hypdr_replication'")).toBe('0');
    const first = await pair.primary.run(['setup']);
    expect([first.code, first.err]).toEqual([3, expect.stringContaining('restart PostgreSQL')]);
    await pair.primary.pgCtl('restart');
    expect(await pair.primary.run(['setup'])).toMatchObject({ code: 0, err: '' });
    const hba = () => readFileSync(path.join(pair.primary.data, 'pg_hba.conf'), 'utf8');
    const [before, again] = [hba(), await pair.primary.run(['setup'])];
    expect([again.code, hba()]).toEqual([0, before]);
    expect(await pair.primary.sql('SHOW max_slot_wal_keep_size')).toBe('1000MB');
  });

  test('a copy that is killed in the middle is made again, and counts only when it is whole', async () => {
    await pair.primary.sql('CREATE TABLE orders (id bigserial PRIMARY KEY, note text)');
    await pair.primary.sql("INSERT INTO orders (note) SELECT repeat('x', 1000) FROM generate_series(1, 60000)");
    const child = pair.standby.start(['bootstrap'], { HYPDR_PGBIN: slowCopies(pair.folder) });
    const ended = once(child, 'exit');
    await soon(async () => {
      if (!existsSync(`${pair.standby.data}.new/base`)) throw new Error('nothing is copied yet');
    });
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await ended;
    expect(existsSync(pair.standby.data)).toBe(false);
    // Until the primary notices that the first one is gone, its slot is taken: that is worth another try.
    await soon(async () => {
      const { code, out, err } = await pair.standby.run(['bootstrap']);
      if (code === 75 && err.includes('is active for PID')) throw new Error(err);
      expect([code, err.replace(/^.*(NOTICE|WARNING).*$/gm, '').trim()]).toEqual([0, '']);
      expect(out).toContain('it runs, following');
    });
    expect(await pair.standby.sql('SELECT count(*) FROM orders')).toBe('60000');
    // Once more, as after a reboot: nothing is copied again.
    expect(await pair.standby.run(['bootstrap'])).toMatchObject({ code: 0, out: 'hypdr-site: it runs, following\n' });
  });

  test('the second machine follows the first, as the same role and by a slot there', async () => {
    const { environment, port } = pair.standby;
    second = new Machine(path.join(pair.folder, 'second'), await freePort(), environment, {
      config: pair.standbyConfig({ host: '127.0.0.1', port }, 'hot_site_2'),
      script: pair.standbyScript,
    });
    expect(await second.run(['bootstrap'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('following') as string,
    });
    expect(await second.sql('SELECT count(*) FROM orders')).toBe('60000');
    expect(await pair.standby.sql('SELECT slot_name FROM pg_replication_slots')).toBe('hot_site_2');
    // It is given up before the first machine's disk is full.
    expect(await pair.standby.sql('SHOW max_slot_wal_keep_size')).toBe('256MB');
  });

  test('no password is in any argument, file of the database or output', async () => {
    const conf = readFileSync(path.join(pair.standby.etc, 'postgresql.conf'), 'utf8');
    expect(conf).toContain('passfile=');
    expect(conf).not.toContain('c\'d"e');
    expect(readFileSync(path.join(pair.primary.state, 'server.log'), 'utf8')).not.toContain('d"e$f');
  });

  test('how far it is behind is the age of the heartbeat: none while idle, more when nothing comes', async () => {
    await pair.primary.run(['heartbeat']);
    await soon(async () => {
      const { code, out } = await pair.standby.run(['lag']);
      expect([code, /^hypdr-site: [0-3] seconds behind$/m.test(out)]).toEqual([0, true]);
    });
    // Under load, too.
    const writes = pair.primary.sql("INSERT INTO orders (note) SELECT repeat('y', 500) FROM generate_series(1, 50000)");
    await pair.primary.run(['heartbeat']);
    await writes;
    await soon(async () => {
      expect((await pair.standby.run(['lag'])).out).toMatch(/: [0-9] seconds behind/);
    });
    expect((await metrics()).every((seconds) => seconds < 60)).toBe(true);
    await pair.primary.sql("UPDATE hypdr.heartbeat SET at = at - interval '1 hour'");
    await soon(async () => {
      expect((await pair.standby.run(['lag'])).out).toMatch(/36\d\d seconds behind/);
    });
    expect(Math.max(...(await metrics()))).toBeGreaterThanOrEqual(3600);
  });

  test('a machine that is there and a server that is not: no number, and it starts without the store of secrets', async () => {
    await pair.standby.pgCtl('stop');
    expect(await pair.standby.run(['lag'])).toMatchObject({
      code: 75,
      err: expect.stringContaining('nothing is published') as string,
    });
    const nowhere = { AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:1' };
    expect(await pair.standby.run(['bootstrap'], nowhere)).toMatchObject({
      code: 0,
      out: expect.stringContaining('what it said before is used') as string,
    });
    expect(await pair.standby.sql('SELECT pg_is_in_recovery()')).toBe('t');
  });

  test('a standby says that it is none to write to', async () => {
    expect((await pair.standby.run(['ready'])).out).toMatch(/^HTTP\/1\.1 503 .*\r\n\r\nstandby\n$/s);
  });

  test('what a slot keeps is said', async () => {
    expect((await pair.primary.run(['slots'])).out).toMatch(/hot_site keeps \d+ bytes of 1000000000, reserved/);
  });

  test('a promotion needs the name of the site, and a lease that is over', async () => {
    expect(await pair.standby.run(['promote'])).toMatchObject({ code: 64 });
    expect(await pair.standby.run(['promote', 'warm_site'])).toMatchObject({ code: 64 });
    expect(await pair.standby.run(['promote', 'hot_site'])).toMatchObject({
      code: 78,
      err: expect.stringContaining('revoke it first') as string,
    });
    expect(await pair.standby.sql('SELECT pg_is_in_recovery()')).toBe('t');
  });

  test('an index whose order of text this system has in another version is noticed, also one that came later', async () => {
    expect((await pair.standby.run(['status'])).out).not.toContain('REINDEX');
    await pair.primary.sql('CREATE INDEX by_note ON orders (note COLLATE "de-x-icu")');
    await pair.primary.sql("UPDATE pg_collation SET collversion = '1.0' WHERE collname = 'de-x-icu'");
    await soon(async () => {
      expect((await pair.standby.run(['bootstrap'])).out).toContain('REINDEX before use');
    });
  });

  /** Acknowledged writes of a client that keeps its connection, the last one first. */
  let acknowledged = 0;

  test('writers of a primary that lost its lease get errors, whatever they set, on connections that they had', async () => {
    const writer = spawn(
      systemProgram('psql'),
      [
        '-XAtq',
        '-v',
        'ON_ERROR_STOP=1',
        '-h',
        path.join(pair.primary.folder, 'sockets'),
        '-p',
        String(pair.primary.port),
        '-U',
        'postgres',
        '-d',
        'postgres',
      ],
      { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: process.env.PATH } },
    );
    const ended = once(writer, 'exit');
    writer.stdin.on('error', () => undefined);
    let out = '';
    writer.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    // The network to the standby is cut: what is written from now on is only here.
    await pair.standby.pgCtl('stop');
    writer.stdin.write('SET default_transaction_read_only = off;\n');
    const watch = pair.primary.start(['watch'], { HYPDR_POLL: '1' });
    const watched = once(watch, 'exit');
    try {
      for (let id = 1; id <= 50; id += 1)
        writer.stdin.write(`INSERT INTO orders (note) VALUES ('late ${id}') RETURNING id;\n`);
      await soon(async () => {
        if (out.trim().split('\n').length < 50) throw new Error('not yet acknowledged');
      });
      await soon(async () => {
        if (!existsSync(path.join(pair.primary.state, 'lease-seen'))) throw new Error('the lease was not read yet');
      });
      // The third place can't be reached.
      await places.minio.kill();
      await soon(async () => {
        writer.stdin.write("INSERT INTO orders (note) VALUES ('later') RETURNING id;\n");
        if (writer.exitCode === null) throw new Error('it still writes');
      });
      expect((await ended)[0]).not.toBe(0);
      acknowledged = out.trim().split('\n').length;
      expect(acknowledged).toBeGreaterThanOrEqual(50);
      await soon(async () => {
        await expect(
          pair.primary.sql("SET default_transaction_read_only = off; INSERT INTO orders (note) VALUES ('no')"),
        ).rejects.toThrow(/recovery|read-only/);
      });
      expect(pair.primary.json('fenced.json')).toMatchObject({
        why: `the lease could not be read for ${LEASE_SECONDS} seconds`,
      });
    } finally {
      process.kill(-(watch.pid ?? 0), 'SIGKILL');
      await watched;
      await places.minio.restart();
    }
  });

  test('the standby takes over when the lease was over for long enough, and accepts writes', async () => {
    // It comes back without a way to the old primary, which has more than it.
    pair.standby.configure(pair.standbyConfig({ host: '127.0.0.1', port: 1 }), pair.standbyScript);
    expect(await pair.standby.run(['bootstrap'])).toMatchObject({ code: 0 });
    // A deactivation leaves who was never promoted as it is.
    expect(await pair.standby.run(['leave'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('follows on') as string,
    });
    expect((await pair.standby.run(['status'])).out).toContain('following');
    // Whether it could be promoted is known before the primary loses its lease, and starts a server that stands still.
    await pair.standby.pgCtl('stop');
    expect(await pair.standby.run(['able'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('following') as string,
    });
    await pair.lease('revoked', 2);
    await pair.standby.pgCtl('stop');
    expect(await pair.standby.run(['promote', 'hot_site'])).toMatchObject({
      code: 75,
      err: expect.stringContaining('try again') as string,
    });
    // As if that index had come since the last start: a promotion compares once more.
    rmSync(path.join(pair.standby.state, 'reindex'));
    await soon(async () => {
      expect(await pair.standby.run(['promote', 'hot_site'])).toMatchObject({
        code: 0,
        out: expect.stringContaining('made anew') as string,
      });
    });
    await pair.standby.sql("INSERT INTO orders (note) VALUES ('after')");
    expect(pair.standby.json('promotion.json')).toMatchObject({ site: 'hot_site', term: 2, timeline: 2 });
    expect((await pair.standby.run(['ready'])).out).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(await pair.standby.run(['promote', 'hot_site'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('already') as string,
    });
    // Killed before all of it was written down, the next one completes it.
    const { ended, ...begun } = pair.standby.json('promotion.json');
    expect(ended).toEqual(expect.any(Number));
    pair.standby.write(path.join(pair.standby.state, 'promotion.json'), JSON.stringify(begun));
    await pair.standby.run(['promote', 'hot_site']);
    expect(pair.standby.json('promotion.json')).toMatchObject({ ...begun, ended: expect.any(Number) as number });
    // The second machine follows the new primary, without anybody's doing.
    await soon(async () => {
      expect(await second?.sql("SELECT count(*) FROM orders WHERE note = 'after'")).toBe('1');
    });
    // After a reboot it is still the primary.
    await pair.standby.pgCtl('stop');
    expect(await pair.standby.run(['bootstrap'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('promoted') as string,
    });
    expect(await pair.standby.sql('SELECT pg_is_in_recovery()')).toBe('f');
  });

  test('on the way back each acknowledged write that only the old primary had is counted and kept', async () => {
    const { port } = pair.standby;
    expect(await pair.primary.run(['failback', 'hot_site'])).toMatchObject({ code: 64 });
    const back = await pair.primary.run(['failback', 'hot_site', '127.0.0.1', String(port)]);
    expect([back.code, back.err]).toEqual([0, expect.not.stringContaining('fail')]);
    const record = pair.primary.json('divergence.json');
    expect(record).toMatchObject({ site: 'hot_site', timeline: 1 });
    expect(Number(record.transactions)).toBeGreaterThanOrEqual(acknowledged);
    expect(Number(record.changes)).toBeGreaterThanOrEqual(acknowledged);
    await soon(async () => {
      expect(await pair.primary.sql("SELECT count(*) FROM orders WHERE note = 'after'")).toBe('1');
    });
    expect(await pair.primary.sql("SELECT count(*) FROM orders WHERE note LIKE 'late%'")).toBe('0');
    expect(Object.keys(record.relations as object)).toContain('postgres.public.orders');
    expect(Object.values(record.relations as object).reduce((sum: number, rows: number) => sum + rows, 0)).toBe(
      record.changes,
    );

    // The copy is a whole folder: started apart, it has each of them.
    await pair.primary.pgCtl('stop');
    const kept = String(record.copy);
    const { data } = pair.primary;
    Object.assign(pair.primary, { data: kept });
    rmSync(path.join(kept, 'standby.signal'));
    await pair.primary.pgCtl('start');
    expect(Number(await pair.primary.sql("SELECT count(*) FROM orders WHERE note LIKE 'late%'"))).toBe(acknowledged);
    await pair.primary.pgCtl('stop');
    Object.assign(pair.primary, { data });
    await pair.primary.pgCtl('start');
  });

  test('it takes over again only when the site has stopped and the lease is its own', async () => {
    expect(await pair.primary.run(['take-back', 'hot_site'])).toMatchObject({
      code: 78,
      err: expect.stringContaining('lease') as string,
    });
    await pair.lease('granted', 3);
    await soon(async () => {
      expect(await pair.primary.run(['take-back', 'hot_site'])).toMatchObject({
        code: 78,
        err: expect.stringContaining('stop it first') as string,
      });
    });
    // The link is cut: what the site writes now does not come here, nor its end.
    const conninfo = (await pair.primary.sql('SHOW primary_conninfo')).trim();
    const followBy = async (text: string) => {
      await pair.primary.sql(`ALTER SYSTEM SET primary_conninfo = '${text.replaceAll("'", "''")}'`);
      await pair.primary.sql('SELECT pg_reload_conf()');
    };
    await followBy(`${conninfo} port=1`);
    await soon(async () => {
      expect((await pair.primary.sql('SELECT count(*) FROM pg_stat_wal_receiver')).trim()).toBe('0');
    });
    await pair.standby.sql("INSERT INTO orders (note) VALUES ('last of the site')");
    expect(await pair.standby.run(['leave'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('stopped') as string,
    });
    await expect(pair.standby.sql('SELECT 1')).rejects.toThrow();
    expect(await pair.primary.run(['take-back', 'hot_site'])).toMatchObject({
      code: 78,
      err: expect.stringContaining('take-back hot_site incomplete') as string,
    });
    expect(
      await pair.primary.sql("SELECT pg_is_in_recovery(), count(*) FROM orders WHERE note = 'last of the site'"),
    ).toBe('t|0');
    // There it is again, until it is stopped once more.
    const { etc } = pair.standby;
    const configured = ['config_file=postgresql.conf', 'hba_file=pg_hba.conf', 'ident_file=pg_ident.conf'];
    await pair.standby.pgCtl('start', 'fast', configured.map((one) => ` -c ${one.replace('=', `=${etc}/`)}`).join(''));
    await followBy(conninfo);
    await soon(async () => {
      expect(await pair.primary.sql("SELECT count(*) FROM orders WHERE note = 'last of the site'")).toBe('1');
    });
    await pair.standby.pgCtl('stop');
    await soon(async () => {
      expect(await pair.primary.run(['take-back', 'hot_site'])).toMatchObject({ code: 0 });
    });
    expect(await pair.primary.sql("SELECT count(*) FROM orders WHERE note = 'last of the site'")).toBe('1');
    await pair.primary.sql("INSERT INTO orders (note) VALUES ('home')");
    expect(Number((await pair.primary.sql('SELECT count(*) FROM orders')).trim())).toBeGreaterThan(60_000);
  });

  test('the server of the site follows again, and whoever asks for it too early is told so', async () => {
    pair.standby.configure(pair.standbyConfig({ host: '127.0.0.1', port: pair.primary.port }), pair.standbyScript);
    // The primary has the lease of a later term: a boot here is no second primary.
    expect(await pair.standby.run(['bootstrap'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('this server is not started') as string,
    });
    await expect(pair.standby.sql('SELECT 1')).rejects.toThrow();
    // Activated again before it followed: what the primary wrote meanwhile is not here.
    for (const [word, term] of [
      ['granted', 3],
      ['revoked', 4],
    ] as const) {
      await pair.lease(word, term);
      for (const asked of [['able'], ['promote', 'hot_site']])
        expect(await pair.standby.run(asked)).toMatchObject({
          code: 78,
          err: expect.stringContaining('rejoin') as string,
        });
      expect(await pair.standby.run(['bootstrap'])).toMatchObject({ code: 0 });
      await expect(pair.standby.sql('SELECT 1')).rejects.toThrow();
    }
    await pair.lease('revoked', 2);
    expect(await pair.standby.run(['rejoin', 'hot_site'])).toMatchObject({
      code: 78,
      err: expect.stringContaining('take-back') as string,
    });
    await pair.lease('granted', 3);
    expect(await pair.standby.run(['rejoin'])).toMatchObject({ code: 64 });
    expect(await pair.standby.run(['rejoin', 'hot_site'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('follows the primary again') as string,
    });
    await soon(async () => {
      expect(await pair.standby.sql("SELECT count(*) FROM orders WHERE note = 'home'")).toBe('1');
    });
    expect((await pair.standby.run(['bootstrap'])).out).toContain('it runs, following');
    expect((await pair.standby.run(['ready'])).out).toMatch(/^HTTP\/1\.1 503/);
    // A second machine that was stopped only starts.
    await second?.pgCtl('stop');
    expect(await second?.run(['rejoin', 'hot_site'])).toMatchObject({ code: 0 });
    await soon(async () => {
      expect(await second?.sql("SELECT count(*) FROM orders WHERE note = 'home'")).toBe('1');
    });
  });
});
