import { ageCommand } from './command/age';
import { readArguments } from './command/arguments';
import type { Output } from './command/command';
import { dispatch } from './command/dispatch';
import { USAGE } from './command/usage';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import { TaskError, loadTask } from './load-task';
import type { Machine } from './machine';
import { StoreError } from './store/store';

/** The command line `hypdr-runner`. Expected failures are exit codes; bugs throw. */
export async function run(argv: readonly string[], machine: Machine, output: Output): Promise<ExitCode> {
  const asked = readArguments(argv);
  if (asked === 'help') {
    output.stdout(USAGE);
    return EXIT.success;
  }
  if ('wrong' in asked) {
    output.stderr(`hypdr-runner: ${asked.wrong}\n\n${USAGE}`);
    return EXIT.badInvocation;
  }
  try {
    if (asked.command === 'age') return await ageCommand(asked, machine, output);
    return await dispatch(asked.command, asked, await loadTask(asked.tasks[0], machine), machine, output);
  } catch (error) {
    if (error instanceof TaskError) {
      output.stderr(`hypdr-runner: ${error.message}\n`);
      return EXIT.badInvocation;
    }
    if (!(error instanceof StoreError)) throw error;
    output.stderr(`hypdr-runner: ${error.message}\n`);
    return error.kind === 'retry' ? EXIT.retry : EXIT.permanent;
  }
}
