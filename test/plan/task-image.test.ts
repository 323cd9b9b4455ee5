import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { POSTGRESQL_IN_IMAGE } from '../../lib/contract/task-image';
import { OTHERS, site, sitesSpec } from './site/support';
import { compileText, errors, findings, planOf, s3, spec } from './support';

/** MySQL's own server and client in the image of tasks, in the three clouds. */
const URL = 'https://downloads.example.com/mysql-8.4.9-linux-glibc2.28-x86_64-minimal.tar.xz';
const SHA256 = 'ab'.repeat(32);
const BASE = `docker.io/library/debian@sha256:${'0'.repeat(64)}`;
const image = (mysql: string) => `image: { base: "${BASE}" mysql: { ${mysql} } }`;
const NAMED = image(`url: "${URL}" sha256: "${SHA256}"`);
const ASKED = 'validation: { test_restore: true }';
const STORES = {
  aws: s3('acme-own', 'orders/'),
  azure: 'azure: { storage_account: "acmeown" container: "orders" path: "orders/" }',
  google: 'gcs: { bucket: "acme-own" location: "europe-west3" path: "orders/" }',
};
const text = (storage: string, deployment?: string, type = 'type: "mysqldump"') =>
  spec({ database: `orders: { ${type} ${ASKED} storage: { ${storage} } }`, ...(deployment && { deployment }) });

describe.each(Object.entries(STORES))('on %s', (cloud, storage) => {
  const nodesIn = (asked: string) => {
    const { awsTasks, azureTasks, googleTasks } = planOf(asked);
    const starts = [
      ...[...awsTasks.shards, ...googleTasks.shards].flatMap(({ tasks }) => tasks.flatMap((one) => one.schedules)),
      ...azureTasks.shards.flatMap(({ tasks }) => tasks.flatMap((one) => one.flows)),
    ];
    const images = [...awsTasks.shards, ...azureTasks.shared, ...googleTasks.shared].map((one) => one.image);
    return { tested: starts.filter(({ id }) => id === `${cloud}.task.orders.test-restore`), images };
  };

  test('the image has it where the spec names it, and test restores of MySQL are scheduled', () => {
    const asked = text(storage, NAMED);
    const { tested, images } = nodesIn(asked);
    expect(images).toMatchObject([
      { from: ['deployment.image.base', 'deployment.image.mysql'], base: BASE, mysql: { url: URL, sha256: SHA256 } },
    ]);
    expect(tested).toMatchObject([{ from: expect.arrayContaining(['deployment.image.mysql']) as unknown }]);
    expect(findings(compileText(asked), 'DR3076')).toEqual([]);
    expect(findings(compileText(asked), 'DR3094')).toEqual([]);
  });

  test('without it there are none, and the findings name the key', () => {
    const asked = text(storage, `image: { base: "${BASE}" }`);
    const { tested, images } = nodesIn(asked);
    expect([tested, images.map(({ mysql }) => mysql)]).toEqual([[], [undefined]]);
    const said = compileText(asked).diagnostics.filter(({ code }) => ['DR3076', 'DR3094'].includes(code));
    expect(said.map(({ code, path, fix }) => [code, path, fix]).sort()).toEqual([
      ['DR3076', 'backup.database.orders.validation.test_restore', expect.stringContaining('deployment.image.mysql')],
      ['DR3094', 'backup.database.orders.type', expect.stringContaining('deployment.image.mysql')],
    ]);
  });

  test('other engines are tested as before', () => {
    const { tested } = nodesIn(text(storage, undefined, 'type: "pg_dump"'));
    expect(tested.map(({ from }) => from)).toEqual([['backup.database.orders.validation']]);
    expect(nodesIn(text(storage, NAMED, 'type: "pg_dump"')).tested).toEqual(tested);
  });
});

test('SQL Server has no server in any image', () => {
  expect(findings(compileText(text(STORES.aws, NAMED, 'type: "sqlcmd"')), 'DR3076')).toHaveLength(1);
});

