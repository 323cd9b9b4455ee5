import type { BackupManifest, BackupStream } from '../contract';
import { LogWalk } from './engine/mysql-log-walk';
import type { Gtids, LogFacts } from './engine/mysql-log-walk';
import { logNames } from './restore/link';

/** What was read of each log of a backup, in the order of its streams. */
export type LogsRead = readonly (LogFacts | { readonly why: string })[];

/** What looks at a binary log while it is read: the first one of a backup is replayed from a position. */
export function walkFor({ format }: BackupStream, { source }: BackupManifest): LogWalk | undefined {
  return format === 'binlog' ? new LogWalk(Number(source.position['binlog.from.position'])) : undefined;
}

/**
 * Why the logs of a backup, whole by their hashes, are not those of which its manifest speaks: each is read from event to
 * event, begins where its parent ended, by MariaDB's own numbers of transactions too, and names the next one.
 * @param read - where some could not be read, nothing is said
 * @param parent - left out: what it says of transactions is not compared
 */
export function wrongLogs(
  child: BackupManifest,
  parent: BackupManifest | undefined,
  read: LogsRead,
): string | undefined {
  if (read.length !== child.streams.length) return undefined;
  const { position } = child.source;
  const names = logNames(child) ?? [];
  const active = position['binlog.file'];
  let before = gtidsOf(parent?.source.position.gtid);
  for (const [index, facts] of read.entries()) {
    const name = names[index] ?? child.streams[index]?.name;
    if ('why' in facts) return `log ${name} can't be read as one: ${facts.why}`;
    const { marked, gtids, next } = facts;
    const at = position['binlog.from.position'];
    if (index === 0 && !marked) return `no event begins at ${name}:${at}, where the replay of its logs would`;
    const own = index === 0 ? gtids.mark : gtids.head;
    const gap = otherGtid(before, own);
    if (gap !== undefined) return `${index === 0 ? `at ${name}:${at}` : `at the head of ${name}`} ${gap}`;
    const following = names[index + 1] ?? active;
    if (next !== undefined && next !== following) return `log ${name} goes on in ${next}, and not in ${following}`;
    before = gtids.end;
  }
  const gap = otherGtid(before, gtidsOf(position.gtid));
  return gap && `at its end, by its manifest, ${gap}`;
}

/** `0-1-5,7-2-9`: domain, server, number. Sets of MySQL are compared with nothing, and what is neither is in no log. */
function gtidsOf(text: string | undefined): Gtids | undefined {
  if (text === undefined) return undefined;
  return new Map(
    text.split(',').map((one): [string, string] => {
      const [domain = '', server, number] = one.split('-');
      return [domain, `${server}-${number}`];
    }),
  );
}

/** A domain may be dropped from the logs (`FLUSH BINARY LOGS DELETE_DOMAIN_ID`), and none can go on by itself. */
function otherGtid(before: Gtids | undefined, after: Gtids | undefined): string | undefined {
  if (!before || !after) return undefined;
  for (const [domain, number] of after) {
    const known = before.get(domain);
    if (known === number) continue;
    return `the last transaction is ${domain}-${number}, and before that it was ${known === undefined ? 'none' : `${domain}-${known}`}`;
  }
  return undefined;
}
