import type { TaskManifest } from '../contract';
import { runChild } from './engine/child';
import { EngineError } from './engine/engine';
import type { Machine } from './machine';

export type HookName = keyof TaskManifest['hooks'];

/**
 * Runs a hook through the system's shell, since it is a command line of the operator's own. It gets the task's name and
 * what happened as variables, and none of the run's secrets. A `before` that fails ends the run before it starts.
 */
export async function runHook(task: TaskManifest, name: HookName, outcome: string, machine: Machine): Promise<void> {
  const command = task.hooks[name];
  if (command === undefined) return;
  machine.log({ level: 'info', event: 'hook', message: `hook ${name}`, task: task.name });
  const windows = machine.environment.OS === 'Windows_NT';
  const [shell, flag] = windows ? ['cmd.exe', '/c'] : ['/bin/sh', '-c'];
  const { exitCode, stderr } = await runChild(shell, [flag, command], {
    machine,
    environment: { HYPDR_TASK: task.name, HYPDR_HOOK: name, HYPDR_OUTCOME: outcome },
  });
  if (exitCode === 0) return;
  const message = `hook ${name} ended with ${exitCode}: ${stderr.trim().slice(-500)}`;
  if (name === 'before') throw new EngineError('config', message, 'mend the command in deployment.tasks.<name>.hooks');
  machine.log({ level: 'warning', event: 'hook_failed', message, task: task.name });
}
