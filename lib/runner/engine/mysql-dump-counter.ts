import { StringDecoder } from 'node:string_decoder';

const [NEWLINE, QUOTE, BACKTICK, BACKSLASH, OPEN, CLOSE, SEMICOLON, VALUES] = [..."\n'`\\();V"].map((sign) =>
  sign.charCodeAt(0),
);

/** Longest line that is looked at; a name has at most 64 characters, each of them up to four bytes and perhaps doubled. */
const LINE_BYTES = 2048;

/**
 * Counts the rows of a dump in the bytes that are stored: whatever else sees the source sees another moment of it, since
 * two sessions of MySQL or MariaDB cannot share a snapshot. Rows are tuples of INSERT statements between `LOCK TABLES`
 * and `UNLOCK TABLES`, so that the same words in the body of a trigger or a routine do not count.
 */
export class DumpCounter {
  /** By database and table, with a NUL between. */
  readonly rows = new Map<string, number>();
  /** Tables whose definition was seen. */
  readonly defined = new Set<string>();
  /** Whether the last line is the tool's word that it came to the end. */
  completed = false;

  private database = '';
  private table: string | undefined;
  private delimited = false;
  private line: Buffer[] = [];
  private lineBytes = 0;
  /** `line`: statements and comments; the others are states within an INSERT. */
  private state: 'line' | 'insert' | 'string' | 'escape' | 'name' = 'line';
  private depth = 0;
  private afterValues = false;
  private count = 0;
  /** Where the chunk's next one is, as far as anybody looked: each is looked for once. */
  private backslash = -1;

  scan(chunk: Buffer): void {
    this.backslash = -1;
    for (let at = 0; at < chunk.length;)
      at = this.state === 'line' ? this.scanLine(chunk, at) : this.scanInsert(chunk, at);
  }

  private scanLine(chunk: Buffer, from: number): number {
    const end = chunk.indexOf(NEWLINE as number, from);
    const to = end < 0 ? chunk.length : end;
    // A statement of the table's rows is known by its first words, long before its line ends.
    if (this.table !== undefined && this.lineBytes + (to - from) >= INSERT.length) {
      const start = Buffer.concat([...this.line, chunk.subarray(from, Math.min(to, from + INSERT.length))]);
      if (start.subarray(0, INSERT.length).equals(INSERT)) {
        const skipped = Math.max(0, INSERT.length - this.lineBytes);
        this.line = [];
        this.lineBytes = 0;
        this.completed = false;
        [this.state, this.depth, this.afterValues] = ['insert', 0, false];
        return from + skipped;
      }
    }
    if (this.lineBytes < LINE_BYTES) this.line.push(chunk.subarray(from, Math.min(to, from + LINE_BYTES)));
    this.lineBytes += to - from;
    if (end < 0) return to;
    const text = new StringDecoder('utf8').end(Buffer.concat(this.line));
    this.line = [];
    this.lineBytes = 0;
    if (text !== '') this.readLine(text);
    return end + 1;
  }

  private readLine(text: string): void {
    this.completed = text.startsWith('-- Dump completed');
    if (text.startsWith('DELIMITER ')) this.delimited = text !== 'DELIMITER ;';
    if (this.delimited) return;
    const match = /^(USE|CREATE TABLE|LOCK TABLES) `((?:[^`]|``)+)`( \($| WRITE;$|;$| )?/.exec(text);
    if (text === 'UNLOCK TABLES;') {
      if (this.table !== undefined) this.rows.set(this.table, (this.rows.get(this.table) ?? 0) + this.count);
      this.table = undefined;
      return;
    }
    if (!match) return;
    const name = (match[2] ?? '').replaceAll('``', '`');
    if (match[1] === 'USE') this.database = name;
    else if (match[1] === 'CREATE TABLE') this.defined.add(`${this.database}\0${name}`);
    else {
      this.table = `${this.database}\0${name}`;
      this.count = 0;
    }
  }

  /** The bytes that say something are few: the others are passed over in loops as tight as can be. */
  private scanInsert(chunk: Buffer, from: number): number {
    let { state, depth, afterValues, count } = this;
    const { length } = chunk;
    let at = from;
    while (at < length && state !== 'line') {
      if (state === 'string') {
        const near = Math.min(length, at + SHORT_STRING);
        while (at < near && chunk[at] !== QUOTE && chunk[at] !== BACKSLASH) at += 1;
        if (at === near && at < length) {
          if (this.backslash < at) this.backslash = placeOf(BACKSLASH as number, chunk, at);
          at = Math.min(placeOf(QUOTE as number, chunk, at), this.backslash);
        }
        if (at < length) state = chunk[at++] === QUOTE ? 'insert' : 'escape';
      } else if (state === 'escape') {
        at += 1;
        state = 'string';
      } else if (state === 'name') {
        while (at < length && chunk[at] !== BACKTICK) at += 1;
        if (at++ < length) state = 'insert';
      } else {
        while (at < length && MEANING[chunk[at] as number] === 0) at += 1;
        if (at >= length) break;
        const byte = chunk[at++];
        if (byte === QUOTE) state = 'string';
        else if (byte === BACKTICK) state = 'name';
        else if (byte === CLOSE) depth -= 1;
        else if (byte === OPEN) {
          if (depth === 0 && afterValues) count += 1;
          depth += 1;
        } else if (depth === 0 && byte === VALUES) afterValues = true;
        else if (depth === 0 && byte === SEMICOLON) state = 'line';
      }
    }
    Object.assign(this, { state, depth, afterValues, count });
    return Math.min(at, length);
  }
}

/** 1 for each byte that means something between the strings of an INSERT. */
const MEANING = new Uint8Array(256);
for (const byte of [QUOTE, BACKTICK, OPEN, CLOSE, SEMICOLON, VALUES]) MEANING[byte as number] = 1;

/** Bytes from which looking for one by the processor's widest registers is worth the call. */
const SHORT_STRING = 48;

/** Of the next such byte, or of the end. */
function placeOf(byte: number, chunk: Buffer, from: number): number {
  const at = chunk.indexOf(byte, from);
  return at < 0 ? chunk.length : at;
}

const INSERT = Buffer.from('INSERT INTO ');
