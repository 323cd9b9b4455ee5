import { LogWalk } from '../../../lib/runner/engine/mysql-log-walk';
import { XID, binlog, gtid, gtidList, rotate, rows } from './binlog';

/** A binary log, event by event, in pieces of any size. */

function walk(bytes: Buffer, mark?: number, piece = bytes.length) {
  const one = new LogWalk(mark);
  for (let at = 0; at < bytes.length; at += piece) one.add(bytes.subarray(at, at + piece));
  return one.end();
}

const LOG = binlog([
  gtidList([0, 1, 4], [7, 1, 2], [7, 2, 3]),
  gtid(0, 1, 5),
  rows(),
  gtid(7, 2, 4),
  rows(3000),
  rotate('log.000003'),
]);
/** The second transaction. */
const SECOND = 4 + 81 + (19 + 4 + 48 + 4) + (19 + 19 + 4) + (19 + 40 + 4);
const gtids = (...of: readonly string[]) => new Map(of.map((one) => one.split(':') as [string, string]));

test.each([1, 7, 19, 64, 5000])(
  'says where it stands at its head, at a position and at its end, in pieces of %d',
  (piece) => {
    expect(walk(LOG, SECOND, piece)).toEqual({
      marked: true,
      gtids: { head: gtids('0:1-4', '7:2-3'), mark: gtids('0:1-5', '7:2-3'), end: gtids('0:1-5', '7:2-4') },
      next: 'log.000003',
    });
  },
);

test('a position is one where an event begins, or the log ends', () => {
  expect(walk(LOG, 4)).toMatchObject({ marked: true, gtids: { mark: gtids('0:1-4', '7:2-3') } });
  expect(walk(LOG, LOG.length)).toMatchObject({ marked: true, gtids: { mark: gtids('0:1-5', '7:2-4') } });
  for (const other of [0, 3, SECOND - 1, SECOND + 1, LOG.length + 1])
    expect(walk(LOG, other)).toMatchObject({ marked: false });
  expect(walk(LOG)).toMatchObject({ marked: false });
});

test('a log without checksums, lists and numbers, that its server left open', () => {
  expect(walk(binlog([rows(), rotate('log.000002')], 'off'))).toEqual({ marked: false, gtids: {}, next: 'log.000002' });
  expect(walk(binlog([rotate('log.000002'), rows()]))).toEqual({ marked: false, gtids: {} });
  expect(walk(binlog([gtid(3, 1, 9)]), 4)).toEqual({ marked: true, gtids: { end: gtids('3:1-9') } });
  expect(walk(binlog([{ type: XID, body: Buffer.alloc(4), ends: 0 }]))).toMatchObject({ gtids: {} });
});

const cut = (at: number) => LOG.subarray(0, at);
test.each<[string, Buffer, string]>([
  ['nothing', Buffer.alloc(0), 'it ends within an event, at 0'],
  ['a beginning alone', cut(4), 'it ends within an event, at 4'],
  ['half of a header', cut(SECOND + 10), `it ends within an event, at ${SECOND}`],
  ['half of an event', cut(LOG.length - 50), 'it ends within an event'],
  ['other bytes', Buffer.from('-- MariaDB dump 10.19'), 'it does not begin as a binary log does'],
  ['a log without its description', Buffer.concat([cut(4), LOG.subarray(SECOND)]), 'the description of its format'],
  [
    'one with a piece taken out',
    Buffer.concat([cut(SECOND), LOG.subarray(SECOND + 42)]),
    `the event at ${SECOND} says that it ends at`,
  ],
  ['an event of no length', Buffer.concat([cut(SECOND), Buffer.alloc(40)]), `no event begins at ${SECOND}`],
  ['a number without its bytes', binlog([{ type: 162, body: Buffer.alloc(2) }]), 'no event begins at 85'],
  ['a list that is too large', binlog([{ type: 163, body: Buffer.alloc(2 ** 20) }]), 'no event begins at 85'],
])('%s is no log', (_, bytes, why) => {
  for (const piece of [5, bytes.length || 1])
    expect(walk(bytes, undefined, piece)).toEqual({ why: expect.stringContaining(why) });
});

test('a description of another version is none, and a list that claims more than it has is read as far as it goes', () => {
  const other = Buffer.from(LOG);
  other.writeUInt16LE(3, 4 + 19);
  expect(walk(other)).toEqual({ why: 'it does not begin with the description of its format' });
  const { body } = gtidList([0, 1, 4]);
  body.writeUInt32LE(1000, 0);
  expect(walk(binlog([{ type: 163, body }]))).toMatchObject({ gtids: { head: gtids('0:1-4') } });
});
