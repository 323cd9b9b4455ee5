import fc from 'fast-check';
import type { BackupType, EngineName } from '../../lib/contract';
import { retentionOf } from '../../lib/plan/retention';
import { runTypeOf } from '../../lib/plan/run';
import type { BackupTypeSpec, GeneralSpec } from '../../lib/spec';
import type { Cadence } from '../../lib/units';
import { bucket, database, planOf, s3, spec } from './support';

/** "Retention" of the protocol: chains, locks, the backstop. */
const ENGINES: readonly EngineName[] = ['postgresql', 'mysql', 'mariadb', 'sqlserver', 'files'];
const NAMES: readonly BackupType[] = ['full', 'incremental', 'differential', 'log'];

const cadence = fc.oneof(
  fc.constantFrom('hourly', 'daily', 'weekly', 'monthly').map((kind): Cadence => ({ kind })),
  fc.integer({ min: 60, max: 40 * 86_400 }).map((seconds): Cadence => ({ kind: 'every', seconds })),
);
const type = fc.record({ frequency: cadence, retention: fc.integer({ min: 1, max: 3650 }) });
const types = fc.record({ full: type, incremental: type, differential: type, log: type }, { requiredKeys: ['full'] });
const engine = fc.constantFrom(...ENGINES);

type Types = Readonly<Partial<Record<BackupType, Pick<BackupTypeSpec, 'frequency' | 'retention'>>>>;
const general = (given: Types) => ({ types: given }) as unknown as GeneralSpec;
const kept = (name: EngineName, given: Types) =>
  NAMES.filter((one) => given[one] && runTypeOf(name, one) !== undefined).map((one) => given[one]?.retention ?? 0);

describe('for any types and any engine', () => {
  test('a lock is never shorter than the retention of its type', () => {
    fc.assert(
      fc.property(engine, types, (name, given) => {
        const retention = retentionOf(name, general(given));
        for (const one of NAMES.filter((each) => given[each] && runTypeOf(name, each))) {
          expect(retention.lockDays(one)).toBeGreaterThanOrEqual(given[one]?.retention ?? 0);
        }
      }),
    );
  });

  test('the longest lock holds for every type', () => {
    fc.assert(
      fc.property(engine, types, (name, given) => {
        const retention = retentionOf(name, general(given));
        const locks = NAMES.filter((each) => given[each] && runTypeOf(name, each)).map((one) =>
          retention.lockDays(one),
        );
        expect(retention.longestLockDays).toBe(Math.max(...locks));
      }),
    );
  });

  test('a chain lives at least as long as any of its types, and the backstop 90 days longer', () => {
    fc.assert(
      fc.property(engine, types, (name, given) => {
        const { longestChainDays, backstopDays, shortestDays } = retentionOf(name, general(given));
        expect(longestChainDays).toBeGreaterThanOrEqual(Math.max(...kept(name, given)));
        expect(backstopDays).toBe(longestChainDays + 90);
        expect(shortestDays).toBe(Math.min(...kept(name, given)));
      }),
    );
  });

  test('a longer retention makes nothing shorter', () => {
    fc.assert(
      fc.property(
        engine,
        types,
        fc.constantFrom(...NAMES),
        fc.integer({ min: 1, max: 1000 }),
        (name, given, longer, by) => {
          const before = retentionOf(name, general(given));
          const one = given[longer];
          fc.pre(one !== undefined);
          const after = retentionOf(name, general({ ...given, [longer]: { ...one, retention: one.retention + by } }));
          expect(after.longestChainDays).toBeGreaterThanOrEqual(before.longestChainDays);
          expect(after.longestLockDays).toBeGreaterThanOrEqual(before.longestLockDays);
          expect(after.shortestDays).toBeGreaterThanOrEqual(before.shortestDays);
          for (const each of NAMES) expect(after.lockDays(each)).toBeGreaterThanOrEqual(before.lockDays(each));
        },
      ),
    );
  });

  test('an increment never outlives the full that it builds on', () => {
    fc.assert(
      fc.property(engine, types, (name, given) => {
        const { lockDays } = retentionOf(name, general(given));
        const dependents = NAMES.filter((each) => given[each] && !['full', undefined].includes(runTypeOf(name, each)));
        for (const one of dependents) {
          // The full is at most one interval older than what builds on it.
          expect(lockDays('full')).toBeGreaterThanOrEqual(given[one]?.retention ?? 0);
        }
      }),
    );
  });
});

