import type { TaskManifest } from '../contract';
import { alarm } from './alarm';
import { runChild } from './engine/child';
import { EngineError } from './engine/engine';
import { hookVariables } from './hook-variables';
import type { Machine } from './machine';

export type HookName = keyof TaskManifest['hooks'];

/**
 * Runs a hook through the system's shell, since it is a command line of the operator's own. It gets the task's name and
 * what happened as variables, those that begin with `HYPDR_HOOK_`, and none of the run's secrets. A `before` that fails
 * ends the run before it starts; what comes of the others changes nothing of what was done.
 * @throws EngineError - of `before` alone
 */
export async function runHook(
  task: TaskManifest,
  name: HookName,
  outcome: string,
  machine: Machine,
  graceMilliseconds?: number,
): Promise<void> {
  const command = task.hooks[name];
  if (command === undefined) return;
  machine.log({ level: 'info', event: 'hook', message: `hook ${name}`, task: task.name });
  const windows = machine.environment.OS === 'Windows_NT';
  const [shell, flag] = windows ? ['cmd.exe', '/c'] : ['/bin/sh', '-c'];
  const { variables, secrets } = hookVariables(machine);
  const environment = { ...variables, HYPDR_TASK: task.name, HYPDR_HOOK: name, HYPDR_OUTCOME: outcome };
  const options = { machine, environment, secrets, ...(graceMilliseconds !== undefined && { graceMilliseconds }) };
  try {
    const { exitCode, signal, stderr } = await runChild(shell, [flag, command], options);
    if (exitCode === 0) return;
    const message = `hook ${name} ended with ${signal ?? exitCode}: ${stderr.trim().slice(-500)}`;
    throw new EngineError('config', message, 'mend the command in deployment.tasks.<name>.hooks');
  } catch (error) {
    if (name === 'before' || !(error instanceof EngineError)) throw error;
    machine.log({ level: 'warning', event: 'hook_failed', message: error.message, task: task.name });
  }
}

/** A process that was told to end has ten seconds: what a hook gets is what the aborts leave of them. */
const LAST_WORDS = { seconds: 3, graceMilliseconds: 500 };

/** What was frozen before the run may have to be thawed after it, also where a signal ended it. */
export async function runErrorHook(task: TaskManifest, why: string, machine: Machine): Promise<void> {
  if (!machine.signal.aborted) return runHook(task, 'onError', why, machine);
  const [stop, done] = [new AbortController(), new AbortController()];
  void alarm(LAST_WORDS.seconds, machine, done.signal).then((how) => how === 'reached' && stop.abort());
  await runHook(task, 'onError', why, { ...machine, signal: stop.signal }, LAST_WORDS.graceMilliseconds);
  done.abort();
}
