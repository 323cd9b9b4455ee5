import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { startChild } from '../engine/child';
import { EngineError } from '../engine/engine';
import type { Coordinate } from '../engine/mysql-coordinate';
import { errorOfTalk } from '../engine/mysql-error';
import { statusOf } from '../engine/child';
import type { Machine } from '../machine';
import { latinLines } from './latin-lines';
import { logNames } from './link';
import type { SpooledBackup } from './spool';
import type { LogMoment, StopPoint } from './target';

/** A binary log in scratch, under the name that it had on its server. */
export interface SpooledLog {
  readonly name: string;
  readonly file: string;
}

/** All logs of a chain in their order; that nothing lies between them was proved by `brokenLink`. */
export function logsOf(backups: readonly SpooledBackup[]): readonly SpooledLog[] {
  return backups.flatMap(({ backup: { manifest }, streams }) => {
    if (manifest.type !== 'log') return [];
    const names = logNames(manifest);
    return streams.map(({ file }, index) => ({ name: names?.[index] ?? '', file }));
  });
}

/** A transaction in a log, by where it begins and when it was committed, in UTC. */
interface Group {
  readonly position: number;
  at: number;
}

const HEADER =
  /^#(\d\d)(\d\d)(\d\d)\s+(\d\d?):(\d\d):(\d\d) server id \d+\s+end_log_pos \d+(?: CRC32 0x[0-9a-f]+)?\s+(.*)$/;

/** Reads what the tool says of the events of a log: begins of transactions, their times, and the log that comes next. */
export class LogReader {
  readonly groups: Group[] = [];
  /** Name of the next log, where this one was closed for it. */
  next: string | undefined;
  private position = 0;
  private group: Group | undefined;

  line(text: string): void {
    const at = /^# at (\d+)$/.exec(text)?.[1];
    if (at !== undefined) {
      this.position = Number(at);
      return;
    }
    const match = HEADER.exec(text);
    if (!match) return;
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
    const moment = Date.UTC(2000 + year, month - 1, day, hour, minute, second);
    const what = match[7] ?? '';
    this.next = /^Rotate to (\S+) /.exec(what)?.[1] ?? this.next;
    if (/^(Anonymous_)?GTID\b/i.test(what) && !/^Gtid list/.test(what))
      this.groups.push((this.group = { position: this.position, at: moment }));
    else if (/^(Rotate|Stop|Start|Gtid list|Previous-GTIDs|Binlog checkpoint)/.test(what)) this.group = undefined;
    // A transaction is of the moment of its last event: it was committed then.
    else if (this.group) this.group.at = Math.max(this.group.at, moment);
  }
}

export interface ReplayTool {
  readonly binlog: string;
  readonly machine: Machine;
}

/**
 * The place in the logs before the first transaction that was committed at a moment or later. Text dates of the tool are
 * those of a zone, so the tool runs in UTC: the same `--stop-datetime` means another moment in another one.
 * @returns `undefined` where all logs lie before it
 */
export async function findStop(
  logs: readonly SpooledLog[],
  from: Coordinate,
  until: Date | undefined,
  tool: ReplayTool,
): Promise<StopPoint | undefined> {
  let last: LogMoment | undefined;
  for (const [index, log] of logs.entries()) {
    const reader = await readLog(log, tool);
    const following = logs[index + 1];
    if (following && reader.next !== undefined && reader.next !== following.name)
      throw new EngineError(
        'source',
        `log ${log.name} goes on in ${reader.next}, and the next one here is ${following.name}`,
      );
    for (const { position, at } of reader.groups) {
      if (log.name === from.file && position < from.position) continue;
      const moment: LogMoment = { file: log.name, position, at: new Date(at).toISOString() };
      if (until && at >= until.getTime()) return { file: log.name, position, ...(last && { last }), next: moment };
      last = moment;
    }
  }
  return undefined;
}

async function readLog({ name, file }: SpooledLog, { binlog, machine }: ReplayTool): Promise<LogReader> {
  const args = ['--no-defaults', '--base64-output=DECODE-ROWS', '--', file];
  const child = await startChild(binlog, args, { machine, environment: { TZ: 'UTC' } });
  const reader = new LogReader();
  for await (const line of createInterface({ input: child.stdout.setEncoding('latin1') })) reader.line(line);
  const end = await child.ended;
  if (end.exitCode !== 0) throw errorOfTalk(`${binlog} of ${name}`, `ended with ${statusOf(end)}: ${end.stderr}`);
  return reader;
}

export interface ReplayOf {
  readonly logs: readonly SpooledLog[];
  readonly from: Coordinate;
  readonly stop: StopPoint | undefined;
  /** Only this database is in the backup. @default - all are */
  readonly database: string | undefined;
}

/** Arguments of the tool: the first log from where the dump was taken, the last one to the stop. */
export function replayArguments(
  { logs, from, stop, database }: ReplayOf,
  family: 'mysql' | 'mariadb',
): readonly string[] {
  const end = stop ? logs.findIndex(({ name }) => name === stop.file) : logs.length - 1;
  return [
    '--no-defaults',
    '--disable-log-bin',
    ...(family === 'mysql' ? ['--skip-gtids'] : []),
    ...(database === undefined ? [] : [`--database=${database}`]),
    `--start-position=${from.position}`,
    ...(stop ? [`--stop-position=${stop.position}`] : []),
    '--',
    ...logs.slice(0, end + 1).map(({ file }) => file),
  ];
}

const OF_ACCOUNTS =
  /^\s*((CREATE|ALTER|DROP|RENAME)(\s+OR\s+REPLACE)?\s+(USER|ROLE)\b|(GRANT|REVOKE)\s|SET\s+(PASSWORD|DEFAULT\s+ROLE)\b)/i;

/** What the tool writes, without statements about accounts: those of the target are its own. */
export function withoutAccounts(input: Readable, onDropped: () => void): Readable {
  async function* output(): AsyncGenerator<Buffer> {
    let [begins, dropping] = [true, false];
    let batch: string[] = [];
    let size = 0;
    for await (const line of latinLines(input)) {
      const ends = line.endsWith('/*!*/;\n');
      if (begins && !dropping && OF_ACCOUNTS.test(line)) {
        dropping = true;
        onDropped();
      }
      if (!dropping) {
        batch.push(line);
        size += line.length;
      }
      if (ends) dropping = false;
      begins = ends || line.startsWith('#');
      if (size < 64 * 1024) continue;
      yield Buffer.from(batch.join(''), 'latin1');
      [batch, size] = [[], 0];
    }
    yield Buffer.from(batch.join(''), 'latin1');
  }
  return Readable.from(output());
}
