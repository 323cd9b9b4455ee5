import fc from 'fast-check';
import type { Site } from '../../../lib/contract';
import { AWS_STORE, compileText, database, findings, need, planned, s3, spec } from '../support';
import { OTHERS, compileSites, site, sitesSpec } from './support';

const CLOUDS = ['aws', 'azure', 'google'] as const;
const METHODS = ['streaming_replication', 'log_shipping', 'backup_restore'] as const;

function sitesOf(text: string, deployment?: string, rest?: string): readonly Site[] {
  return planned(compileSites(text, deployment, rest)).sites;
}

function one(text: string, deployment?: string, rest?: string): Site {
  return need(sitesOf(text, deployment, rest)[0], 'site');
}

describe('kinds and providers are independent', () => {
  const combinations = CLOUDS.flatMap((provider) => METHODS.map((method) => ({ provider, method })));

  test.each(combinations)('$method on $provider', ({ provider, method }) => {
    const { cloud, kind, database, synchronization } = one(site('there', { provider, method }));
    expect({ cloud, kind, database: database?.kind, method: synchronization.method }).toEqual({
      cloud: provider,
      kind: { streaming_replication: 'hot', log_shipping: 'warm', backup_restore: 'cold' }[method],
      // Only Cloud SQL stays stopped between two restores.
      database: provider === 'google' && method === 'backup_restore' ? 'service' : 'machines',
      method,
    });
    expect(synchronization.primary?.dataSet).toBe(method === 'backup_restore' ? undefined : 'orders');
    expect(synchronization.restores?.tasks).toEqual(method === 'backup_restore' ? ['orders'] : undefined);
    expect(synchronization.archive?.days).toBe(method === 'log_shipping' ? 14 : undefined);
  });

  test('a kind that is given wins over the name, and the name over the method', () => {
    const kinds = sitesOf(
      [
        site('cold_site', { extra: 'kind: "hot"' }),
        site('the-warm-one', { method: 'backup_restore' }),
        site('hotel', { method: 'log_shipping' }),
      ].join('\n'),
    ).map(({ name, kind }) => [name, kind]);
    expect(kinds).toEqual([
      ['cold_site', 'hot'],
      ['hotel', 'warm'],
      ['the-warm-one', 'warm'],
    ]);
  });

  test('five sites, two of one kind: each a stack, a prefix and a network of its own', () => {
    const sites = sitesOf(
      [
        site('hot-a'),
        site('hot-b'),
        site('warm', { provider: 'azure', method: 'log_shipping' }),
        site('cold', { provider: 'google', method: 'backup_restore' }),
        site('cold-2', { provider: 'azure', method: 'backup_restore' }),
      ].join('\n'),
    );
    for (const key of ['stack', 'prefix', 'id'] as const) expect(new Set(sites.map((each) => each[key])).size).toBe(5);
    expect(new Set(sites.map(({ network }) => network.cidr)).size).toBe(5);
  });

  test('a site that is not enabled is not there', () => {
    expect(sitesOf(`${site('a')} ${site('b', { extra: 'enabled: false' })}`).map(({ name }) => name)).toEqual(['a']);
  });
});

