import type { TaskManifest } from '../../../lib/contract';
import { brokenKeys } from '../../../lib/runner/engine/postgresql-catalogue';
import type { Table } from '../../../lib/runner/engine/postgresql-catalogue';
import { streamName } from '../../../lib/runner/engine/postgresql-dump';
import { openConnection } from '../../../lib/runner/engine/postgresql-environment';
import { errorOfState, errorOfTalk } from '../../../lib/runner/engine/postgresql-error';
import { globalsArguments } from '../../../lib/runner/engine/postgresql-globals';
import { compressesInside, dumpArguments, dumpOptions } from '../../../lib/runner/engine/postgresql-options';
import { dumpPattern, excludeTables, matchesPattern } from '../../../lib/runner/engine/postgresql-pattern';
import { lockNumber } from '../../../lib/runner/engine/postgresql-run';
import { conninfo } from '../../../lib/runner/engine/postgresql-session';
import { LARGE_BYTES, proposedFormat } from '../../../lib/runner/engine/postgresql-size';
import { followsNobody, momentOf } from '../../../lib/runner/engine/postgresql-standby';
import { checkVersions, parseVersion } from '../../../lib/runner/engine/postgresql-tools';
import { testMachine } from '../store/store-machine';

const options = (given: TaskManifest['options'] = {}) => dumpOptions({ name: 'shop', options: given });
const of = { database: 'shop', snapshot: '00000003-1', excludePatterns: [] };

describe('arguments of pg_dump', () => {
  test('of a task that says nothing: custom, compressed inside, of one snapshot, never asking for a password', () => {
    expect(dumpArguments(options(), of)).toEqual([
      '--format=custom',
      '--no-password',
      '--lock-wait-timeout=600000',
      '--snapshot=00000003-1',
      "--dbname=dbname='shop'",
    ]);
    expect(compressesInside(options())).toBe(true);
  });

  test('name jobs and a folder with the directory format alone', () => {
    const directory = dumpArguments(options({ format: 'directory', parallel_jobs: 4 }), { ...of, folder: '/s/1' });
    expect(directory).toEqual(expect.arrayContaining(['--format=directory', '--file=/s/1', '--jobs=4']));
    expect(dumpArguments(options({ parallel_jobs: 4 }), of).join(' ')).not.toMatch(/--jobs|--file/);
  });

  test.each([
    ['custom', true, true, false],
    ['custom', false, false, true],
    ['directory', false, false, true],
    ['plain', true, false, false],
    ['tar', true, false, false],
  ])('format %s with compression %s compresses inside: %s', (format, compression, inside, switchedOff) => {
    const given = options({ format, compression });
    expect(compressesInside(given)).toBe(inside);
    expect(dumpArguments(given, of).includes('--compress=0')).toBe(switchedOff);
  });

  test('leave out definitions or rows, and refuse to leave out both', () => {
    expect(dumpArguments(options({ include_schema: false }), of)).toContain('--data-only');
    expect(dumpArguments(options({ include_data: false }), of)).toContain('--schema-only');
    expect(() => options({ include_schema: false, include_data: false })).toThrow(/neither definitions nor rows/);
    expect(() => options({ format: 'zip' })).toThrow(/knows no format "zip"/);
  });

  test('of globals leave passwords out where they cannot be read', () => {
    expect(globalsArguments({ passwords: 'included' }, 'postgres')).not.toContain('--no-role-passwords');
    expect(globalsArguments({ passwords: 'unreadable' }, 'postgres')).toContain('--no-role-passwords');
  });
});

