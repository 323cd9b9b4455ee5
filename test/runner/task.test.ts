import type { TaskManifest } from '../../lib/contract';
import { runFor } from '../../lib/runner/task';
import { testTask } from '../suites/runner/engine-machine';

const run = (type: 'full' | 'differential' | 'log', ...types: readonly string[]) => ({
  type,
  for: types.length === 0 ? [type] : types,
});
const task = (options: TaskManifest['options']) =>
  testTask({ options, runs: [run('full'), run('differential'), run('log', 'incremental', 'log')] as never });

test('a word means a type of the spec, or what runs for it', () => {
  expect(runFor(task({}), 'incremental')?.type).toBe('log');
  expect(runFor(task({}), 'differential')?.type).toBe('differential');
  expect(runFor(testTask({ runs: [run('full')] as never }), 'log')).toBeUndefined();
});

test.each([
  [{}, 'full'],
  [{ backup_type: 'log' }, 'log'],
  [{ backup_type: 'full' }, 'full'],
  [{ backup_type: 'nothing' }, 'full'],
])('without a word, and with the options %j, it is a %s', (options, type) => {
  expect(runFor(task(options), undefined)?.type).toBe(type);
});
