import { describeBackup } from '../../lib/runner/dry-run';
import { task as world } from './copy/world';
import { plannedRun } from './fake-run';

const [store] = world.stores;
const stores = store ? [{ ...store, path: 'data/{year}/{month}/{day}/' }] : [];
const task = { ...world, stores, runs: [plannedRun()] };
const NOW = new Date('2027-01-06T12:00:00Z');

test('options, places of the slot and limits are said, and no secret', () => {
  const options = { format: 'custom', exclude_tables: ['temp_*', 'log'], parallel_jobs: 4 };
  const words = describeBackup({ ...task, options }, { type: undefined, slot: '20270105T021500Z' }, NOW);
  expect(words).toContain('slot 20270105T021500Z\n');
  expect(words).toContain('  options format: "custom", exclude_tables: ["temp_*","log"], parallel_jobs: 4\n');
  expect(words).toContain('  to aws b/data/2027/01/05/\n');
  expect(words).toMatch(/^ {2}compression \w+, kept \d+ days, locked \d+ days where the store locks$/m);
});

test('without a slot it is the present one, and no options are no line', () => {
  const words = describeBackup({ ...task, options: {} }, { type: undefined, slot: undefined }, NOW);
  expect(words).toContain('slot 20270106T120000Z\n');
  expect(words).not.toContain('options');
});