describe('patterns of excluded tables', () => {
  test('hold in every schema unless they name one, and are quoted but for their wildcards', () => {
    expect(dumpPattern('temp_*')).toBe('*."temp_"*');
    expect(dumpPattern('audit.log?')).toBe('"audit"."log"?');
    expect(dumpPattern('Odd"(x)')).toBe('*."Odd""(x)"');
  });

  test('match as pg_dump matches them', () => {
    const table = (schema: string, name: string) => ({ schema, table: name });
    expect(matchesPattern('temp_*', table('any', 'temp_a'))).toBe(true);
    expect(matchesPattern('temp_*', table('any', 'xtemp_a'))).toBe(false);
    expect(matchesPattern('a.b+c', table('a', 'b+c'))).toBe(true);
    expect(matchesPattern('a.b+c', table('a', 'bbc'))).toBe(false);
    expect(matchesPattern('l?g', table('a', 'l\ng'))).toBe(true);
  });

  test('take partitions along, at any depth, and tell what matches nothing', () => {
    const table = (oid: number, name: string, partitionOf: number | null = null) =>
      ({ oid, schema: 's', table: name, partitionOf }) as Table;
    const tables = [table(1, 'cache'), table(2, 'p1', 1), table(3, 'p2', 2), table(4, 'other')];
    expect(excludeTables(['cache', 'none_*'], tables)).toEqual({
      excluded: new Set([1, 2, 3]),
      unused: ['none_*'],
      patterns: ['*."cache"', '*."none_"*', '"s"."p1"', '"s"."p2"'],
    });
  });

  test('break the foreign keys of tables that stay', () => {
    const keys = [
      { name: 'stays', table: 4, references: 1 },
      { name: 'goes too', table: 2, references: 1 },
      { name: 'elsewhere', table: 1, references: 4 },
    ];
    expect(brokenKeys(keys, new Set([1, 2]))).toEqual(['stays']);
  });
});

describe('the connection', () => {
  const task = (source: object, name = 'shop') =>
    ({ name, source: { kind: 'database', secret: 's', environment: [], ...source } }) as unknown as TaskManifest;
  const of = (source: object, environment: Record<string, string>) =>
    openConnection(task(source), testMachine({ environment }));

  test("is what the task says, overridden by the tools' own variables", async () => {
    const source = { host: 'db', port: 5433, database: 'shop', tls: 'verify-full', user: 'backup' };
    const given = { PGHOST: 'localhost', PGSSLROOTCERT: '/ca', AWS_SECRET_ACCESS_KEY: 'x', PGOPTIONS: '-c x=y' };
    expect(await of(source, given)).toEqual({
      environment: {
        PGAPPNAME: 'hypdr shop',
        PGHOST: 'localhost',
        PGPORT: '5433',
        PGUSER: 'backup',
        PGSSLMODE: 'verify-full',
        PGSSLROOTCERT: '/ca',
        PGCONNECT_TIMEOUT: '30',
      },
      secrets: [],
      database: 'shop',
      maintenance: 'shop',
      fresh: expect.any(Function),
    });
  });

  test('takes user and password from the variables that the spec names', async () => {
    const given = { DB_USER: 'u', DB_PASSWORD: 'p' };
    const both = await of({ environment: ['DB_USER', 'DB_PASSWORD'] }, given);
    expect([both.environment.PGUSER, both.environment.PGPASSWORD, both.secrets]).toEqual(['u', 'p', ['p']]);
  });

  test('asks in "postgres" for all databases where none is named', async () => {
    expect(await of({}, {})).toMatchObject({ database: undefined, maintenance: 'postgres' });
    expect(await of({}, { PGDATABASE: 'shop' })).toMatchObject({ database: 'shop', maintenance: 'shop' });
  });
});

describe('versions', () => {
  const tools = (version: string) => ({ psql: version, pg_dump: version, pg_dumpall: version });

  test('are read from what the tools say', () => {
    expect(parseVersion('pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)')).toBe('15.18');
    expect(parseVersion('pg_dump (PostgreSQL) 18beta1')).toBe('18beta1');
    expect(parseVersion('busybox')).toBeUndefined();
  });

  test('of a client older than its server, or too old to be driven, are refused with the one to install', () => {
    expect(() => checkVersions(tools('15.18'), '15.3')).not.toThrow();
    expect(() => checkVersions(tools('17.1'), '13.9')).not.toThrow();
    expect(() => checkVersions(tools('15.18'), '18.4')).toThrow(
      'pg_dump 15.18 is older than the server, which is PostgreSQL 18.4',
    );
    expect(() => checkVersions(tools('9.6.24'), '9.6.24')).toThrow(/too old/);
  });
});

