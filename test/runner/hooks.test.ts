import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EngineError } from '../../lib/runner/engine/engine';
import { runErrorHook, runHook } from '../../lib/runner/hooks';
import { testTask } from '../suites/runner/engine-machine';
import { turns } from './stream/sources';
import { testMachine } from './test-machine';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'hypdr-hooks-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const task = (command: string) =>
  testTask({ name: 'shop', hooks: { before: command, after: command, onError: command } });
const events = (machine: ReturnType<typeof testMachine>) => machine.logged.map(({ event }) => event);

it('is told of task, hook and outcome, and of nothing else of the environment', async () => {
  const machine = testMachine({ PATH: process.env.PATH, PGPASSWORD: 'canary' });
  await runHook(task(`env > ${folder}/seen`), 'after', 'stored', machine);
  const seen = readFileSync(path.join(folder, 'seen'), 'utf8');
  expect(seen).toContain('HYPDR_TASK=shop\n');
  expect(seen).toContain('HYPDR_HOOK=after\n');
  expect(seen).toContain('HYPDR_OUTCOME=stored\n');
  expect(seen).not.toContain('canary');
  expect(events(machine)).toEqual(['hook']);
});

it('that fails before a run ends it, and after one is a warning', async () => {
  const machine = testMachine();
  const failing = task('echo no space >&2; exit 3');
  await expect(runHook(failing, 'before', 'started', machine)).rejects.toMatchObject({
    kind: 'config',
    message: 'hook before ended with 3: no space',
  });
  await runHook(failing, 'after', 'stored', machine);
  await runErrorHook(failing, 'no store is left', machine);
  expect(machine.logged.filter(({ event }) => event === 'hook_failed').map(({ message }) => message)).toEqual([
    'hook after ended with 3: no space',
    'hook onError ended with 3: no space',
  ]);
});

it('after a run that is stored does not undo it, also where a signal came meanwhile', async () => {
  const machine = testMachine();
  machine.interrupt();
  await runHook(task('true'), 'after', 'stored', machine);
  expect(events(machine)).toEqual(['hook', 'hook_failed']);
  await expect(runHook(task('true'), 'before', 'started', machine)).rejects.toBeInstanceOf(EngineError);
});

it('on an error runs although a signal ended the run, and is ended after three seconds', async () => {
  const machine = testMachine();
  machine.interrupt();
  await runErrorHook(task(`echo "$HYPDR_OUTCOME" > ${folder}/thawed`), 'ended by SIGTERM', machine);
  expect(readFileSync(path.join(folder, 'thawed'), 'utf8')).toBe('ended by SIGTERM\n');
  expect([events(machine), machine.waiting]).toEqual([['hook'], 0]);

  const long = runErrorHook(task(`touch ${folder}/begun; exec sleep 1000`), 'ended by SIGTERM', machine);
  while (!existsSync(path.join(folder, 'begun'))) await turns(10);
  machine.advance(2.9);
  await turns(10);
  expect(events(machine)).toEqual(['hook', 'hook']);
  machine.advance(0.1);
  await long;
  expect(machine.logged.at(-1)).toMatchObject({ event: 'hook_failed', message: 'hook onError ended with SIGTERM: ' });
});
