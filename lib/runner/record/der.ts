/** Bytes of each number of a signature of P-256. */
const NUMBER_BYTES = 32;

/**
 * The signature of P-256 in DER, which all others give, of its two numbers as they stand (RFC 7518, 3.4), which Key Vault
 * gives; `undefined` where the length is another. https://www.rfc-editor.org/rfc/rfc3279#section-2.2.3
 */
export function derOf(raw: Buffer): Buffer | undefined {
  if (raw.length !== 2 * NUMBER_BYTES) return undefined;
  const numbers = Buffer.concat([integer(raw.subarray(0, NUMBER_BYTES)), integer(raw.subarray(NUMBER_BYTES))]);
  return Buffer.concat([Buffer.from([0x30, numbers.length]), numbers]);
}

/** Without zeros in front, but for one where the first bit would be a sign. */
function integer(bytes: Buffer): Buffer {
  const first = bytes.findIndex((one) => one !== 0);
  const digits = bytes.subarray(first === -1 ? NUMBER_BYTES - 1 : first);
  const padding = (digits[0] ?? 0) >= 0x80 ? [0] : [];
  return Buffer.from([0x02, padding.length + digits.length, ...padding, ...digits]);
}
