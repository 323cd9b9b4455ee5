/** Binary logs as MariaDB writes them, in short. */

const FORMAT = 15;
const GTID_LIST = 163;
const GTID = 162;
const ROTATE = 4;
export const XID = 16;

export interface LogEvent {
  readonly type: number;
  readonly body: Buffer;
  readonly server?: number;
  /** Where it says that it ends. @default - where it does */
  readonly ends?: number;
}

/** @param checksums - whether each event has four bytes at its end */
export function binlog(events: readonly LogEvent[], checksums: 'on' | 'off' = 'on'): Buffer {
  const parts = [Buffer.from('fe62696e', 'hex')];
  let at = 4;
  for (const { type, body, server = 1, ends } of [format(checksums), ...events]) {
    const trailer = checksums === 'on' || type === FORMAT ? 4 : 0;
    const event = Buffer.alloc(19 + body.length + trailer);
    at += event.length;
    event.writeUInt8(type, 4);
    event.writeUInt32LE(server, 5);
    event.writeUInt32LE(event.length, 9);
    event.writeUInt32LE(ends ?? at, 13);
    body.copy(event, 19);
    parts.push(event);
  }
  return Buffer.concat(parts);
}

function format(checksums: 'on' | 'off'): LogEvent {
  const body = Buffer.alloc(58);
  body.writeUInt16LE(4, 0);
  body.writeUInt8(checksums === 'on' ? 1 : 0, 57);
  return { type: FORMAT, body };
}

type Number3 = readonly [domain: number, server: number, number: number];

export function gtidList(...gtids: readonly Number3[]): LogEvent {
  const body = Buffer.alloc(4 + 16 * gtids.length);
  body.writeUInt32LE(gtids.length, 0);
  for (const [index, [domain, server, number]] of gtids.entries()) {
    body.writeUInt32LE(domain, 4 + 16 * index);
    body.writeUInt32LE(server, 8 + 16 * index);
    body.writeBigUInt64LE(BigInt(number), 12 + 16 * index);
  }
  return { type: GTID_LIST, body };
}

export function gtid(domain: number, server: number, number: number): LogEvent {
  const body = Buffer.alloc(19);
  body.writeBigUInt64LE(BigInt(number), 0);
  body.writeUInt32LE(domain, 8);
  return { type: GTID, body, server };
}

export function rotate(next: string): LogEvent {
  const body = Buffer.alloc(8 + next.length);
  body.writeUInt8(4, 0);
  body.write(next, 8, 'latin1');
  return { type: ROTATE, body };
}

export const rows = (bytes = 40): LogEvent => ({ type: XID, body: Buffer.alloc(bytes) });
