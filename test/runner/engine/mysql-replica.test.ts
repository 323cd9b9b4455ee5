import { appliedAt, parseReplication, staleness, statusStatement } from '../../../lib/runner/engine/mysql-replica';
import type { Channel } from '../../../lib/runner/engine/mysql-replica';

/** What servers say of what they follow, by the columns that their documentation gives. */

const healthy: Channel = {
  ...{ name: 'db1:3306', io: 'Yes', sql: 'Yes' },
  ...{ ioError: 0, sqlError: 0, behind: 0, delay: 0 },
};

test.each([
  [{ family: 'mariadb', text: '10.5.29' }, 'SHOW ALL SLAVES STATUS'],
  [{ family: 'mysql', text: '5.7.44' }, 'SHOW SLAVE STATUS'],
  [{ family: 'mysql', text: '8.0.21' }, 'SHOW SLAVE STATUS'],
  [{ family: 'mysql', text: '8.0.22' }, 'SHOW REPLICA STATUS'],
  [{ family: 'mysql', text: '8.4.0' }, 'SHOW REPLICA STATUS'],
  [{ family: 'mysql', text: '9.1.0' }, 'SHOW REPLICA STATUS'],
] as const)('%j is asked by %s', (version, statement) => {
  expect(statusStatement(version)).toBe(statement);
});

describe('the answer', () => {
  const NEW =
    'Replica_IO_State\tSource_Host\tSource_Port\tReplica_IO_Running\tReplica_SQL_Running\tSeconds_Behind_Source\tLast_IO_Errno\tLast_SQL_Errno\tLast_SQL_Error\tSQL_Delay\tChannel_Name';
  const OLD = NEW.replaceAll('Replica', 'Slave').replaceAll('Source', 'Master').replace('Channel', 'Connection');

  test.each([
    ['of MySQL', NEW],
    ['of MariaDB', OLD],
  ])('%s names each source, its threads, errors and delay', (_, head) => {
    const rows = [
      'Waiting\tdb1\t3306\tYes\tYes\t17\t0\t0\t\t0\t',
      'Waiting\tdb2\t3307\tConnecting\tNo\tNULL\t2003\t1062\tDuplicate\\tentry\t600\torders',
    ];
    expect(parseReplication([head, ...rows, ''].join('\n'))).toEqual([
      { ...healthy, behind: 17 },
      { name: 'orders', io: 'Connecting', sql: 'No', ioError: 2003, sqlError: 1062, behind: undefined, delay: 600 },
    ]);
  });

  test('of a primary is empty, and channels of a group are its own matter', () => {
    expect(parseReplication('')).toEqual([]);
    expect(parseReplication(`${NEW}\n\tdb1\t3306\tNo\tNo\tNULL\t0\t0\t\t0\tgroup_replication_recovery\n`)).toEqual([]);
  });
});

describe('a replica is stale', () => {
  test.each<[string, Partial<Channel>, RegExp | undefined]>([
    ['not, where both threads run', {}, undefined],
    ['not, where it is a little behind', { behind: 3599 }, undefined],
    ['where it is an hour behind', { behind: 3600 }, /^the server is a replica: it is 3600 seconds behind db1:3306;/],
    ['not, where it is meant to be', { behind: 7000, delay: 7200 }, undefined],
    [
      'where it is more than it is meant to be',
      { behind: 9000, delay: 3600 },
      /9000 seconds .*, of which 3600 are meant/,
    ],
    [
      'where nothing comes',
      { io: 'Connecting', ioError: 2003, behind: undefined },
      /from db1:3306 it receives nothing \(I\/O thread: Connecting, error 2003\), and/,
    ],
    [
      'where nothing is replayed',
      { sql: 'No', sqlError: 1062, behind: undefined },
      /it replays nothing \(SQL thread: No, error 1062\), and of which moment its data is it does not say/,
    ],
    ['where both stand still', { io: 'No', sql: 'No', behind: undefined }, /thread: No\) and replays nothing/],
  ])('%s', (_, changes, why) => {
    const said = staleness([healthy, { ...healthy, ...changes }], true);
    if (why) expect(said).toMatch(why);
    else expect(said).toBeUndefined();
  });

  test('not, where it is a primary; unknown is stale only where nobody may write', () => {
    expect(staleness([], true)).toBeUndefined();
    expect(staleness('hidden', false)).toBeUndefined();
    expect(staleness('hidden', true)).toMatch(/^the server is read-only, and whether .* grant it REPLICA MONITOR/);
  });
});

test('its data is of the moment that the slowest source has come to', () => {
  const at = new Date('2027-01-01T12:00:00Z');
  const seconds = (...behind: (number | undefined)[]) =>
    (at.getTime() -
      appliedAt(
        behind.map((one) => ({ ...healthy, behind: one })),
        at,
      ).getTime()) /
    1000;
  expect([seconds(), seconds(0), seconds(5, 90), seconds(undefined, 7)]).toEqual([0, 0, 90, 7]);
  expect(appliedAt('hidden', at)).toEqual(at);
});