test.each([
  ['without', undefined, /not there under that name/],
  ['with', NAMED, /MySQL's there and refuses it/],
])('a MariaDB that is dumped by mysqldump in a container is told, %s MySQL in the image', (_, deployment, why) => {
  const of = (type: string, more = '') =>
    compileText(text(STORES.aws, `${deployment ?? ''} ${more}`, type)).diagnostics.filter(
      ({ code }) => code === 'DR3094',
    );
  const mysqldump = 'type: "mysqldump" engine: "mariadb"';
  expect(of(mysqldump)).toMatchObject([
    {
      path: 'backup.database.orders.type',
      message: expect.stringMatching(why) as string,
      fix: 'say type: "mariadb-dump"',
    },
  ]);
  expect(of('type: "mariadb-dump"')).toEqual([]);
  expect(of(mysqldump, 'tasks: { orders: { host: "hosts:role=db" } }')).toEqual([]);
});

test.each([
  ['mysql', 'google', '', ['DR3094 disaster_recovery.dr_sites.cold.infrastructure.database.engine']],
  ['mysql', 'google', NAMED, []],
  // Machines of ours have the packages of their own system.
  ['mysql', 'aws', '', []],
  ['postgresql', 'google', '', []],
] as const)(
  'a restore of %s into a site on %s takes the client from the image: %s',
  (engine, provider, deployment, at) => {
    const found = compileText(
      sitesSpec(site('cold', { engine, provider, method: 'backup_restore' }), deployment, '', OTHERS),
    );
    expect(findings(found, 'DR3094').filter((one) => one.includes('dr_sites'))).toEqual(at);
  },
);

describe('PostgreSQL and packages of the image', () => {
  const extended = (more: string) => text(STORES.aws, `image: { base: "${BASE}" ${more} }`, 'type: "pg_dump"');

  test('are in the plan, with the lines that say so', () => {
    const { awsTasks } = planOf(extended('postgresql: 18 packages: ["postgresql-18-pgvector" "jq"]'));
    expect(awsTasks.shards.map(({ image: one }) => one)).toMatchObject([
      {
        from: ['deployment.image.base', 'deployment.image.postgresql', 'deployment.image.packages'],
        postgresql: 18,
        packages: ['postgresql-18-pgvector', 'jq'],
      },
    ]);
  });

  test.each([
    ['', 16, 17],
    ['', 18, 17],
    ['postgresql: 18', 17, 18],
  ])('of another version than the server is an error: %s', (version, theirs, ours) => {
    const of = (name: string) => compileText(extended(`${version} packages: ["jq" "${name}"]`)).diagnostics;
    expect(of(`postgresql-${theirs}-pgvector=0.8.0-1`).filter(({ code }) => code === 'DR3097')).toMatchObject([
      {
        path: 'deployment.image.packages[1]',
        message: expect.stringContaining(`is for PostgreSQL ${theirs}, and the image has PostgreSQL ${ours}`) as string,
        fix: `name "postgresql-${ours}-pgvector", or say postgresql: ${theirs}`,
      },
    ]);
    for (const fine of [`postgresql-${ours}-pgvector`, `postgresql-${ours}`, 'postgresql-common', 'postgis'])
      expect(of(fine).filter(({ code }) => code === 'DR3097')).toEqual([]);
  });

  test('are names and nothing that a shell would take for more', () => {
    for (const wrong of ['a; rm -rf /', '$(id)', '--allow-unauthenticated', 'A', 'a b', './a.deb', 'a=1 b'])
      expect([wrong, errors(compileText(extended(`packages: ["${wrong}"]`)))]).toEqual([
        wrong,
        [expect.stringContaining('deployment.image.packages')],
      ]);
    expect(errors(compileText(extended('postgresql: 9')))).toEqual([expect.stringContaining('image.postgresql')]);
  });

  test('that the spec leaves out are what the Dockerfile has', () => {
    const dockerfile = readFileSync(join(__dirname, '../../image/Dockerfile'), 'utf8');
    expect(/^ARG POSTGRESQL=(.*)$/m.exec(dockerfile)?.[1]).toBe(String(POSTGRESQL_IN_IMAGE));
    const reference = readFileSync(join(__dirname, '../../docs/spec.md'), 'utf8');
    expect(/^\| `postgresql` \| \[PostgreSQL version\]\(#types\) \| `(\d+)` /m.exec(reference)?.[1]).toBe(
      String(POSTGRESQL_IN_IMAGE),
    );
    expect(/^ARG PACKAGES=(.*)$/m.exec(dockerfile)?.[1]).toBe('');
  });
});

describe('what is no address with its checksum is an error', () => {
  const path = 'deployment.image.mysql';
  test.each([
    ['no checksum', `url: "${URL}"`, path],
    ['no address', `sha256: "${SHA256}"`, path],
    ['neither', '', path],
    ['a short checksum', `url: "${URL}" sha256: "${SHA256.slice(1)}"`, `${path}.sha256`],
    ['a checksum with a letter too many', `url: "${URL}" sha256: "g${SHA256.slice(1)}"`, `${path}.sha256`],
    [
      'a password in the address',
      `url: "https://me:secret@example.com/mysql.tar.xz" sha256: "${SHA256}"`,
      `${path}.url`,
    ],
    ['a quote in the address', `url: "https://example.com/it's.tar.xz" sha256: "${SHA256}"`, `${path}.url`],
    ['a file', `url: "file:///mysql.tar.xz" sha256: "${SHA256}"`, `${path}.url`],
  ])('%s', (_, mysql, at) => {
    const found = errors(compileText(text(STORES.aws, image(mysql))));
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((one) => one.split(' ')[1]?.startsWith(at))).toBe(true);
  });
});
