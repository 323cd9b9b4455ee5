import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { downloadArguments } from '../../../lib/runner/engine/mysql-logs';
import { LogWalk } from '../../../lib/runner/engine/mysql-log-walk';
import type { LogFacts } from '../../../lib/runner/engine/mysql-log-walk';
import { startMariadb } from '../../servers/mariadb';
import type { MariadbServer } from '../../servers/mariadb';
import { lines, value } from './mariadb-source';

/** What is read from the logs of a real server is what the server itself says of them, at every position. */

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-log-walk-'));
  chmodSync(folder, 0o755);
  writeFileSync(path.join(folder, 'keys'), `1;${'0123456789abcdef'.repeat(2)}\n`);
});

const KEYS = 'keys';

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Several domains and servers, a log without checksums, one that is larger than a read, and each way to end one. */
const HISTORY = `
CREATE DATABASE shop; CREATE TABLE shop.orders (id int PRIMARY KEY, note mediumtext);
INSERT INTO shop.orders VALUES (1, 'one'), (2, 'two');
SET gtid_domain_id = 7; INSERT INTO shop.orders VALUES (3, 'three');
SET server_id = 9; INSERT INTO shop.orders VALUES (4, 'four');
FLUSH BINARY LOGS;
SET gtid_domain_id = 0; INSERT INTO shop.orders VALUES (5, REPEAT('x', 300000));
SET GLOBAL binlog_checksum = 'NONE';
BEGIN; INSERT INTO shop.orders VALUES (6, 'six'); DELETE FROM shop.orders WHERE id = 1; COMMIT;
SET GLOBAL binlog_checksum = 'CRC32';
DROP TABLE shop.orders;
FLUSH BINARY LOGS;
`;

function read(server: MariadbServer, name: string): Buffer {
  const file = path.join(folder, 'client.cnf');
  const login = readFileSync(server.optionFile, 'utf8').replace(/^default-character-set.*\n/m, '');
  writeFileSync(file, login, { mode: 0o600 });
  execFileSync('mariadb-binlog', [`--defaults-file=${file}`, ...downloadArguments(folder, name)]);
  return readFileSync(path.join(folder, name));
}

function walk(bytes: Buffer, mark?: number): LogFacts {
  const one = new LogWalk(mark);
  for (let at = 0; at < bytes.length; at += 1000) one.add(bytes.subarray(at, at + 1000));
  const facts = one.end();
  if ('why' in facts) throw new Error(facts.why);
  return facts;
}

const text = (gtids: ReadonlyMap<string, string> | undefined) =>
  [...(gtids ?? [])].map(([domain, number]) => `${domain}-${number}`).sort();

test.each<[string, Record<string, string>]>([
  ['as it is', {}],
  ['with other formats', { 'binlog-format': 'STATEMENT', 'log-bin-compress': 'ON' }],
  [
    'that encrypts them',
    { 'plugin-load-add': 'file_key_management', 'file-key-management-filename': KEYS, 'encrypt-binlog': 'ON' },
  ],
])(
  'every position of every log, of a server %s',
  async (_, given) => {
    const keys = path.join(folder, 'keys');
    const settings = Object.fromEntries(Object.entries(given).map(([name, one]) => [name, one === KEYS ? keys : one]));
    const server = await startMariadb({ settings });
    try {
      await server.sql(HISTORY);
      const logs = (await lines(server, 'SHOW BINARY LOGS')).map((one) => one.split('\t')[0] ?? '');
      expect(logs.length).toBe(5);
      for (const [index, name] of logs.slice(0, -1).entries()) {
        const bytes = read(server, name);
        const events = (await lines(server, `SHOW BINLOG EVENTS IN '${name}'`)).map((one) => one.split('\t'));
        expect(events.length).toBeGreaterThan(3);
        for (const position of [...events.map((one) => Number(one[1])), bytes.length]) {
          const said = await value(server, `SELECT BINLOG_GTID_POS('${name}', ${position})`);
          const facts = walk(bytes, position);
          expect([name, position, facts.marked, text(facts.gtids.mark)]).toEqual([
            ...[name, position, true],
            said === '' ? [] : said.split(',').sort(),
          ]);
          expect(walk(bytes, position + 1).marked).toBe(false);
        }
        expect(walk(bytes).next).toBe(logs[index + 1]);
      }
    } finally {
      await server.stop();
    }
  },
  180_000,
);
