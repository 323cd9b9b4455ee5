import { compileText } from '../plan/support';

/** What stands where a block has to stand. */
const fixOf = (text: string) =>
  compileText(text)
    .diagnostics.filter(({ code }) => code === 'DR2002')
    .map(({ path, message, fix }) => [path, message, fix]);

test('a value in the place of a block is told which keys the block has', () => {
  expect(fixOf('disaster_recovery { objectives: { rpo: "20m" } }')).toContainEqual([
    'disaster_recovery.objectives.rpo',
    'found "20m", which is not a block',
    'write a block with critical_data, important_data, standard_data',
  ]);
});

test('where keys are needed, these are named and no others', () => {
  expect(fixOf('backup { general: { backup_window: "02:00" } }')).toContainEqual([
    'backup.general.backup_window',
    'found "02:00", which is not a block',
    'write a block with start, end, timezone',
  ]);
});