describe('networks', () => {
  test('another site moves no range, whatever it is called', () => {
    const alone = one(site('site-0')).network.cidr;
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 999 }), { minLength: 1, maxLength: 4 }), (others) => {
        const text = [0, ...others].map((index) => site(`site-${index}`)).join('\n');
        const compiled = compileSites(text);
        const told = findings(compiled, 'DR3080');
        // Two that meet are an error, so that there is no plan: never built over each other in silence.
        expect(compiled.plan === undefined).toBe(told.length > 0);
        if (!compiled.plan) return;
        const { sites } = compiled.plan;
        expect(sites.find(({ name }) => name === 'site-0')?.network.cidr).toBe(alone);
        const ranges = sites.map(({ network }) => network.cidr);
        for (const range of ranges) expect(range).toMatch(/^10\.(12[89]|1[3-9]\d|2[0-4]\d|25[0-5])\.\d{1,3}\.0\/20$/);
        expect(new Set(ranges).size).toBe(ranges.length);
      }),
      { numRuns: 20 },
    );
  });

  test('two deployments of one spec do not share addresses', () => {
    const of = (name: string) => one(site('a'), `name: "${name}"`).network.cidr;
    expect(of('acme')).not.toBe(of('contoso'));
  });

  test('two sites with one range are an error at the line that says so', () => {
    const range = one(site('a')).network.cidr;
    const compiled = compileSites(`${site('a')} ${site('b')}`, `sites: { b: { cidr: "${range}" } }`);
    expect(findings(compiled, 'DR3080')).toEqual(['DR3080 deployment.sites.b.cidr']);
  });

  test('only a site that sleeps has no NAT, which costs by the hour', () => {
    const outbound = (parts: Parameters<typeof site>[1]) => one(site('s', parts)).network.outbound;
    expect(outbound({ method: 'backup_restore', count: 0 })).toBe('public');
    expect(outbound({ method: 'backup_restore', count: 1 })).toBe('nat');
    expect(outbound({ method: 'log_shipping', count: 0 })).toBe('nat');
  });
});

describe('machines', () => {
  test('on demand: none, and as many as the largest site once activated', () => {
    const sites = sitesOf(`${site('cold', { method: 'backup_restore', count: 0 })} ${site('hot', { count: 3 })}`);
    expect(sites.map(({ compute: { asleep, active } }) => [asleep, active])).toEqual([
      [0, { least: 3, most: 3 }],
      [3, { least: 3, most: 3 }],
    ]);
  });

  test('deployment.sites says how many, which image, which port and what is asked', () => {
    const { compute, balancer } = one(
      site('cold', { count: 0 }),
      'sites: { cold: { count: 6 image: "ami-0123456789abcdef0" port: 8443 health_path: "/health" } }',
    );
    expect(compute).toMatchObject({ asleep: 0, active: { least: 6, most: 6 }, image: 'ami-0123456789abcdef0' });
    expect(balancer).toMatchObject({ port: 8443, healthPath: '/health' });
  });

  test('a site is never smaller once activated than before', () => {
    expect(one(site('hot', { count: 5 }), 'sites: { hot: { count: 2 } }').compute).toMatchObject({
      asleep: 5,
      active: { least: 5, most: 5 },
    });
  });

  test('a database whose site says no size has room for as much as the largest site', () => {
    const sized = (name: string, size: string) => site(name, { storage: `type: "DISK" size: "${size}"` });
    const sites = sitesOf(`${sized('b', '200GB')} ${sized('c', '300GB')} ${site('a')}`);
    const room = sites.map(({ database }) => database?.kind === 'machines' && database.volume.sizeGiB);
    expect(room).toEqual([300, 200, 300]);
    const alone = one(site('a')).database;
    expect(alone?.kind === 'machines' && alone.volume.sizeGiB).toBe(100);
  });

  test('500GB are 500 GiB, and a number of operations only where the disk takes one', () => {
    const volume = (provider: 'aws' | 'google') =>
      compileSites(site('s', { provider, storage: 'type: "DISK" size: "500GB" iops: 3000' }));
    expect(planned(volume('aws')).sites[0]?.compute.volume).toMatchObject({ type: 'gp3', sizeGiB: 500, iops: 3000 });
    expect(planned(volume('google')).sites[0]?.compute.volume).not.toHaveProperty('iops');
    expect(findings(volume('aws'), 'DR3087')).toEqual([]);
    expect(findings(volume('google'), 'DR3087')).toEqual([
      'DR3087 disaster_recovery.dr_sites.s.infrastructure.storage.iops',
    ]);
  });
});

