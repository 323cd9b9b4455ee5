/** What the events of a binary log say of it. */
export interface LogFacts {
  /** Whether an event begins, or the log ends, at the position that was asked for. */
  readonly marked: boolean;
  /** Of MariaDB: where each domain stands at the head, at the position that was asked for and at the end. */
  readonly gtids: { readonly head?: Gtids; readonly mark?: Gtids; readonly end?: Gtids };
  /** The log that comes after it, where it was closed for that and not by the end of its server. */
  readonly next?: string;
}

/** Server and number of the last transaction of each domain. */
export type Gtids = ReadonlyMap<string, string>;

const MAGIC = 'fe62696e';
const HEADER_BYTES = 19;
/** Name lists and GTID lists are far smaller; whoever may write into a store may claim any size. */
const LARGEST_KEPT = 1024 * 1024;
const WRAP = 2 ** 32;
const TYPE = { rotate: 4, format: 15, gtid: 162, gtidList: 163 } as const;
/** Bytes without which an event of a type is none. */
const LEAST: ReadonlyMap<number, number> = new Map([
  [TYPE.rotate, HEADER_BYTES + 8],
  [TYPE.format, HEADER_BYTES + 57 + 5],
  [TYPE.gtid, HEADER_BYTES + 12],
  [TYPE.gtidList, HEADER_BYTES + 4],
]);

/** Walks over the events of a binary log while it is read, from head to head, and holds little of it. */
export class LogWalk {
  private why: string | undefined;
  private held: Buffer = Buffer.alloc(0);
  private skip = 0;
  /** Where the next event begins. */
  private offset = 0;
  private events = 0;
  private marked = false;
  private state: Map<string, string> | undefined;
  private readonly gtids: { head?: Gtids; mark?: Gtids } = {};
  private next: string | undefined;
  /** Bytes of a checksum at the end of each event. */
  private trailer = 0;

  /** @param mark - the position that is looked for */
  constructor(private readonly mark?: number) {}

  add(chunk: Uint8Array): void {
    if (this.why !== undefined) return;
    const data = this.held.length > 0 ? Buffer.concat([this.held, chunk]) : Buffer.from(chunk);
    let at = 0;
    for (;;) {
      const skipped = Math.min(this.skip, data.length - at);
      this.skip -= skipped;
      at += skipped;
      const taken = this.skip > 0 ? undefined : this.take(data.subarray(at));
      if (taken === undefined) break;
      at += taken;
    }
    this.held = data.subarray(at);
  }

  /** What the log says, once all of it was added; or why it is none. */
  end(): LogFacts | { readonly why: string } {
    if (this.why !== undefined) return { why: this.why };
    if (this.events === 0 || this.held.length > 0 || this.skip > 0)
      return { why: `it ends within an event, at ${this.offset}` };
    this.meet();
    const { marked, state, next } = this;
    return { marked, gtids: { ...this.gtids, ...(state && { end: state }) }, ...(next !== undefined && { next }) };
  }

  /** @returns how many bytes were taken; `undefined`: more are needed, or it is no log */
  private take(data: Buffer): number | undefined {
    if (this.offset === 0) return this.magic(data);
    if (data.length < HEADER_BYTES) return undefined;
    const [type, length] = [data.readUInt8(4), data.readUInt32LE(9)];
    const kept = keptOf(type, length);
    if (length < (LEAST.get(type) ?? HEADER_BYTES) || kept > LARGEST_KEPT)
      return this.refuse(`no event begins at ${this.offset}`);
    if (data.length < kept) return undefined;
    const event = data.subarray(0, kept);
    if (this.events === 0 && (type !== TYPE.format || event.readUInt16LE(HEADER_BYTES) !== 4))
      return this.refuse('it does not begin with the description of its format');
    this.meet();
    const said = event.readUInt32LE(13);
    // Positions have 32 bits, and a log may be larger; 0 says nothing.
    if (said !== 0 && said !== (this.offset + length) % WRAP)
      return this.refuse(`the event at ${this.offset} says that it ends at ${said}`);
    this.look(type, event, length);
    this.offset += length;
    this.events += 1;
    this.skip = length - kept;
    return kept;
  }

  private magic(data: Buffer): number | undefined {
    if (data.length < 4) return undefined;
    if (data.subarray(0, 4).toString('hex') !== MAGIC) return this.refuse('it does not begin as a binary log does');
    this.offset = 4;
    return 4;
  }

  private refuse(why: string): undefined {
    this.why = why;
    return undefined;
  }

  private meet(): void {
    if (this.marked || this.offset !== this.mark) return;
    this.marked = true;
    if (this.state) this.gtids.mark = new Map(this.state);
  }

  private look(type: number, event: Buffer, length: number): void {
    if (type === TYPE.format) this.trailer = event.readUInt8(length - 5) === 1 ? 4 : 0;
    this.next = undefined;
    if (type === TYPE.rotate) this.next = event.toString('latin1', HEADER_BYTES + 8, length - this.trailer);
    if (type === TYPE.gtidList) {
      this.state = listed(event);
      this.gtids.head = new Map(this.state);
      // What begins at the head of a log begins with what its list says.
      if (this.marked) this.gtids.mark ??= this.gtids.head;
    }
    if (type !== TYPE.gtid) return;
    this.state ??= new Map();
    const number = `${event.readUInt32LE(5)}-${event.readBigUInt64LE(HEADER_BYTES)}`;
    this.state.set(`${event.readUInt32LE(HEADER_BYTES + 8)}`, number);
  }
}

/** As much of an event as is looked at. */
function keptOf(type: number, length: number): number {
  if (type === TYPE.gtid) return HEADER_BYTES + 12;
  return type === TYPE.rotate || type === TYPE.gtidList || type === TYPE.format ? length : HEADER_BYTES;
}

/** The last of each domain counts. */
function listed(event: Buffer): Map<string, string> {
  const room = Math.floor((event.length - HEADER_BYTES - 4) / 16);
  const count = Math.min(event.readUInt32LE(HEADER_BYTES) & 0x0fffffff, room);
  const entries = Array.from({ length: count }, (_, index): [string, string] => {
    const at = HEADER_BYTES + 4 + 16 * index;
    return [`${event.readUInt32LE(at)}`, `${event.readUInt32LE(at + 4)}-${event.readBigUInt64LE(at + 8)}`];
  });
  return new Map(entries);
}
