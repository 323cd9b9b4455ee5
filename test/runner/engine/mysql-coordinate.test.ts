import { filesSince, follows, parseCoordinate, parsePurgedGtids } from '../../../lib/runner/engine/mysql-coordinate';

describe('the coordinate of a dump', () => {
  test('is read in the words of both families', () => {
    const mariadb = "--\n\n-- CHANGE MASTER TO MASTER_LOG_FILE='binlog.000002', MASTER_LOG_POS=344;\n";
    expect(parseCoordinate(mariadb)).toEqual({ file: 'binlog.000002', position: 344 });
    const mysql = "-- CHANGE REPLICATION SOURCE TO SOURCE_LOG_FILE='b.1', SOURCE_LOG_POS=157;\n";
    expect(parseCoordinate(mysql)).toEqual({ file: 'b.1', position: 157 });
    expect(parseCoordinate("INSERT '-- CHANGE MASTER TO")).toBeUndefined();
  });

  test('has the GTIDs of MySQL, over several lines and within a comment', () => {
    const head = "/* SET @@GLOBAL.GTID_PURGED='a-b:1-5,\nc-d:1-2';*/";
    expect(parsePurgedGtids(head)).toBe('a-b:1-5,c-d:1-2');
    expect(parsePurgedGtids("SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a:1-2';")).toBe('a:1-2');
    expect(parsePurgedGtids('')).toBeUndefined();
  });
});

describe('logs since a coordinate', () => {
  const log = (number: number, bytes = 500) => ({ name: `binlog.${`${number}`.padStart(6, '0')}`, bytes });

  test('are those from its file on, without the one that is written to', () => {
    const since = filesSince(
      { file: 'binlog.000002', position: 500 },
      [1, 2, 3, 4].map((one) => log(one)),
    );
    expect(since).toEqual({ files: [log(2), log(3)], active: 'binlog.000004' });
  });

  test.each([
    ['its file is gone', [3, 4], 4, /000002 is no longer/],
    ['there are none', [], 4, /no longer/],
    ['one in the middle is missing', [2, 3, 5], 4, /gap between binary logs binlog\.000003 and binlog\.000005/],
    ['its file is shorter than it was', [2, 3], 501, /ends before position 501/],
  ])('are not all there where %s', (_, numbers, position, why) => {
    const since = filesSince(
      { file: 'binlog.000002', position },
      numbers.map((one) => log(one)),
    );
    expect(since).toEqual({ why: expect.stringMatching(why) });
  });

  test('go on with a longer number, never under another name', () => {
    expect(follows('b.999999', 'b.1000000')).toBe(true);
    expect(follows('b.000001', 'c.000002')).toBe(false);
    expect(follows('b.000001', 'b.000001')).toBe(false);
  });
});
