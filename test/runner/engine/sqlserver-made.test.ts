import { contradiction, runText } from '../../../lib/runner/engine/sqlserver-made';
import type { Made } from '../../../lib/runner/engine/sqlserver-made';
import { recordsOf } from '../../../lib/runner/engine/sqlserver-position';
import type { DatabaseRecord } from '../../../lib/runner/engine/sqlserver-position';

/** What a manifest says of a database, beside what the server's own history says. */

const run = { slot: '20270103T021500Z', type: 'log', attempt: '0123456789abcdef' } as const;
const record: DatabaseRecord = {
  ...{ type: 'log', stream: 'database-1-log', copy_only: false, backup_set_guid: 'AAAA' },
  ...{ first_lsn: '100', last_lsn: '200', checkpoint_lsn: '90', database_backup_lsn: '90' },
  ...{ first_recovery_fork_guid: 'FORK', recovery_fork_guid: 'FORK', database_guid: 'DB', family_guid: 'FAMILY' },
  position: 1,
};
const made: Made = { guid: 'aaaa', type: 'L', lastLsn: '200', fork: 'fork', run: runText(run) };
const UNKNOWN = "the server's history knows no such backup as the newest one";
const OTHER = "the server's history says other things of the newest backup";
const ANOTHER = "by the server's history the newest backup was taken by another run";

test.each<[string, string | undefined, Partial<DatabaseRecord>, readonly Partial<Made>[]]>([
  ['the same', undefined, {}, [{}]],
  ['nothing', UNKNOWN, {}, []],
  ['another backup', UNKNOWN, {}, [{ guid: 'BBBB' }]],
  ['another end', OTHER, { last_lsn: '300' }, [{}]],
  ['another kind', OTHER, { type: 'full' }, [{}]],
  ['another fork', OTHER, { recovery_fork_guid: 'LATER' }, [{}]],
  ['one of two that are alike', undefined, {}, [{ lastLsn: '5' }, {}]],
  ['another run', ANOTHER, {}, [{ run: '20270103T011500Z-log-0123456789abcdef' }]],
  ['another run, of what is carried on', undefined, { stream: null }, [{ run: 'x' }]],
  ['another end, of what is carried on', OTHER, { stream: null, last_lsn: '300' }, [{}]],
  ['no run, as before runs were noted', undefined, {}, [{ run: null }]],
  ['no run, in a server that calls that empty', undefined, {}, [{ run: '' }]],
])('%s', (_, why, claimed, history) => {
  const sets = history.map((one) => ({ ...made, ...one }));
  expect(contradiction({ ...record, ...claimed }, sets, run)).toBe(why);
});

test('a position with an LSN that is no number is of no database, rather than the end of a run', () => {
  const position = (last: string) => ({ 'database.shop': JSON.stringify({ ...record, last_lsn: last }) });
  const of = (last: string) => [...recordsOf({ source: { identity: {}, position: position(last) } }).keys()];
  expect(of('200')).toEqual(['shop']);
  for (const last of ['0x10', '', '1e9', '9'.repeat(26), '-1']) expect(of(last)).toEqual([]);
});
