import fc from 'fast-check';
import { clouds, hasArchiveTier, isGeoRedundant, AZURE_REPLICATIONS, normaliseCloudSqlTier } from '../../lib/clouds';
import { judged } from './judge';

test.each([
  ['postgresql', 'db.r5.large', 'known'],
  ['mysql', 'db.t4g.micro', 'known'],
  ['mariadb', 'db.m7g.16xlarge', 'known'],
  ['sqlserver', 'db.m6i.32xlarge', 'known'],
  ['sqlserver', 'db.m7g.large', 'unknown'],
  ['postgresql', 'db.r5.huge', 'is not written like a class of RDS (db.r5.large)'],
  ['postgresql', 'db.r99.large', 'unknown'],
  ['postgresql', 'r5.large', 'is an EC2 instance type, the class of RDS is written db.r5.large'],
  ['postgresql', 'Standard_D2s_v3', 'is not written like a class of RDS (db.r5.large)'],
  ['postgresql', 'db-custom-2-8', 'is not written like a class of RDS (db.r5.large)'],
] as const)('RDS for %s judges %p as %p', (engine, name, verdict) => {
  expect(judged(clouds.aws.databaseClasses[engine], name)).toBe(verdict);
});

test.each([
  ['postgresql', 'Standard_D2s_v3', 'known'],
  ['postgresql', 'GP_Standard_D2s_v3', 'known'],
  ['postgresql', 'GP_Standard_D2ds_v5', 'known'],
  ['postgresql', 'B_Standard_B2s', 'known'],
  ['postgresql', 'MO_Standard_E4ds_v5', 'known'],
  ['postgresql', 'GP_Standard_D2s_v6', 'unknown'],
  ['postgresql', 'GP_Standard_E4ds_v5', 'is not written like a class of a flexible server (GP_Standard_D2ds_v5)'],
  ['postgresql', 'GP_Gen5_2', 'is not written like a class of a flexible server (GP_Standard_D2ds_v5)'],
  ['mysql', 'GP_Standard_D2ds_v4', 'known'],
  ['mysql', 'GP_Standard_D2s_v3', 'unknown'],
  ['mysql', 'Standard_E4s_v5', 'known'],
  ['mariadb', 'Standard_D2s_v3', 'known'],
  ['mariadb', 'GP_Standard_D2ds_v4', 'is a class of a flexible server, but Azure has no managed MariaDB any more'],
  ['sqlserver', 'Standard_E8-4s_v5', 'known'],
  [
    'sqlserver',
    'GP_Standard_D2ds_v4',
    'is a class of a flexible server, but flexible servers are PostgreSQL and MySQL only',
  ],
  ['postgresql', 'db.r5.large', 'is not written like a size of an Azure virtual machine (Standard_D4s_v3)'],
] as const)('Azure for %s judges %p as %p', (engine, name, verdict) => {
  expect(judged(clouds.azure.databaseClasses[engine], name)).toBe(verdict);
});

test.each([
  ['postgresql', 'db-custom-2-8', 'known'],
  ['postgresql', 'db-custom-2-8192', 'known'],
  ['postgresql', 'db-f1-micro', 'known'],
  ['postgresql', 'db-perf-optimized-N-8', 'known'],
  ['postgresql', 'db-c4a-highmem-4', 'known'],
  ['postgresql', 'db-perf-optimized-N-3', 'unknown'],
  ['postgresql', 'db-new-series-4', 'unknown'],
  ['postgresql', 'db-n1-standard-2', 'is a tier of MySQL, PostgreSQL takes db-custom-<vCPU>-<MB>'],
  ['mysql', 'db-n1-standard-2', 'known'],
  ['postgresql', 'n2-standard-4', 'is a machine type, Cloud SQL takes tiers such as db-custom-2-8192'],
  ['postgresql', 'db.r5.large', 'is not written like a tier of Cloud SQL (db-custom-2-8192)'],
  ['sqlserver', 'db-custom-4-16', 'known'],
  ['sqlserver', 'db-g1-small', 'has a shared core, which SQL Server does not take'],
  ['sqlserver', 'db-c4a-highmem-4', 'is an Arm machine, which SQL Server does not run on'],
  ['sqlserver', 'db-n1-standard-2', 'is a tier of MySQL, SQL Server takes db-custom-<vCPU>-<MB>'],
  ['mariadb', 'n2-standard-4', 'known'],
  ['mariadb', 'db-custom-2-8', 'is a tier of Cloud SQL, which has no MariaDB: give a machine type (n2-standard-4)'],
] as const)('Google Cloud for %s judges %p as %p', (engine, name, verdict) => {
  expect(judged(clouds.google.databaseClasses[engine], name)).toBe(verdict);
});

