import { z } from 'zod';

/** What the envelope of a record says that it holds: a `RestoreRecord` as JSON. */
export const RECORD_TYPE = 'application/vnd.hypnoscript-dr.restore-record+json';

/** Largest envelope that is read: a record lists checks, never data. */
export const LARGEST_ENVELOPE_BYTES = 4 * 1024 * 1024;

/** The format lets a writer take either alphabet: https://github.com/secure-systems-lab/dsse/blob/master/envelope.md */
const Base64 = z.string().regex(/^[\w+/-]+={0,2}$/);

const Envelope = z.object({
  payload: Base64,
  payloadType: z.string(),
  signatures: z.array(z.object({ keyid: z.string().optional(), sig: Base64 })).min(1),
});

/** A signature and the id of the key that made it, which is a hint and vouches for nothing. */
export interface RecordSignature {
  readonly keyid: string | undefined;
  readonly sig: Buffer;
}

/** What lies in an envelope; whether a signature is good is not looked at. */
export interface SignedPayload {
  readonly payload: Buffer;
  readonly payloadType: string;
  readonly signatures: readonly RecordSignature[];
}

/**
 * The bytes that are signed: type and payload with their lengths, so that neither can be taken for the other.
 * https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType);
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    Buffer.from(payload),
  ]);
}

export function encodeEnvelope({ payload, payloadType, signatures }: SignedPayload): Buffer {
  const json = {
    payload: payload.toString('base64'),
    payloadType,
    signatures: signatures.map(({ keyid, sig }) => ({
      ...(keyid !== undefined && { keyid }),
      sig: sig.toString('base64'),
    })),
  };
  return Buffer.from(`${JSON.stringify(json, null, 1)}\n`);
}

/** @returns what lies in it, or why the bytes are no envelope of a record */
export function decodeEnvelope(bytes: Buffer): SignedPayload | { readonly why: string } {
  const parsed = Envelope.safeParse(jsonOf(bytes));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
    return { why: `no signed envelope: ${issue ? `${where}${issue.message}` : 'not JSON'}` };
  }
  const { payload, payloadType, signatures } = parsed.data;
  if (payloadType !== RECORD_TYPE) return { why: `an envelope of ${payloadType.slice(0, 100)}, which is no record` };
  return {
    payload: Buffer.from(payload, 'base64'),
    payloadType,
    signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig: Buffer.from(sig, 'base64') })),
  };
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
