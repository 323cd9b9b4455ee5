import { clouds, placeNames } from '../../lib/clouds';
import { judged } from './judge';

const all = Object.values(clouds).map((cloud) => [cloud.id, cloud] as const);

test('each cloud stands under its own id', () => {
  for (const [id, cloud] of Object.entries(clouds)) expect(cloud.id).toBe(id);
});

describe.each(all)('%s', (_id, cloud) => {
  test('dates its data', () => {
    expect(cloud.dataDate).toMatch(/^20\d\d-(0[1-9]|1[0-2])-([0-2]\d|3[01])$/);
  });

  test('lists each place once, with a title, in the shape that it asks of newer ones', () => {
    expect(new Set(placeNames(cloud)).size).toBe(cloud.storePlaces.length);
    for (const { name, title } of cloud.regions) {
      expect(name).toMatch(cloud.regionPattern);
      expect(title).not.toBe('');
      expect(judged(cloud.regionNames, name)).toBe('known');
      expect(judged(cloud.storePlaceNames, name)).toBe('known');
    }
  });

  test('has a source and a sentence for every rule', () => {
    const rules = [
      cloud.regionNames,
      cloud.storePlaceNames,
      cloud.instanceTypes,
      ...Object.values(cloud.databaseClasses),
      ...Object.values(cloud.storeNames),
      ...Object.values(cloud.resourceNames),
    ];
    for (const rule of rules) {
      expect(rule.source).toMatch(/^https:\/\//);
      expect(rule.text).not.toMatch(/\.$/);
    }
  });

  test('refuses the empty name everywhere', () => {
    const rules = [...Object.values(cloud.storeNames), ...Object.values(cloud.resourceNames), cloud.instanceTypes];
    for (const rule of rules) expect(rule.judge('').kind).toBe('malformed');
    expect(cloud.regionNames.judge('').kind).toBe('malformed');
  });

  test('bills colder classes at least as long as the first one and waits in a positive span', () => {
    expect(cloud.storageClasses[0]).toMatchObject({ minimumDays: 0, retrievalHours: {} });
    for (const { retrievalHours } of cloud.storageClasses) {
      for (const { from, to } of Object.values(retrievalHours)) expect(to).toBeGreaterThan(from);
    }
  });
});

test('the limits of storage are the ones that the services document', () => {
  expect(all.map(([id, { limits }]) => [id, limits])).toEqual([
    ['aws', { lifecycleRules: 1000, lifecycleDays: 2 ** 31 - 1, firstTransitionDays: 30, lockDays: 36_500 }],
    ['azure', { lifecycleRules: 100, lifecycleDays: 99_999, firstTransitionDays: 0, lockDays: 146_000 }],
    ['google', { lifecycleRules: 100, lifecycleDays: 2 ** 31 - 1, firstTransitionDays: 0, lockDays: 24_855 }],
  ]);
});

test('the classes of storage are in their order with the days that are billed at least', () => {
  const days = Object.fromEntries(
    all.map(([id, { storageClasses }]) => [
      id,
      storageClasses.map(({ name, minimumDays }) => `${name} ${minimumDays}`),
    ]),
  );
  expect(days).toEqual({
    aws: [
      'STANDARD 0',
      'STANDARD_IA 30',
      'INTELLIGENT_TIERING 0',
      'ONEZONE_IA 30',
      'GLACIER_IR 90',
      'GLACIER 90',
      'DEEP_ARCHIVE 180',
    ],
    azure: ['Hot 0', 'Cool 30', 'Cold 90', 'Archive 180'],
    google: ['STANDARD 0', 'NEARLINE 30', 'COLDLINE 90', 'ARCHIVE 365'],
  });
});

test('only archives keep a reader waiting', () => {
  const waiting = all.flatMap(([id, { storageClasses }]) =>
    storageClasses.flatMap(({ name, retrievalHours }) =>
      Object.entries(retrievalHours).map(([tier, { to }]) => `${id} ${name} ${tier} ${Number(to.toFixed(3))} h`),
    ),
  );
  expect(waiting).toEqual([
    'aws GLACIER expedited 0.083 h',
    'aws GLACIER standard 5 h',
    'aws GLACIER bulk 12 h',
    'aws DEEP_ARCHIVE standard 12 h',
    'aws DEEP_ARCHIVE bulk 48 h',
    'azure Archive standard 15 h',
    'azure Archive high 1 h',
  ]);
});