describe('examples', () => {
  const weekly = { kind: 'weekly' } as const;
  const daily = { kind: 'daily' } as const;
  const seedTypes: Types = {
    full: { frequency: weekly, retention: 30 },
    incremental: { frequency: daily, retention: 7 },
    differential: { frequency: daily, retention: 14 },
  };

  test.each([
    // No increments: pg_dump knows only fulls, and each lives by itself.
    ['postgresql', 30, 30, 14, 7],
    // A full of 30 days covers two intervals and the 14 days of what builds on it.
    ['files', 30, 30, 14, 21],
    ['sqlserver', 30, 30, 14, 21],
    // A differential runs as a full there, and logs may build on it.
    ['mysql', 30, 30, 21, 21],
  ] as const)('the documented types on %s', (name, chain, full, differential, incremental) => {
    const retention = retentionOf(name, general(seedTypes));
    expect({
      chain: retention.longestChainDays,
      full: retention.lockDays('full'),
      differential: retention.lockDays('differential'),
      incremental: retention.lockDays('incremental'),
    }).toEqual({ chain, full, differential, incremental });
  });

  test('logs that are kept longer than fulls hold the fulls that they need', () => {
    const given = { full: { frequency: weekly, retention: 7 }, log: { frequency: daily, retention: 60 } };
    const retention = retentionOf('sqlserver', general(given));
    expect(retention.longestChainDays).toBe(67);
    expect(retention.backstopDays).toBe(157);
    expect(retention.lockDays('full')).toBe(74);
    expect(retentionOf('postgresql', general(given)).longestChainDays).toBe(7);
  });

  test('an interval of 36 hours counts as two days', () => {
    const given: Types = {
      full: { frequency: { kind: 'every', seconds: 36 * 3600 }, retention: 1 },
      log: { frequency: daily, retention: 1 },
    };
    expect(retentionOf('mysql', general(given)).lockDays('full')).toBe(5);
  });
});

describe('in the plan', () => {
  const typed = 'full: { frequency: "weekly" retention: 7 } log: { frequency: "1h" retention: 60 }';
  const mysql = (storage: string) => `orders: { type: "mysqldump" storage: { ${storage} } }`;

  test('the bucket has the longest lock by default, and each run the one of its type', () => {
    const plan = planOf(spec({ types: typed, database: mysql(s3('acme-db', 'orders/')) }));
    expect(bucket(plan, 'acme-db').lock).toEqual({ mode: 'governance', days: 74 });
    expect(plan.tasks[0]?.runs.map((run) => [run.type, run.retentionDays, run.lockDays])).toEqual([
      ['full', 7, 74],
      ['log', 60, 74],
    ]);
  });

  test('a store for several engines takes the longest of them', () => {
    const parts = { types: typed, cloud: 'aws_s3: { bucket: "acme-all" region: "eu-west-1" }' };
    const dump = planOf(spec({ ...parts, database: database('users', 'local: { path: "/b" }') }));
    const logs = planOf(
      spec({ ...parts, database: mysql('local: { path: "/b" }') + database('users', 'local: { path: "/b" }') }),
    );
    expect(bucket(dump, 'acme-all').lifecycle.map((rule) => rule.expireAfterDays)).toEqual([97]);
    expect(bucket(logs, 'acme-all').lifecycle.map((rule) => rule.expireAfterDays)).toEqual([157]);
    expect([bucket(dump, 'acme-all').lock?.days, bucket(logs, 'acme-all').lock?.days]).toEqual([7, 74]);
  });

  test('an explicit number of the destination wins over the types', () => {
    const text = (age: string) => spec({ database: database('orders', s3('acme-db', 'orders/', age)) });
    expect(bucket(planOf(text('')), 'acme-db').lifecycle[0]?.expireAfterDays).toBe(120);
    expect(bucket(planOf(text('lifecycle: { expiration_days: 2555 }')), 'acme-db').lifecycle[0]?.expireAfterDays).toBe(
      2555,
    );
    // Prune is told: it would take what the types need no more.
    const kept = (own: string) => planOf(text(own)).tasks[0]?.stores.map(({ keptDays }) => keptDays);
    expect([kept(''), kept('lifecycle: { expiration_days: 2555 }')]).toEqual([[undefined], [2555]]);
    // Its longer lifecycle does not lengthen the lock.
    expect(bucket(planOf(text('lifecycle: { expiration_days: 2555 }')), 'acme-db').lock?.days).toBe(30);
  });

  test('versions that are no longer current stay as long as they are locked, at least 30 days', () => {
    const noncurrent = (days: number) =>
      bucket(
        planOf(
          spec({
            types: `full: { frequency: "daily" retention: ${days} }`,
            database: database('orders', s3('acme-db', 'o/')),
          }),
        ),
        'acme-db',
      ).noncurrentExpireAfterDays;
    expect([noncurrent(5), noncurrent(400)]).toEqual([30, 400]);
  });
});
