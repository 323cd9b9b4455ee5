import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { derOf } from '../../../lib/runner/record/der';

const bytes32 = (...tail: number[]) => Buffer.concat([Buffer.alloc(32 - tail.length), Buffer.from(tail)]);

test('numbers have no zeros in front, but for one before a first bit that is set', () => {
  const raw = Buffer.concat([bytes32(0x7f), bytes32(0x80, 0x00)]);
  expect(derOf(raw)?.toString('hex')).toBe('3008' + '02017f' + '0203008000');
});

test('a number of 32 bytes whose first bit is set has 33', () => {
  const raw = Buffer.alloc(64, 0xff);
  expect(derOf(raw)?.toString('hex')).toBe(`3046${`022100${'ff'.repeat(32)}`.repeat(2)}`);
});

test('signatures of every shape are known in the other form', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  for (let n = 0; n < 600; n += 1) {
    const message = Buffer.from(`${n}`);
    const raw = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    expect(verify('sha256', message, publicKey, derOf(raw) ?? Buffer.alloc(0))).toBe(true);
  }
});

test('any other length is no signature of P-256', () => {
  expect(derOf(Buffer.alloc(96))).toBeUndefined();
  expect(derOf(Buffer.alloc(0))).toBeUndefined();
});