describe('what a region does not offer', () => {
  const ARN = 'arn:aws:rds:eu-west-1:111122223333:db:orders';
  const replica = `primary_site: { database: "rds" database_id: "${ARN}" }`;
  const at = 'disaster_recovery.dr_sites.s.infrastructure';

  test.each([
    ['eu-central-2', 'db.r6i.large', true],
    ['eu-central-1', 'db.r6i.large', false],
    ['eu-central-2', 'db.r5.large', false],
    // A region that the data does not know lacks nothing of which anybody here knows.
    ['eu-west-9', 'db.r6i.large', false],
  ])('in %s %s is a class of RDS that a replica does not find: %s', (region, databaseClass, lacks) => {
    const asked = compileSites(site('s', { region, databaseClass }), replica);
    expect(findings(asked, 'DR3091')).toEqual(lacks ? [`DR3091 ${at}.database.instance_class`] : []);
    // A machine of the same size is another question.
    expect(findings(compileSites(site('s', { region, databaseClass })), 'DR3091')).toEqual([]);
  });

  test.each([
    ['westus', 'PremiumV2_LRS', true],
    ['westeurope', 'PremiumV2_LRS', false],
    ['westus', 'Premium_LRS', false],
  ])('in %s a disk %s has no zone: %s', (region, type, lacks) => {
    const asked = compileSites(site('s', { provider: 'azure', region, storage: `type: "${type}" size: "100GB"` }));
    expect(findings(asked, 'DR3092')).toEqual(lacks ? [`DR3092 ${at}.storage.type`] : []);
    expect(asked.plan === undefined).toBe(lacks);
  });
});

describe('what runs on the machines', () => {
  const path = 'DR3084 disaster_recovery.dr_sites.s.infrastructure.compute';

  test('is nothing where no image is named', () => {
    expect(findings(compileSites(site('s')), 'DR3084')).toEqual([path]);
    expect(findings(compileSites(site('s'), 'sites: { s: { image: "ami-0123456789abcdef0" } }'), 'DR3084')).toEqual([]);
  });
});

