import { EngineError } from '../engine/engine';
import { EXIT } from '../exit-code';
import { hostError } from '../host-error';
import { reapLeftovers } from '../test-restore/reap';
import type { Command } from './command';

export const reapCommand: Command = async (asked, _task, machine, output) => {
  try {
    const reaped = await reapLeftovers(asked.restore.scratch ?? machine.stateFolder, machine);
    if (asked.format === 'json') output.stdout(`${JSON.stringify({ reaped }, null, 2)}\n`);
    else {
      for (const { id, processes } of reaped) output.stdout(`removed ${id}; ${processes} processes ended\n`);
      if (reaped.length === 0) output.stdout('no test restore has left anything\n');
    }
    return EXIT.success;
  } catch (thrown) {
    const error = hostError(thrown) ?? thrown;
    if (!(error instanceof EngineError)) throw thrown;
    output.stderr(`hypdr-runner: ${error.message}\n`);
    return error.kind === 'retry' ? EXIT.retry : EXIT.permanent;
  }
};
