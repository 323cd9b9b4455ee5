import { createHash } from 'node:crypto';

/** File systems take names of 255 bytes; the number and a temporary file's ending need some of them. */
const LONGEST = 160;

/**
 * Last part of a segment's key. Databases may be named anything: what is not safe in every store and file system
 * becomes `=` and hex, and what is too long ends in a hash, so that two streams never share a name.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html#object-key-guidelines
 */
export function segmentName(stream: string, number: number): string {
  return `${safeName(stream)}.${String(number).padStart(4, '0')}`;
}

function safeName(stream: string): string {
  const safe = [...Buffer.from(stream, 'utf8')].map((byte, at) => safeByte(byte, at)).join('');
  if (safe.length > 0 && safe.length <= LONGEST) return safe;
  const hash = createHash('sha256').update(stream).digest('hex').slice(0, 16);
  return `${safe.slice(0, LONGEST - hash.length - 1)}=-${hash}`;
}

function safeByte(byte: number, at: number): string {
  const character = String.fromCharCode(byte);
  // A leading dot would hide the file, or name its folder.
  if (/[A-Za-z0-9_-]/.test(character) || (character === '.' && at > 0)) return character;
  return `=${byte.toString(16).padStart(2, '0').toUpperCase()}`;
}