describe('databases', () => {
  const primary = (database: string, id: string) => `primary_site: { database: "${database}" database_id: "${id}" }`;
  const ARN = 'arn:aws:rds:eu-west-1:111122223333:db:orders';

  test.each([
    ['aws', 'rds', ARN],
    [
      'azure',
      'flexible_server',
      '/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/o',
    ],
    ['google', 'cloud_sql', 'orders'],
  ] as const)('on %s a replica of a primary of the same service', (provider, kind, id) => {
    expect(one(site('s', { provider }), primary(kind, id)).database).toMatchObject({ kind: 'replica', source: id });
    // Restored from backups, it follows nothing.
    expect(one(site('s', { provider, method: 'backup_restore' }), primary(kind, id)).database?.kind).not.toBe(
      'replica',
    );
  });

  test('a primary of another cloud, or without its id, is followed by machines of the same size', () => {
    const machines = { kind: 'machines', instanceType: 'Standard_D2s_v3', count: 2, always: true };
    const text = site('s', { provider: 'azure', multiAz: true });
    expect(one(text, primary('rds', ARN)).database).toMatchObject(machines);
    expect(one(text, 'primary_site: { database: "flexible_server" }').database).toMatchObject(machines);
    expect(one(site('s', { provider: 'google' })).database).toMatchObject({ instanceType: 'n2-custom-2-8192' });
    expect(one(site('s')).database).toMatchObject({ instanceType: 'r5.large' });
  });

  test('a machine of ours follows no managed primary, and that is said', () => {
    const told = (...parts: Parameters<typeof compileSites>) => findings(compileSites(...parts), 'DR3095');
    const here = ['DR3095 disaster_recovery.dr_sites.s.synchronization.method'];
    expect(told(site('s', { provider: 'azure' }), primary('rds', ARN))).toEqual(here);
    expect(told(site('s', { provider: 'azure' }), 'primary_site: { database: "flexible_server" }')).toEqual(here);
    expect(told(site('s', { provider: 'azure', method: 'backup_restore' }), primary('rds', ARN))).toEqual([]);
    expect(told(site('s'), primary('rds', ARN))).toEqual([]);
    expect(told(site('s', { provider: 'azure' }), 'primary_site: { database: "self_managed" }')).toEqual([]);
  });

  test('a managed replica takes no archive, and what became of the method is said', () => {
    const compiled = compileSites(site('s', { method: 'log_shipping' }), primary('rds', ARN));
    const [there] = planned(compiled).sites;
    expect([there?.database?.kind, there?.synchronization.archive]).toEqual(['replica', undefined]);
    expect(findings(compiled, 'DR3082')).toEqual(['DR3082 disaster_recovery.dr_sites.s.synchronization.method']);
  });

  test.each([
    ['mysql', 'streaming_replication', null],
    ['mariadb', 'log_shipping', null],
    ['sqlserver', 'streaming_replication', null],
    ['sqlserver', 'backup_restore', null],
    ['mysql', 'backup_restore', 'machines'],
    ['mariadb', 'backup_restore', 'machines'],
  ] as const)('%s by %s on AWS: %s', (engine, method, kind) => {
    const compiled = compileText(sitesSpec(site('s', { engine, method }), undefined, '', OTHERS));
    expect(planned(compiled).sites[0]?.database?.kind ?? null).toBe(kind);
    expect(findings(compiled, 'DR3081')).toEqual(
      kind === null ? ['DR3081 disaster_recovery.dr_sites.s.infrastructure.database.engine'] : [],
    );
  });

  test('what would follow nothing, and what has no backup, is not built: it is said once', () => {
    const none = spec({
      database: OTHERS,
      cloud: AWS_STORE,
      rest: `disaster_recovery { dr_sites: { ${[
        site('a'),
        site('b', { provider: 'azure', method: 'log_shipping' }),
        site('c', { provider: 'google', method: 'backup_restore' }),
        site('d', { provider: 'azure', method: 'backup_restore', engine: 'mariadb', databaseClass: 'Standard_D2s_v3' }),
      ].join('\n')} } }`,
    });
    const compiled = compileText(none);
    expect(planned(compiled).sites.map(({ database: made, synchronization: { archive } }) => [made, archive])).toEqual(
      Array(4).fill([null, undefined]),
    );
    const at = 'disaster_recovery.dr_sites';
    expect(
      findings(compiled)
        .filter((one) => /DR308[158]/.test(one))
        .sort(),
    ).toEqual([
      `DR3085 ${at}.a.synchronization`,
      `DR3085 ${at}.b.synchronization`,
      `DR3088 ${at}.c.synchronization.method`,
      `DR3088 ${at}.d.synchronization.method`,
    ]);
  });

  test('a site without a database has none, and nobody complains', () => {
    const compiled = compileSites(site('s', { engine: '' }));
    expect(planned(compiled).sites[0]?.database).toBeNull();
    expect(findings(compiled, 'DR3081')).toEqual([]);
  });
});

