import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { renamesIn } from './files-renames';
import type { TarRename } from './files-renames';

const BLOCK = 512;

/** What every tar reads at a time unless it is told: 20 blocks. */
const RECORD_BYTES = 20 * BLOCK;

/** What a tar archive holds below one name. */
export interface TarCount {
  entries: number;
  /** Of files as they are, holes included. */
  bytes: number;
}

/** Longest extended header that is read; a folder with a million names has its list in one. */
const LARGEST_HEADER = 512 * 1024 * 1024;

/**
 * Passes a pax archive on as it is and counts what is really in it, by its headers
 * (https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html). Data is skipped, not looked at. Zeros behind the
 * record of 20 blocks in which it ends are left out: a tar that reads such records stops there, and whoever feeds it
 * would take the broken pipe for a failure.
 */
export class TarCounter extends Transform {
  readonly counts: ReadonlyMap<string, TarCount>;
  /** Files and whatever is no folder. */
  files = 0;
  /** Blocks of zeros end an archive: without them it was cut off. */
  complete = false;
  /** Folders that it says were renamed. */
  readonly renames: TarRename[] = [];
  /** Bytes that came before this chunk, and where the record ends in which the archive does. */
  private passed = 0;
  private archiveEnd = Infinity;
  private skip = 0;
  private header: Buffer[] = [];
  private headerBytes = 0;
  private extended: Buffer[] | undefined;
  private extendedLeft = 0;
  private extendedPadding = 0;
  private pax = new Map<string, string>();

  constructor(private readonly members: readonly string[]) {
    super();
    this.counts = new Map(members.map((member) => [member, { entries: 0, bytes: 0 }]));
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.readBlocks(chunk);
      const left = this.archiveEnd - this.passed;
      this.passed += chunk.length;
      if (left >= chunk.length) done(null, chunk);
      else if (left > 0) done(null, chunk.subarray(0, left));
      else done();
    } catch (error) {
      done(error as Error);
    }
  }

  private readBlocks(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      const left = chunk.length - at;
      if (this.extended && this.extendedLeft > 0) {
        const taken = Math.min(left, this.extendedLeft);
        this.extended.push(Buffer.from(chunk.subarray(at, at + taken)));
        this.extendedLeft -= taken;
        at += taken;
        if (this.extendedLeft === 0) this.endExtended();
      } else if (this.skip > 0) {
        const taken = Math.min(left, this.skip);
        this.skip -= taken;
        at += taken;
      } else {
        const taken = Math.min(left, BLOCK - this.headerBytes);
        this.header.push(chunk.subarray(at, at + taken));
        this.headerBytes += taken;
        at += taken;
        if (this.headerBytes === BLOCK) this.endHeader(this.passed + at);
      }
    }
  }

  /** @param end of the block, in bytes from the archive's start */
  private endHeader(end: number): void {
    const block = this.header.length === 1 ? (this.header[0] as Buffer) : Buffer.concat(this.header);
    this.header = [];
    this.headerBytes = 0;
    if (block[0] === 0) {
      // Two blocks of zeros are the end.
      if (!this.complete) this.archiveEnd = Math.ceil((end + BLOCK) / RECORD_BYTES) * RECORD_BYTES;
      this.complete = true;
      return;
    }
    if (this.complete || block.toString('latin1', 257, 262) !== 'ustar')
      throw new Error('what tar wrote is no pax archive');
    const size = numberOf(block.subarray(124, 136));
    const type = String.fromCharCode(block[156] ?? 0);
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (type === 'x') {
      if (size > LARGEST_HEADER) throw new Error(`an extended header of ${size} bytes`);
      this.extended = [];
      this.extendedLeft = size;
      this.extendedPadding = padding;
      if (size === 0) this.endExtended();
      return;
    }
    const stored = Number(this.pax.get('size') ?? size);
    this.skip = hasData(type) ? stored + ((BLOCK - (stored % BLOCK)) % BLOCK) : 0;
    if (type !== 'g') this.countEntry(type, stored, nameOf(block));
    this.pax = new Map();
  }

  private endExtended(): void {
    this.pax = readPax(Buffer.concat(this.extended ?? []), (list) => this.renames.push(...renamesIn(list)));
    this.extended = undefined;
    this.skip = this.extendedPadding;
  }

  private countEntry(type: string, stored: number, header: string): void {
    const name = this.pax.get('GNU.sparse.name') ?? this.pax.get('path') ?? header;
    const root = this.members.filter(
      (member) => name === member || name.startsWith(member === '.' ? './' : `${member}/`),
    );
    const count = this.counts.get(root.sort((a, b) => b.length - a.length)[0] ?? '');
    if (!count) throw new Error(`the archive holds "${name}", which lies below no path of the task`);
    count.entries += 1;
    if (type !== '5') this.files += 1;
    if (type === '0' || type === '\0') count.bytes += Number(this.pax.get('GNU.sparse.realsize') ?? stored);
  }
}

/** Links, devices and folders have none, whatever their size says. */
function hasData(type: string): boolean {
  return !'123456'.includes(type);
}

function nameOf(block: Buffer): string {
  const prefix = textOf(block.subarray(345, 500));
  const name = textOf(block.subarray(0, 100));
  return prefix ? `${prefix}/${name}` : name;
}

function textOf(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

/** Octal digits, or from 8 GiB on a binary number with its first bit set. */
function numberOf(field: Buffer): number {
  if (((field[0] ?? 0) & 0x80) === 0) return Number.parseInt(textOf(field).trim() || '0', 8);
  return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
}

/** Records of the form `<length> <key>=<value>\n`, of which only short ones are kept. */
function readPax(bytes: Buffer, onFolder: (list: Buffer) => void): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString('latin1', at, space));
    const equals = bytes.indexOf(0x3d, space);
    if (!(length > 0) || space < 0 || equals < 0) throw new Error('an extended header that cannot be read');
    const key = bytes.toString('utf8', space + 1, equals);
    if (key === 'GNU.dumpdir') onFolder(bytes.subarray(equals + 1, at + length - 1));
    if (KEPT.includes(key)) records.set(key, bytes.toString('utf8', equals + 1, at + length - 1));
    at += length;
  }
  return records;
}

const KEPT = ['path', 'size', 'GNU.sparse.name', 'GNU.sparse.realsize'];
