import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { latinLines } from './latin-lines';
import type { CronSql } from './postgresql-cron';
import { readKey } from './postgresql-quote';

/** A plain dump as it is restored. */
export interface PlainDump {
  readonly path: string;
  /** Of pg_cron, which was left out; a plain dump does not say what is built on it. @default - it has none */
  readonly cron?: CronSql;
}

/**
 * A plain dump without what can't come back as it is: named keys come back as NOT VALID, and all of pg_cron stays out.
 * Rows and bytes of any encoding pass as they are, and so does a dump that has neither.
 */
export async function changedPlain(file: string, notValid: readonly string[]): Promise<PlainDump> {
  const names = new Set(notValid.flatMap((one) => readKey(one)?.name ?? []));
  const cron = (await hasCron(file)) ? new CronLines() : undefined;
  if (names.size === 0 && !cron) return { path: file };
  const path = `${file}.changed`;
  async function* output(): AsyncGenerator<Buffer> {
    let rows = false;
    for await (const line of linesOf(file)) {
      const kind: LineKind = rows ? (line === END_OF_ROWS ? 'end' : 'row') : COPY.test(line) ? 'copy' : 'statement';
      rows = kind === 'copy' || kind === 'row';
      if (cron?.takes(line, kind)) continue;
      yield Buffer.from(kind === 'statement' ? withoutValidation(line, names) : line, 'latin1');
    }
  }
  await pipeline(Readable.from(output()), createWriteStream(path, { mode: 0o600 }));
  return { path, ...(cron && { cron: { own: Buffer.from(cron.text(), 'latin1').toString('utf8'), built: [] } }) };
}

/** Rows lie between a statement that copies them and a line that ends them. */
type LineKind = 'statement' | 'copy' | 'row' | 'end';

const COPY = /^COPY .* FROM stdin;\n$/;
const END_OF_ROWS = '\\.\n';

const linesOf = (file: string) => latinLines(createReadStream(file) as AsyncIterable<Buffer>);

function withoutValidation(line: string, names: ReadonlySet<string>): string {
  const key = /^ {4}ADD CONSTRAINT ("(?:[^"]|"")*"|\S+) FOREIGN KEY .*;\n$/.exec(line);
  const isMeant = key?.[1] !== undefined && names.has(key[1].replace(/^"|"$/g, '').replaceAll('""', '"'));
  return isMeant ? line.replace(/;\n$/, ' NOT VALID;\n') : line;
}

/** Extensions come before all tables. */
async function hasCron(file: string): Promise<boolean> {
  for await (const line of linesOf(file)) {
    if (CronLines.EXTENSION.test(line)) return true;
    if (/^(CREATE TABLE|COPY) /.test(line)) return false;
  }
  return false;
}

/** The lines of pg_cron in a plain dump. Functions, in whose bodies such lines may stand too, come before its rows. */
class CronLines {
  static readonly EXTENSION = /^CREATE EXTENSION IF NOT EXISTS pg_cron /;
  readonly #taken: string[] = [];
  #extension = false;
  #rows: 'before' | 'inside' | 'behind' = 'before';

  takes(line: string, kind: LineKind): boolean {
    if (!this.#isOurs(line, kind)) return false;
    this.#taken.push(line);
    return true;
  }

  text(): string {
    return this.#taken.join('');
  }

  #isOurs(line: string, kind: LineKind): boolean {
    if (kind === 'copy') {
      const isOurs = this.#extension && /^COPY cron\.(job|job_run_details) \(/.test(line);
      if (isOurs) this.#rows = 'inside';
      return isOurs;
    }
    if (kind !== 'statement') {
      const isOurs = this.#rows === 'inside';
      if (isOurs && kind === 'end') this.#rows = 'behind';
      return isOurs;
    }
    if (this.#rows === 'behind') return BEHIND_ROWS.test(line);
    if (!this.#extension && CronLines.EXTENSION.test(line)) return (this.#extension = true);
    return this.#extension && line.startsWith('COMMENT ON EXTENSION pg_cron IS ');
  }
}

const BEHIND_ROWS =
  /^SELECT pg_catalog\.setval\('cron\.(jobid|runid)_seq',|^(GRANT|REVOKE) .* ON (SCHEMA cron|(FUNCTION|TABLE|SEQUENCE) cron\..*) (TO|FROM) /;