describe('synchronization', () => {
  test('a primary that nobody named is said; one that is named is followed', () => {
    expect(findings(compileSites(site('s')), 'DR3085')).toEqual([
      'DR3085 disaster_recovery.dr_sites.s.synchronization',
    ]);
    const named = compileSites(
      site('s'),
      undefined,
      'database { orders: { primary: { host: "db.example.com" port: 6432 database: "shop" } } }',
    );
    expect(findings(named, 'DR3085')).toEqual([]);
    expect(planned(named).sites[0]?.synchronization.primary).toEqual({
      dataSet: 'orders',
      host: 'db.example.com',
      port: 6432,
      database: 'shop',
      secret: 'hypnoscript/orders/replication',
    });
  });

  test('of several servers of an engine a site follows the first, and says so', () => {
    const two = (text: string) =>
      findings(
        compileText(
          spec({
            database: `${database('orders', s3('acme-orders', 'orders/'))} ${text}`,
            rest: `disaster_recovery { dr_sites: { ${site('s')} } }`,
          }),
        ),
        'DR3089',
      );
    expect(two(database('users', s3('acme-users', 'users/')))).toEqual([
      'DR3089 disaster_recovery.dr_sites.s.infrastructure.database',
    ]);
    expect(two('')).toEqual([]);
  });

  test('whose database nobody backs up while they are active are told, whatever name is failed over', () => {
    const dns =
      'dns: { zone: "example.com" record: "db.example.com" provider: "AWS" } primary_site: { address: "on.example.com" }';
    const host = 'database { orders: { primary: { host: "db.example.com" } } }';
    const told = (sites: string, more?: string, rest = '') =>
      compileSites(sites, more, rest).diagnostics.flatMap(({ code, path, message, fix }) =>
        code === 'DR3098' ? [`${path}: ${message}; ${fix}`] : [],
      );
    const away = { provider: 'google' } as const;
    expect(told(`${site('s', away)} ${site('t', { method: 'backup_restore' })}`)).toEqual([
      expect.stringMatching(
        /^disaster_recovery\.dr_sites\.s\.infrastructure\.database: while "s", "t" are active nobody backs up .* tasks of "orders" .*; change the host in the secret hypnoscript\/orders as/,
      ),
    ]);
    // The name leads to the balancer of the application.
    for (const deployment of [undefined, dns])
      expect(told(site('s', away), deployment, host)).toEqual([
        expect.stringMatching(/while "s" is active .*; change database\.orders\.primary\.host as/),
      ]);
    expect(told(site('s', { engine: '' }))).toEqual([]);
  });

  test('data that no site has is told once, and data of an engine that some site has is not', () => {
    const told = (sites: string, more: string) =>
      compileText(
        spec({
          database: `${database('orders', s3('acme-orders', 'orders/'))} ${more}`,
          rest: sites === '' ? '' : `disaster_recovery { dr_sites: { ${sites} } }`,
        }),
      )
        .diagnostics.filter(({ code }) => code === 'DR3093')
        .map(({ path, message }) => `${path}: ${message}`);
    const mysql = (name: string) => database(name, s3(`acme-${name}`, `${name}/`)).replace('pg_dump', 'mysqldump');
    expect(told(`${site('a')} ${site('b')}`, `${mysql('shop')} ${mysql('crm')}`)).toEqual([
      'disaster_recovery.dr_sites: no site has "crm" (mysql) and "shop" (mysql): whoever activates one restores them by hand, and no estimated_time counts that',
    ]);
    expect(told(site('a'), '')).toEqual([]);
    expect(told('', mysql('shop'))).toEqual([]);
  });

  test.each([
    ['daily', { kind: 'calendar', days: { kind: 'all' } }],
    ['weekly', { kind: 'calendar', days: { kind: 'weekdays' } }],
    ['6h', { kind: 'interval', everySeconds: 21_600 }],
  ])('restores %s, well after the window', (frequency, expected) => {
    const { synchronization } = one(
      site('s', { method: 'backup_restore', synchronization: `frequency: "${frequency}"` }),
    );
    expect(synchronization.restores?.schedule).toMatchObject(expected);
  });

  test('backups that lie in another cloud only are no backups of the site', () => {
    const compiled = compileSites(site('s', { engine: 'mariadb', method: 'backup_restore' }));
    expect(findings(compiled, 'DR3088')).toEqual(['DR3088 disaster_recovery.dr_sites.s.synchronization.method']);
    expect(findings(compileSites(site('s', { method: 'backup_restore' })), 'DR3088')).toEqual([]);
  });
});

