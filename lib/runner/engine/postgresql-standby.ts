import type { Row } from './postgresql-session';

/** What a server in recovery says of where its data comes from, as columns of the query that takes the snapshot. */
export const STANDBY = `
  pg_is_in_recovery() AS standby,
  CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() IS NOT NULL END AS replays,
  CASE WHEN pg_is_in_recovery() THEN (SELECT count(*) FROM pg_stat_wal_receiver) END AS receivers,
  current_setting('restore_command', true) AS "restoreCommand",
  pg_last_wal_receive_lsn() IS NOT DISTINCT FROM pg_last_wal_replay_lsn() AS "caughtUp",
  pg_last_xact_replay_timestamp()::text AS "replayedAt"`;

/**
 * Why nothing new can arrive at a server that only replays: nobody sends it log, and it fetches none. Such is an old
 * primary that its lease made read-only while a site is active: its backups would go on, green, with what nobody uses.
 * A version before 12 does not say whether it fetches log, and a reader of Aurora replays none.
 * @default - it is a primary, or follows one
 */
export function followsNobody({ standby, replays, receivers, restoreCommand, replayedAt }: Row): string | undefined {
  if (standby !== true || replays !== true || Number(receivers) > 0 || restoreCommand !== '') return undefined;
  const since = typeof replayedAt === 'string' ? ` since ${replayedAt}` : '';
  return `the server only replays, and follows nobody: nothing new comes here${since}; if another server is the primary now, that one has to be backed up`;
}

/** The moment of which the data is: what a standby received and has not replayed is not in it. */
export function momentOf({ now, standby, caughtUp, replayedAt }: Row): Date {
  const isBehind = standby === true && caughtUp !== true && typeof replayedAt === 'string';
  return new Date(
    String(isBehind ? replayedAt : now)
      .replace(' ', 'T')
      .replace(/\+00$/, 'Z'),
  );
}
