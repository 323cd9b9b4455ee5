import { readFile } from 'node:fs/promises';
import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';

/** Names the file with the identity (`AGE-SECRET-KEY-1...`) that opens what was encrypted to a recipient. */
export const IDENTITY_VARIABLE = 'HYPDR_AGE_IDENTITY_FILE';
const FIX = `set ${IDENTITY_VARIABLE} to a file as age-keygen writes it, with the recipient's identity`;

/** A place for bytes that passes them on encrypted. */
export interface Encryption {
  readonly output: AsyncIterable<Uint8Array>;
  write(chunk: Uint8Array): Promise<void>;
  end(): Promise<void>;
  /** Ends both sides. Never throws. */
  abort(reason: unknown): Promise<void>;
}

/**
 * Encrypts to an age recipient, so that the host that writes backups can't read them. https://age-encryption.org/v1
 * The library is an ES module, which is loaded only where somebody encrypts.
 */
export async function encryptTo(recipient: string): Promise<Encryption> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  try {
    encrypter.addRecipient(recipient);
  } catch {
    // Neither the library's words nor ours hold what may be the secret half of the key.
    const what = /^age1/i.test(recipient)
      ? `"${recipient}" is no age recipient`
      : 'the recipient is no public key of age';
    throw new EngineError('config', what, 'give a public key such as age1...');
  }
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const writer = input.writable.getWriter();
  writer.closed.catch(() => undefined);
  const output = await encrypter.encrypt(input.readable);
  return {
    output,
    write: (chunk) => writer.write(chunk),
    end: () => writer.close(),
    abort: (reason) => writer.abort(reason).catch(() => undefined),
  };
}

/** The plain bytes of what was encrypted; fails where the identity is another's or a byte was changed. */
export async function* decrypt(
  source: AsyncIterable<Uint8Array>,
  machine: Pick<Machine, 'environment'>,
): AsyncGenerator<Uint8Array> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  for (const identity of await readIdentities(machine)) {
    try {
      decrypter.addIdentity(identity);
    } catch {
      // The library's message may say what the secret is like: it goes no further.
      throw new EngineError('config', 'the identity file holds an age identity that is broken', FIX);
    }
  }
  let plain: AsyncIterable<Uint8Array>;
  try {
    plain = await decrypter.decrypt(webStream(source));
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('no identity matched'))) throw error;
    throw new EngineError('config', "the identity is not the recipient's to whom the backup is encrypted", FIX, {
      cause: error,
    });
  }
  yield* plain;
}

/** An identity file as `age-keygen` writes it: one identity a line, comments after `#`. */
async function readIdentities({ environment }: Pick<Machine, 'environment'>): Promise<readonly string[]> {
  const file = environment[IDENTITY_VARIABLE];
  if (!file) throw new EngineError('config', 'the backup is encrypted to a recipient, and there is no identity', FIX);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new EngineError('config', `the identity file ${file} can not be read`, FIX, { cause: error });
  }
  const identities = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  // Its lines are secrets: none is ever quoted.
  if (identities.length === 0 || identities.some((one) => !one.startsWith('AGE-SECRET-KEY-'))) {
    throw new EngineError('config', `the identity file ${file} holds no age identity`, FIX);
  }
  return identities;
}

function webStream(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await chunks.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
