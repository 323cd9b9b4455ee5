import { createHash } from 'node:crypto';
import { Crc32c } from '../../../lib/runner/store/crc32c';
import { compositeSha256, servedChecksum, sha256Base64 } from '../../../lib/runner/store/s3-checksum';
import { someBytes } from './bytes';

function crc32c(...chunks: readonly Uint8Array[]): string {
  const crc = new Crc32c();
  for (const chunk of chunks) crc.update(chunk);
  return crc.base64();
}

describe('checksums', () => {
  it('CRC32C agrees with the vectors of RFC 3720', () => {
    const hex = (value: string) => Buffer.from(value, 'hex').toString('base64');
    // The RFC writes them lowest byte first.
    expect(crc32c(Buffer.alloc(32))).toBe(hex('8a9136aa'));
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(hex('62a8ab43'));
    expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, index) => index)))).toBe(hex('46dd794e'));
    expect(crc32c(Buffer.from('123456789'))).toBe(hex('e3069283'));
    expect(crc32c()).toBe(hex('00000000'));
  });

  it('CRC32C does not depend on how bytes are cut, nor where they lie in memory', () => {
    const body = someBytes(1001);
    for (const cut of [0, 1, 7, 8, 9, 500, 1000]) {
      expect(crc32c(body.subarray(0, cut), body.subarray(cut))).toBe(crc32c(body));
    }
    expect(crc32c(Buffer.concat([Buffer.alloc(3), body]).subarray(3))).toBe(crc32c(body));
  });

  it('the composite of SHA-256 is the hash of the parts’ hashes and their number', () => {
    const [one, two] = [someBytes(10), someBytes(11)];
    const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest();
    const expected = digest(Buffer.concat([digest(one), digest(two)])).toString('base64');
    expect(compositeSha256([sha256Base64(one), sha256Base64(two)])).toBe(`${expected}-2`);
  });

  it('what a store computes is named by its algorithm', () => {
    expect(servedChecksum({ ChecksumSHA256: 'a-2', ChecksumCRC32: 'b' })).toBe('sha256:a-2');
    expect(servedChecksum({ ChecksumCRC64NVME: 'c' })).toBe('crc64nvme:c');
    expect(servedChecksum({})).toBeUndefined();
  });
});
