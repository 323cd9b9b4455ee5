import type { Child, ChildOptions } from '../engine/child';
import { statusOf } from '../engine/child';
import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import type { ServerUser } from './server-user';

/** Seconds that a server has to come up. */
const READY_SECONDS = 120;
const LOOK_MILLISECONDS = 100;

/** How the programs of a server run: in their own folder, as their own user, and gone within a signal's ten seconds. */
export function within(home: string, user: ServerUser | undefined, machine: Machine): ChildOptions {
  return {
    machine,
    folder: home,
    environment: { HOME: home, TMPDIR: home },
    user: user && { uid: user.uid, gid: user.gid },
    graceMilliseconds: 4000,
  };
}

export interface Starting {
  readonly name: string;
  readonly child: Child;
  readonly stop: () => Promise<void>;
  readonly machine: Machine;
  readonly isReady: () => Promise<boolean>;
}

/**
 * Waits until a server answers. One that does not is stopped.
 * @throws EngineError with the end of what it said
 */
export async function untilReady({ name, child, stop, machine, isReady }: Starting): Promise<void> {
  let end: string | undefined;
  void child.ended.then((one) => (end = `ended with ${statusOf(one)}: ${one.stderr.slice(-1500)}`));
  const until = machine.seconds() + READY_SECONDS;
  try {
    while (!(await isReady())) {
      machine.signal.throwIfAborted();
      if (end !== undefined) throw new EngineError('config', `the throw-away ${name} server ${end}`);
      if (machine.seconds() > until)
        throw new EngineError('retry', `the throw-away ${name} server does not answer after ${READY_SECONDS} seconds`);
      await machine.wait(LOOK_MILLISECONDS, machine.signal);
    }
  } catch (error) {
    await stop();
    throw error;
  }
}
