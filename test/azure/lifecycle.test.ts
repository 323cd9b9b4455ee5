import { renderLifecycle, type AzureLifecycleRule } from '../../lib/azure';

const rule: AzureLifecycleRule = { id: 'r', from: [], name: 'backups', prefix: 'backups/' };

test('versions and snapshots move and go at the ages of the blob, so that the bytes are freed', () => {
  const [rendered] = renderLifecycle([{ ...rule, coolAfterDays: 30, archiveAfterDays: 90, deleteAfterDays: 2555 }]);
  expect(rendered).toEqual({
    name: 'backups',
    enabled: true,
    filters: { blobTypes: ['blockBlob'], prefixMatch: ['backups/'] },
    actions: {
      baseBlob: {
        tierToCoolAfterDaysSinceModificationGreaterThan: 30,
        tierToArchiveAfterDaysSinceModificationGreaterThan: 90,
        // What was thawed for a restore stays thawed for a week.
        tierToArchiveAfterDaysSinceLastTierChangeGreaterThan: 7,
        deleteAfterDaysSinceModificationGreaterThan: 2555,
      },
      version: {
        changeTierToCoolAfterDaysSinceCreation: 30,
        changeTierToArchiveAfterDaysSinceCreation: 90,
        deleteAfterDaysSinceCreation: 2555,
      },
      snapshot: {
        changeTierToCoolAfterDaysSinceCreation: 30,
        changeTierToArchiveAfterDaysSinceCreation: 90,
        deleteAfterDaysSinceCreationGreaterThan: 2555,
      },
    },
  });
});

test('a rule without a deletion deletes nothing', () => {
  const [rendered] = renderLifecycle([{ ...rule, coldAfterDays: 45 }]);
  expect(JSON.stringify(rendered)).not.toMatch(/delete|TierChange/i);
  expect(rendered?.actions).toMatchObject({
    baseBlob: { tierToColdAfterDaysSinceModificationGreaterThan: 45 },
    version: { tierToColdAfterDaysSinceCreationGreaterThan: 45 },
    snapshot: { tierToColdAfterDaysSinceCreationGreaterThan: 45 },
  });
});

test('rules keep the order of the plan, and a prefix is taken as it stands', () => {
  const rendered = renderLifecycle([
    { ...rule, name: 'b', prefix: 'b/${x}/', deleteAfterDays: 1 },
    { ...rule, name: 'a', deleteAfterDays: 2 },
  ]);
  expect(rendered.map(({ name }) => name)).toEqual(['b', 'a']);
  expect(rendered[0]?.filters.prefixMatch).toEqual(['b/$${x}/']);
});
