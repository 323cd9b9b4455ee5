import { findingsOf, placesOf } from '../../support/findings';
import { smallSpec } from '../../support/small-spec';

const type = (keys: string) => smallSpec({ types: `differential: { ${keys} retention: 7 }` });

describe('the day of a run', () => {
  test.each([
    'frequency: "weekly" day: "sunday"',
    'frequency: "weekly"',
    'frequency: "monthly" day: 28',
    'frequency: "monthly"',
    'frequency: "daily"',
    'frequency: "6h"',
  ])('fits: %s', (keys) => {
    expect(findingsOf(type(keys), 'DR2031')).toEqual([]);
  });

  test.each([
    ['frequency: "weekly" day: 1', 'day 1 does not fit frequency "weekly"'],
    ['frequency: "monthly" day: "sunday"', 'day "sunday" does not fit frequency "monthly"'],
    ['frequency: "daily" day: "sunday"', 'day "sunday" does not fit frequency "daily"'],
    ['frequency: "6h" day: 3', 'day 3 does not fit frequency "6h"'],
  ])('does not fit: %s', (keys, message) => {
    expect(findingsOf(type(keys), 'DR2031')).toEqual([`DR2031 backup.general.types.differential.day: ${message}`]);
  });

  test.each(['29', '0', '"someday"', '1.5'])('%s is no day at all', (day) => {
    expect(placesOf(type(`frequency: "monthly" day: ${day}`), 'DR2002', 'DR2031')).toEqual([
      'DR2002 backup.general.types.differential.day',
    ]);
  });
});

describe('the backup window', () => {
  const window = (start: string, end: string) =>
    smallSpec({ window: `start: "${start}" end: "${end}" timezone: "UTC"` });

  test('has a length', () => {
    expect(findingsOf(window('02:00', '02:00'), 'DR2032')).toEqual([
      'DR2032 backup.general.backup_window.end: the window starts and ends at 02:00',
    ]);
  });

  test('may go over midnight', () => {
    expect(findingsOf(window('22:00', '02:00'), 'DR2032')).toEqual([]);
  });
});