describe('failures', () => {
  test.each([
    ['FATAL:  password authentication failed for user "x"', 'config'],
    ['FATAL:  database "x" does not exist', 'config'],
    ['pg_dump: error: aborting because of server version mismatch', 'config'],
    ['ERROR:  permission denied for large object 1', 'config'],
    ['could not write: No space left on device', 'source'],
    ['server closed the connection unexpectedly', 'retry'],
    ['connection refused', 'retry'],
  ])('%s is of kind %s', (talk, kind) => {
    const error = errorOfTalk('dump', talk);
    expect([error.kind, error.fix]).toEqual([kind, expect.stringMatching(/^[a-z].*/)]);
  });

  test('have their kind from the SQLSTATE where there is one', () => {
    expect(
      ['28P01', '42501', '55P03', '57P01', '53300', 'XX000'].map((state) => errorOfState('x', state, 'm').kind),
    ).toEqual(['config', 'config', 'retry', 'retry', 'retry', 'source']);
  });
});

describe('a server in recovery', () => {
  const fenced = { standby: true, replays: true, receivers: 0, restoreCommand: '', replayedAt: null } as const;

  test.each([
    ['a primary', { standby: false, replays: null, receivers: null }],
    ['that gets log', { receivers: 1 }],
    ['that fetches log', { restoreCommand: 'cp %f %p' }],
    ['that does not say whether it fetches log', { restoreCommand: null }],
    ['that replays none, as a reader of Aurora', { replays: false }],
  ])('is no old primary: %s', (_, changes) => {
    expect(followsNobody({ ...fenced, ...changes })).toBeUndefined();
  });

  test('that nothing comes to is one, since its last change where it knows that', () => {
    expect(followsNobody(fenced)).toMatch(/follows nobody: nothing new comes here;/);
    expect(followsNobody({ ...fenced, replayedAt: '2026-11-20 10:00:00+00' })).toContain('here since 2026-11-20 10:00');
  });

  test('has the moment of the last change, unless it has replayed all that came', () => {
    const of = { now: '2026-11-26 12:00:00+00', standby: true, caughtUp: false, replayedAt: '2026-11-26 11:00:00+00' };
    const at = (changes: object) =>
      momentOf({ ...of, ...changes })
        .toISOString()
        .slice(11, 19);
    expect([at({}), at({ caughtUp: true }), at({ replayedAt: null }), at({ standby: false })]).toEqual([
      ...['11:00:00', '12:00:00', '12:00:00', '12:00:00'],
    ]);
  });
});

describe('the directory format', () => {
  const of = (bytes: number, given: TaskManifest['options'] = {}) =>
    proposedFormat({ database: 'shop', bytes }, options(given));

  test('is proposed for a large database in any other format', () => {
    expect(of(LARGE_BYTES)).toMatch(/^"shop" has 100 GB on disk and is dumped in the format custom, .*"directory"/);
    for (const format of ['plain', 'tar']) expect(of(4.2e12, { format })).toMatch(/has 4200 GB .*"directory"/);
  });

  test('is not proposed for a smaller one, where it is in use, nor where no rows are dumped', () => {
    expect(of(LARGE_BYTES - 1)).toBeUndefined();
    expect(of(1e15, { format: 'directory' })).toBeUndefined();
    expect(of(1e15, { include_data: false })).toBeUndefined();
  });
});

describe('names', () => {
  test('of streams are fit for every store, and differ where databases do', () => {
    expect(streamName('a/b', 1)).toBe('database-1-a_b');
    expect(streamName('ä'.repeat(300), 2)).toBe('database-2-_');
    expect(streamName('x'.repeat(300), 3).length).toBeLessThan(80);
  });

  test('of databases are never read as connection strings', () => {
    expect(conninfo('host=evil')).toBe("dbname='host=evil'");
    expect(conninfo("it's\\")).toBe("dbname='it\\'s\\\\'");
  });

  test('of locks are 64 bits, one for each task and kind', () => {
    const numbers = [lockNumber('a', 'data'), lockNumber('a', 'log'), lockNumber('b', 'data')];
    expect(new Set(numbers).size).toBe(3);
    for (const number of numbers) expect(BigInt.asIntN(64, number)).toBe(number);
  });
});
