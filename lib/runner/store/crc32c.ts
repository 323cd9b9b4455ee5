/**
 * CRC32C, the checksum that Google Cloud Storage keeps of every object. Node has no native one, and the client
 * library's own takes a byte a step, slower than a disk: this takes eight.
 * https://cloud.google.com/storage/docs/data-validation
 */
export class Crc32c {
  #crc = -1;

  update(bytes: Uint8Array): void {
    let crc = this.#crc;
    const eights = bytes.length - (bytes.length % 8);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    for (; at < eights; at += 8) {
      const low = view.getInt32(at, true) ^ crc;
      const high = view.getInt32(at + 4, true);
      crc =
        T[1792 + (low & 255)]! ^
        T[1536 + ((low >>> 8) & 255)]! ^
        T[1280 + ((low >>> 16) & 255)]! ^
        T[1024 + (low >>> 24)]! ^
        T[768 + (high & 255)]! ^
        T[512 + ((high >>> 8) & 255)]! ^
        T[256 + ((high >>> 16) & 255)]! ^
        T[high >>> 24]!;
    }
    for (; at < bytes.length; at += 1) crc = (crc >>> 8) ^ T[(crc ^ bytes[at]!) & 255]!;
    this.#crc = crc;
  }

  /** As the service writes it: four bytes, the highest first, in base64. */
  base64(): string {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(~this.#crc);
    return bytes.toString('base64');
  }
}

const CASTAGNOLI = 0x82f63b78;

/** Eight tables in a row: what a byte does to the remainder with none to seven bytes after it. */
const T = makeTables();

function makeTables(): Int32Array {
  const table = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let following = 0; following < 8; following += 1) {
      for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ CASTAGNOLI : crc >>> 1;
      table[following * 256 + byte] = crc;
    }
  }
  return table;
}
