import { renderLifecycle, type GoogleLifecycleRule } from '../../lib/google';

const render = (...lifecycle: Partial<GoogleLifecycleRule>[]) =>
  renderLifecycle({
    abortMultipartAfterDays: 5,
    lifecycle: lifecycle.map((rule) => ({ id: 'r', from: [], prefix: '', action: 'delete', afterDays: 1, ...rule })),
  }).slice(0, -1);

test.each([
  ['NEARLINE', ['STANDARD']],
  ['COLDLINE', ['STANDARD', 'NEARLINE']],
  ['ARCHIVE', ['STANDARD', 'NEARLINE', 'COLDLINE']],
])('objects of every version move to %s from warmer classes only', (storageClass, warmer) => {
  expect(render({ action: 'set-class', storageClass, afterDays: 30 })).toEqual([
    {
      action: { type: 'SetStorageClass', storageClass },
      condition: { age: 30, withState: 'ANY', matchesStorageClass: warmer },
    },
  ]);
});

test('objects of every version are deleted, whatever their class', () => {
  expect(render({ afterDays: 2555 })).toEqual([
    { action: { type: 'Delete' }, condition: { age: 2555, withState: 'ANY' } },
  ]);
});

test('a prefix limits the rule and is taken as it stands', () => {
  expect(render({ prefix: 'db/${x}/' })[0]?.condition.matchesPrefix).toEqual(['db/$${x}/']);
});

test('an age of 0 is sent', () => {
  expect(render({ afterDays: 0 })[0]?.condition).toMatchObject({ age: 0, sendAgeIfZero: true });
});

test('uploads that were never finished are given up, by age alone', () => {
  expect(renderLifecycle({ lifecycle: [], abortMultipartAfterDays: 5 })).toEqual([
    { action: { type: 'AbortIncompleteMultipartUpload' }, condition: { age: 5 } },
  ]);
});
