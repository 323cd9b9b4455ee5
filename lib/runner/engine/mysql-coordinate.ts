/** Where in the binary logs a moment lies. */
export interface Coordinate {
  readonly file: string;
  readonly position: number;
}

/** The comment that `--master-data=2` and `--source-data=2` write at the head of a dump. */
export function parseCoordinate(head: string): Coordinate | undefined {
  const match =
    /^-- CHANGE (?:MASTER|REPLICATION SOURCE) TO (?:MASTER|SOURCE)_LOG_FILE='([^']+)', (?:MASTER|SOURCE)_LOG_POS=(\d+);/m.exec(
      head,
    );
  return match?.[1] === undefined ? undefined : { file: match[1], position: Number(match[2]) };
}

/** The set of MySQL's dump, within a comment and over several lines. */
export function parsePurgedGtids(head: string): string | undefined {
  const match = /SET @@GLOBAL\.GTID_PURGED=(?:\/\*![^*]*\*\/)?\s*'([^']*)'/.exec(head);
  return match?.[1]?.replace(/\s+/g, '');
}

export interface LogFile {
  readonly name: string;
  readonly bytes: number;
}

/** Why the logs from a coordinate on are not all there, or those that follow it, the one that is written to left out. */
export type Continuity = { readonly files: readonly LogFile[]; readonly active: string } | { readonly why: string };

/** Every file between a coordinate and now has to be there: numbers without a gap, of one name. */
export function filesSince(from: Coordinate, present: readonly LogFile[]): Continuity {
  const start = present.findIndex(({ name }) => name === from.file);
  const active = present.at(-1);
  if (start < 0 || !active) return { why: `binary log ${from.file} is no longer on the server` };
  const files = present.slice(start);
  for (const [index, { name }] of files.entries()) {
    const before = files[index - 1];
    if (before && !follows(before.name, name))
      return { why: `there is a gap between binary logs ${before.name} and ${name}` };
  }
  if ((files[0]?.bytes ?? 0) < from.position) {
    return { why: `binary log ${from.file} ends before position ${from.position}: it is another one of the same name` };
  }
  return { files: files.slice(0, -1), active: active.name };
}

/** `binlog.999999` is followed by `binlog.1000000`. */
export function follows(before: string, after: string): boolean {
  const [a, b] = [numberOf(before), numberOf(after)];
  return a !== undefined && b !== undefined && a.base === b.base && b.number === a.number + 1;
}

function numberOf(name: string): { readonly base: string; readonly number: number } | undefined {
  const match = /^(.*)\.(\d+)$/.exec(name);
  return match ? { base: match[1] ?? '', number: Number(match[2]) } : undefined;
}