describe('activation', () => {
  const AUTOMATED = 'automated: true trigger_conditions: ["primary_site_unreachable"] estimated_time: "30m"';

  test('by itself only with something to look at', () => {
    const path = 'DR3086 disaster_recovery.dr_sites.s.activation.automated';
    const follows = { activation: AUTOMATED, synchronization: 'lag_threshold: "30s"' };
    expect(findings(compileSites(site('s', follows)), 'DR3086')).toEqual([path]);
    const URLS = 'primary_site: { health_urls: ["https://app.example.com/health"] }';
    const synchronization = 'lag_threshold: "30s"';
    const seen = compileSites(site('s', { activation: AUTOMATED, synchronization }), URLS);
    expect(findings(seen, 'DR3086')).toEqual([]);
    // One sign is not enough.
    expect(findings(compileSites(site('s', { activation: AUTOMATED }), URLS), 'DR3086')).toEqual([path]);
    const restored = site('s', { activation: AUTOMATED, synchronization, method: 'backup_restore' });
    expect(findings(compileSites(restored, URLS), 'DR3086')).toEqual([path]);
    expect(planned(seen).sites[0]?.activation).toMatchObject({
      automated: true,
      estimatedSeconds: 1800,
      healthUrls: ['https://app.example.com/health'],
    });
  });

  test.each(CLOUDS)('two signs are enough on %s, and one is said to be missing', (provider) => {
    const seen = (synchronization: string) =>
      findings(
        compileSites(
          site('s', { provider, activation: AUTOMATED, synchronization }),
          'primary_site: { health_urls: ["https://app.example.com/health"] }',
        ),
        'DR3086',
      );
    expect(seen('lag_threshold: "30s"')).toEqual([]);
    expect(seen('')).toEqual(['DR3086 disaster_recovery.dr_sites.s.activation.automated']);
  });

  test('the record belongs to the site that activates itself, else to the warmest in the cloud of the zone', () => {
    const dns =
      'dns: { zone: "example.com" record: "app.example.com" provider: "AWS" } primary_site: { address: "on.example.com" }';
    const owner = (text: string, more = dns) =>
      sitesOf(text, more).flatMap(({ name, activation }) => (activation.dns ? [name] : []));
    const azure = site('azure', { provider: 'azure', activation: AUTOMATED });
    expect(owner(`${site('cold', { method: 'backup_restore' })} ${site('hot')} ${azure}`)).toEqual(['hot']);
    expect(owner(`${site('cold', { method: 'backup_restore', activation: AUTOMATED })} ${site('hot')}`)).toEqual([
      'cold',
    ]);
    expect(owner(`${site('hot')} ${azure}`, dns.replace('provider: "AWS"', ''))).toEqual(['azure']);
    expect(findings(compileSites(azure, dns), 'DR3090')).toEqual(['DR3090 deployment.dns']);
  });
});

test.each([
  ['aws', ['deployment.aws.account', 'deployment.aws.permissions_boundary']],
  ['azure', ['deployment.azure.subscription']],
  ['google', ['deployment.google.project']],
] as const)('a site on %s comes from whose it is, also where nothing else is in that cloud', (provider, paths) => {
  expect(one(site('there', { provider })).from).toEqual(expect.arrayContaining([...paths]));
});

test('each finding about a site says what was found, where, and what to do', () => {
  const compiled = compileSites(
    [
      site('a', {
        activation: 'automated: true trigger_conditions: ["primary_site_unreachable"] estimated_time: "1h"',
      }),
      site('b', { engine: 'sqlserver' }),
      site('c', { provider: 'google', storage: 'type: "DISK" size: "10GB" iops: 500' }),
      site('d', { engine: 'mariadb', method: 'backup_restore' }),
    ].join('\n'),
    'dns: { zone: "example.com" record: "app.example.com" }',
  );
  const about = compiled.diagnostics.filter(({ code }) => code >= 'DR3080' && code !== 'DR3083');
  expect(new Set(about.map(({ code }) => code)).size).toBeGreaterThanOrEqual(7);
  for (const { message, fix, span } of about) {
    expect(message).not.toMatch(/^[A-Z](?!zure|WS)|\.$/);
    expect(fix).not.toBe('');
    expect(span).toBeDefined();
  }
});
