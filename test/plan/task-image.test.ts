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
