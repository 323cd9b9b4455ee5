import { synthesized } from '../../review/synthesis';
import { OTHERS, site, sitesSpec } from '../../plan/site/support';
import { AWS_STORE, compileText, errors, spec } from '../../plan/support';

/**
 * Every site that a spec may ask for becomes templates without a fault, whatever of it is there: clouds, methods and engines
 * in each combination, with what they follow and without, awake and asleep, all of one spec at once.
 */
jest.setTimeout(900_000);

const CLOUDS = ['aws', 'azure', 'google'] as const;
const METHODS = ['streaming_replication', 'log_shipping', 'backup_restore'] as const;
const ENGINES = ['postgresql', 'mysql', 'mariadb', 'sqlserver', ''] as const;
const MANAGED = { aws: 'db.r5.large', azure: 'Standard_D2s_v3', google: 'db-custom-2-8192' } as const;
const MACHINE = { aws: 'db.r5.large', azure: 'Standard_D2s_v3', google: 'n2-standard-4' } as const;

const ALL = CLOUDS.flatMap((provider) =>
  METHODS.flatMap((method) =>
    ENGINES.flatMap((engine) => [0, 2].map((count) => ({ provider, method, engine, count }))),
  ),
).map((one) => ({ ...one, name: `${one.provider}-${one.method}-${one.engine || 'none'}-${one.count}` }));

const SITES = ALL.map(({ name, ...one }) =>
  site(name, {
    ...one,
    databaseClass: (one.provider === 'google' && one.engine === 'mariadb' ? MACHINE : MANAGED)[one.provider],
    multiAz: one.count === 2,
    storage: 'type: "DISK" size: "100GB"',
    synchronization: 'lag_threshold: "5m"',
  }),
).join('\n');
/** Ninety names: hashes of two of them meet. */
const RANGES = `sites: { ${ALL.map(({ name }, index) => `"${name}": { cidr: "10.${index}.16.0/20" }`).join('\n')} }`;

test.each([
  ['with data sets of each engine in each cloud', sitesSpec(SITES, RANGES, '', OTHERS)],
  [
    'with nothing to follow and nothing to restore',
    spec({
      database: 'odd: { type: "sqlcmd" storage: { s3: { bucket: "acme-odd" region: "eu-west-1" path: "odd/" } } }',
      cloud: AWS_STORE,
      rest: `disaster_recovery { dr_sites: { ${SITES} } }`,
      deployment: RANGES,
    }),
  ],
])('%s', async (_, text) => {
  const compiled = compileText(text);
  expect(errors(compiled)).toEqual([]);
  const { faults, trace } = await synthesized(compiled);
  expect([faults, trace.lost]).toEqual([[], []]);
});
