import { EngineError } from '../../lib/runner/engine/engine';
import { runHook } from '../../lib/runner/hooks';
import { testTask } from '../suites/runner/engine-machine';
import { testMachine } from './store/store-machine';

const environment = {
  PATH: process.env.PATH ?? '',
  HYPDR_HOOK_TOKEN: 'hunter22',
  HYPDR_HOOK_MODE: 'fast',
  PGPASSWORD: 'canary',
  AWS_SECRET_ACCESS_KEY: 'canary',
};

/** The message of a `before` that says something and fails. */
async function saidBy(command: string): Promise<string> {
  const task = testTask({ hooks: { before: `${command} >&2; exit 1` } });
  const error = await runHook(task, 'before', 'started', testMachine({ environment })).catch(
    (reason: unknown) => reason,
  );
  if (!(error instanceof EngineError)) throw new Error('the hook went well');
  return error.message;
}

test('a hook sees what is meant for hooks, what happened, and no secret of the run', async () => {
  const names = await saidBy('env | grep HYPDR | sort');
  expect(names.split(': ')[1]?.split('\n')).toEqual([
    ...[
      'HYPDR_HOOK=before',
      'HYPDR_HOOK_MODE=fast',
      'HYPDR_HOOK_TOKEN=***',
      'HYPDR_OUTCOME=started',
      'HYPDR_TASK=test',
    ],
  ]);
  expect(await saidBy('env | grep -v PATH')).not.toMatch(/canary|PGPASSWORD|AWS_/);
});

test('what a hook says of its own secrets is not told', async () => {
  expect(await saidBy('echo "token $HYPDR_HOOK_TOKEN, mode $HYPDR_HOOK_MODE"')).toMatch(/token \*\*\*, mode fast$/);
});
