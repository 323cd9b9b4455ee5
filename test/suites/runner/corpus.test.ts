import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { corpusSets } from '../../corpus/expected';
import type { Answer, DatabasePoint } from '../../corpus/expected';
import { fileEntries } from '../../corpus/file-entries';
import { startMariadb } from '../../servers/mariadb';
import type { MariadbServer } from '../../servers/mariadb';
import { startPostgres } from '../../servers/postgres';
import type { PostgresServer } from '../../servers/postgres';
import { bytesOf, membersOf, restorePostgres, run } from './corpus-restore';

/** What every released version stored comes back by the plain tools, on real servers, as it was. */

jest.setTimeout(120_000);

const points = corpusSets().flatMap((set) =>
  set.expected.points.map((point) => [`${set.name} ${point.type} ${point.slot}`, set, point] as const),
);
const databases = (kind: DatabasePoint['kind']) =>
  points.flatMap(([name, set, point]) =>
    point.kind !== 'files' && point.kind === kind ? [[name, set, point] as const] : [],
  );
const files = points.flatMap(([name, set, point]) => (point.kind === 'files' ? [[name, set, point] as const] : []));

let scratch: string;
beforeEach(() => (scratch = mkdtempSync(path.join(tmpdir(), 'hypdr-corpus-'))));
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

test('there are backups of every kind of source', () => {
  const lists = [databases('postgresql'), databases('mariadb'), files];
  expect(lists.every((one) => one.length > 1)).toBe(true);
});

describe('PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => (server = await startPostgres()));
  afterAll(() => server.stop());
  // Nothing of the restore before.
  beforeEach(async () => {
    await server.sql('DROP DATABASE IF EXISTS shop');
    await server.sql('DROP ROLE IF EXISTS app_owner');
  });

  test.each(databases('postgresql'))('%s', async (_, set, point) => {
    const { answers } = point;
    const [member, ...others] = membersOf(set, point);
    expect(others).toEqual([]);
    for (const stream of member?.manifest.streams ?? []) {
      const bytes = bytesOf(stream, member?.folder ?? '');
      if (stream.database === undefined) {
        // The server's own role is there already, and would get the password of another server.
        const roles = run('grep', ['-v', 'ROLE postgres'], bytes);
        run('psql', ['-Xq', '-v', 'ON_ERROR_STOP=1', '-f', '-'], roles, {
          ...server.environment,
          PGDATABASE: 'postgres',
        });
        continue;
      }
      await server.sql(`CREATE DATABASE ${stream.database}`);
      restorePostgres(stream, bytes, { database: stream.database, scratch, environment: server.environment });
    }
    expect(await answersOf(answers, (sql, database) => server.sql(sql, database))).toEqual(answers);
  });
});

describe('MariaDB', () => {
  let server: MariadbServer;
  beforeEach(async () => (server = await startMariadb()));
  afterEach(() => server.stop());

  test.each(databases('mariadb'))('%s', async (_, set, point) => {
    const client = (input: Buffer) => run('mariadb', [`--defaults-file=${server.optionFile}`, '--binary-mode'], input);
    for (const { manifest, folder } of membersOf(set, point)) {
      for (const [index, stream] of manifest.streams.entries()) {
        const bytes = bytesOf(stream, folder);
        if (stream.format === 'sql') {
          // Accounts would replace the test's own login.
          if (stream.name !== 'accounts') client(bytes);
          continue;
        }
        const from = index === 0 ? [`--start-position=${manifest.source.position['binlog.from.position']}`] : [];
        client(run('mariadb-binlog', ['--no-defaults', '--disable-log-bin', ...from, '-'], bytes));
      }
    }
    expect(await answersOf(point.answers, (sql) => server.sql(sql))).toEqual(point.answers);
  });
});

test.each(files)('%s', (_, set, point) => {
  for (const { manifest, folder } of membersOf(set, point)) {
    for (const stream of manifest.streams)
      run('tar', ['-xp', '--listed-incremental=/dev/null', '-C', scratch, '-f', '-'], bytesOf(stream, folder));
  }
  expect(fileEntries(path.join(scratch, point.root))).toEqual(point.entries);
});

async function answersOf(
  answers: readonly Answer[],
  ask: (sql: string, database: string) => Promise<string>,
): Promise<readonly Answer[]> {
  const found: Answer[] = [];
  for (const { database, sql } of answers) found.push({ database, sql, answer: await ask(sql, database) });
  return found;
}