test.each([
  ['aws', 'db.r5.large', 'managed'],
  ['aws', 'r5.large', 'machine'],
  ['azure', 'GP_Standard_D2s_v3', 'managed'],
  ['azure', 'Standard_D2s_v3', 'machine'],
  ['google', 'db-custom-2-8', 'managed'],
  ['google', 'n2-standard-4', 'machine'],
] as const)('%s hosts %p as %p', (id, name, hosting) => {
  expect(clouds[id].databaseHosting(name)).toBe(hosting);
});

test.each([
  ['db-custom-2-8', 'db-custom-2-8192'],
  ['db-custom-2-8192', 'db-custom-2-8192'],
  ['db-custom-1-3.75', 'db-custom-1-3840'],
  ['db-custom-2-7.5', 'db-custom-2-7680'],
  ['db-custom-96-624', 'db-custom-96-638976'],
  ['db-custom-1-6.5', 'db-custom-1-6656'],
  ['db-f1-micro', 'db-f1-micro'],
  ['db-perf-optimized-N-8', 'db-perf-optimized-N-8'],
])('the tier %p is %p', (given, value) => {
  expect(normaliseCloudSqlTier(given)).toEqual({ ok: true, value });
});

test.each([
  ['db-custom-3-8192', 'asks for 3 vCPUs, needs 1 or an even number to 96'],
  ['db-custom-0-8192', 'asks for 0 vCPUs, needs 1 or an even number to 96'],
  ['db-custom-98-638976', 'asks for 98 vCPUs, needs 1 or an even number to 96'],
  ['db-custom-2-8000', 'asks for 8000 MB, which is no multiple of 256 MB'],
  ['db-custom-2-3.3', 'asks for 3379.2 MB, which is no multiple of 256 MB'],
  ['db-custom-1-3', 'asks for 3072 MB, needs at least 3840'],
  ['db-custom-2-1024', 'asks for 1024 MB, needs at least 3840'],
  ['db-custom-8-7', 'asks for 0.88 GB for each of 8 vCPUs, needs 0.9 to 6.5'],
  ['db-custom-2-16', 'asks for 8 GB for each of 2 vCPUs, needs 0.9 to 6.5'],
  ['db-custom-2', 'is not written like db-custom-<vCPU>-<MB> (db-custom-2-8192)'],
  ['db-custom-two-8', 'is not written like db-custom-<vCPU>-<MB> (db-custom-2-8192)'],
])('the tier %p is refused: %s', (given, why) => {
  expect(normaliseCloudSqlTier(given)).toEqual({ ok: false, why });
});

test('every tier that is answered obeys the rules of Cloud SQL, and is answered the same again', () => {
  const tier = fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 700_000 }));
  const multiples = fc.tuple(
    fc.integer({ min: 1, max: 96 }),
    fc.integer({ min: 1, max: 2500 }).map((n) => n * 256),
  );
  const small = fc.tuple(fc.integer({ min: 1, max: 96 }), fc.integer({ min: 1, max: 624 }));
  let answered = 0;
  fc.assert(
    fc.property(fc.oneof(tier, multiples, small), ([cpus, memory]) => {
      const reading = normaliseCloudSqlTier(`db-custom-${cpus}-${memory}`);
      if (!reading.ok) return;
      answered += 1;
      const megabytes = Number(reading.value.split('-')[3]);
      expect(cpus === 1 || cpus % 2 === 0).toBe(true);
      expect(megabytes % 256).toBe(0);
      expect(megabytes).toBeGreaterThanOrEqual(3840);
      expect(megabytes / cpus).toBeGreaterThanOrEqual(921.6);
      expect(megabytes / cpus).toBeLessThanOrEqual(6656);
      expect(normaliseCloudSqlTier(reading.value)).toEqual(reading);
    }),
    { numRuns: 1000, seed: 7 },
  );
  expect(answered).toBeGreaterThan(20);
});

test('zone-redundant accounts have no archive tier', () => {
  expect(AZURE_REPLICATIONS.filter(hasArchiveTier)).toEqual(['LRS', 'GRS', 'RAGRS']);
});

test('geo-redundant kinds are those that copy to another region', () => {
  expect(AZURE_REPLICATIONS.filter(isGeoRedundant)).toEqual(['GRS', 'RAGRS', 'GZRS', 'RAGZRS']);
});
