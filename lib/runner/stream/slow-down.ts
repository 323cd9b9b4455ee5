import type { Machine } from '../machine';

/** Waits shorter than this cost more than they give. */
const LEAST_SECONDS = 0.1;

/** A source that was silent for an hour is not to be left alone for another. */
const MOST_SECONDS = 1;

/**
 * Reads at half the pace while it is to: what passing bytes on has taken, of source, stages and stores together, is
 * waited once more. The producer waits for its pipe meanwhile, so source, host and network have half of the load.
 */
export async function* slowDown(
  source: AsyncIterable<Uint8Array>,
  slowed: () => boolean,
  machine: Pick<Machine, 'seconds' | 'wait' | 'signal'>,
): AsyncGenerator<Uint8Array> {
  let owed = 0;
  let since = machine.seconds();
  for await (const chunk of source) {
    yield chunk;
    owed = slowed() ? owed + machine.seconds() - since : 0;
    if (owed >= LEAST_SECONDS) {
      await machine.wait(Math.min(owed, MOST_SECONDS) * 1000, machine.signal).catch(() => undefined);
      owed = 0;
    }
    since = machine.seconds();
  }
}
