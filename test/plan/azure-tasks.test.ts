import { automationZones } from '../../lib/clouds/automation-zones';
import { AzureSharedTasks, AzureTaskShard } from '../../lib/contract';
import { isTimeZone } from '../../lib/units';
import { plan, planFrom } from '../azure/contoso';
import { compileText, database, need, planOf, spec } from './support';

const azure = (account: string, container: string, path: string, location = 'westeurope') =>
  `azure: { storage_account: "${account}" container: "${container}" location: "${location}" path: "${path}" }`;
const many = (names: readonly string[], deployment = '') => planOf(manySets(names, deployment));
function manySets(names: readonly string[], deployment = '', extra = ''): string {
  return spec({
    window: 'start: "00:00" end: "23:00" timezone: "UTC"',
    types: 'full: { frequency: "daily" retention: 30 }',
    database: names
      .map((name) => database(JSON.stringify(name), azure('acmebackups', 'data', `${name}/`), extra))
      .join(''),
    deployment,
  });
}
const shardsOf = ({ azureTasks }: ReturnType<typeof planOf>) =>
  Object.fromEntries(azureTasks.shards.map(({ shard, tasks }) => [shard, tasks.map(({ task }) => task)]));

test('is of the contract', () => {
  for (const one of plan.azureTasks.shared) expect(AzureSharedTasks.parse(one)).toEqual(one);
  for (const one of plan.azureTasks.shards) expect(AzureTaskShard.parse(one)).toEqual(one);
});

test('a task is in the location of its first store, with what it shares there', () => {
  const two = planOf(
    spec({
      database:
        database('orders', azure('acmeorders', 'orders', 'orders/')) +
        database('users', azure('acmeusers', 'users', 'users/', 'northeurope')),
    }),
  ).azureTasks;
  expect(two.shared.map(({ location }) => location)).toEqual(['northeurope', 'westeurope']);
  expect(two.shards.map(({ location, tasks }) => [location, tasks.map(({ task }) => task)])).toEqual([
    ['northeurope', ['users']],
    ['westeurope', ['orders']],
  ]);
  expect(two.shards.map(({ config }) => config.account)).toEqual(['acmeusers', 'acmeorders']);
});

test('a shard is a hash of the name: another task moves none', () => {
  const names = Array.from({ length: 40 }, (_, index) => `set${index}`);
  const before = shardsOf(many(names, 'task_shards: 4'));
  const after = shardsOf(many([...names, 'one-more'], 'task_shards: 4'));
  expect(Object.values(before).flat()).toHaveLength(40);
  expect(Object.keys(before)).toHaveLength(4);
  for (const [shard, tasks] of Object.entries(before)) {
    expect(need(after[Number(shard)], shard).filter((one) => one !== 'one-more')).toEqual(tasks);
  }
});

test('names fit their services, and no two tasks have the same', () => {
  const odd = ['shop.v2', 'shop-v2', 'shop_v2', 'a', `x${'y'.repeat(60)}`, `x${'y'.repeat(60)}z`];
  const tasks = many(odd).azureTasks.shards.flatMap((one) => one.tasks);
  const jobs = tasks.flatMap((task) => Object.values(task.jobs));
  const flows = tasks.flatMap((task) => task.flows.map(({ name }) => name));
  expect(jobs.filter((name) => !/^[a-z](?!.*--)[a-z0-9-]{0,30}[a-z0-9]$/.test(name))).toEqual([]);
  expect(flows.filter((name) => !/^[A-Za-z0-9-]{1,43}$/.test(name))).toEqual([]);
  expect(new Set(jobs).size).toBe(odd.length * 3);
  expect(new Set(flows).size).toBe(flows.length);
});

test('a task in a container keeps no folder, and one on a host does', () => {
  const local = 'local: { path: "/srv/backup" }';
  const tasks = planOf(spec({ database: database('orders', `${local} ${azure('acmeorders', 'orders', 'orders/')}`) }));
  expect(tasks.tasks[0]?.local).toBeNull();
  expect(tasks.holdings[0]?.holdings.map(({ medium }) => medium)).toEqual(['azure']);
  expect(plan.tasks.find(({ name }) => name === 'erp')?.local?.path).toBe('D:\\Backups\\erp');
});

test('SQL Server on its host is started by Automation, and verified and pruned by Logic Apps', () => {
  const erp = need(
    plan.azureTasks.shards.flatMap((one) => one.tasks).find(({ task }) => task === 'erp'),
    'erp',
  );
  expect(erp.machine?.starts.map(({ command, type = '' }) => `${command} ${type}`.trim())).toEqual([
    'backup full',
    'backup differential',
    'backup log',
    'verify',
    'prune',
  ]);
  expect(erp.flows.map(({ does }) => does)).toEqual(['follow', 'follow', 'follow', 'prune', 'verify']);
  expect(erp.machine?.variable).toBe('machines_erp');
  // The folder is pruned only after it was looked at, and both after the window.
  const [verify, prune] = (erp.machine?.starts ?? [])
    .slice(-2)
    .map(({ schedule }) => (schedule.kind === 'calendar' ? schedule.at : ''));
  expect(['03:00' <= (verify ?? ''), (verify ?? '') < (prune ?? '')]).toEqual([true, true]);
});

test('a host with Linux starts itself and is looked after here; other tasks of Windows are started by nobody', () => {
  const hosted = (local: string) =>
    planOf(
      spec({
        database: database('orders', `${local} ${azure('acmeorders', 'orders', 'orders/')}`),
        deployment: 'tasks: { orders: { host: "hosts:role=db" } }',
      }),
    ).azureTasks;
  const [task] = hosted('').shards[0]?.tasks ?? [];
  expect(task).toMatchObject({
    hosts: 'hosts_orders',
    machine: null,
    flows: [{ does: 'watch' }, { does: 'prune' }, { does: 'verify' }],
  });
  expect(hosted('local: { path: "D:\\\\Backups" }')).toEqual({ shared: [], shards: [] });
});

test('a secret has the name that Key Vault can hold', () => {
  const secrets = planFrom().azureTasks.shards.flatMap((one) => one.tasks.map(({ secret }) => secret));
  expect(secrets).toEqual(['contoso-erp', 'contoso-ledger', 'contoso-shop']);
});

test('without tasks on Azure there is no stack of them', () => {
  const none = planOf(
    spec({ database: database('orders', 's3: { bucket: "acme-own" region: "eu-west-1" path: "o/" }') }),
  );
  expect(none.azureTasks).toEqual({ shared: [], shards: [] });
});

test('who restores for a test has rights of its own, and they count', () => {
  const assignments = (count: number, extra = '') => {
    const names = Array.from({ length: count }, (_, index) => `set${index}`);
    return compileText(manySets(names, '', extra)).diagnostics.flatMap(({ code, message }) =>
      code === 'DR3068' ? (/need (\d+) assignments/.exec(message)?.slice(1) ?? []) : [],
    );
  };
  // Ten each: four identities at store and manifest, the secret, the key of records.
  expect(assignments(400, 'validation: { test_restore: true }')).toEqual(['4003']);
  expect([assignments(399, 'validation: { test_restore: true }'), assignments(400)]).toEqual([[], []]);
});

test('who thaws before a test restore has rights of its own, and they count', () => {
  const names = Array.from({ length: 400 }, (_, index) => `set${index}`);
  const text = manySets(names, '', 'validation: { test_restore: true }');
  const cold = text.replace('path: "set0/"', '$&  lifecycle: { tier_to_archive: 1 }');
  const needed = (one: string) =>
    compileText(one).diagnostics.flatMap(({ code, message }) =>
      code === 'DR3068' ? (/need (\d+) assignments/.exec(message)?.slice(1) ?? []) : [],
    );
  expect([needed(text), needed(cold)]).toEqual([['4003'], ['4005']]);
});

describe('the zone of a host that Automation starts', () => {
  const onHost = (zone: string, type = 'sqlcmd') =>
    spec({
      window: `start: "21:00" end: "23:30" timezone: "${zone}"`,
      types: 'full: { frequency: "weekly" day: "sunday" retention: 30 }',
      database: `erp: { type: "${type}" storage: { ${azure('acmeerp', 'erp', 'erp/')} } }`,
      deployment: type === 'sqlcmd' ? 'tasks: { erp: { host: "hosts:erp-01" } }' : '',
    });
  const found = (zone: string, type?: string) =>
    compileText(onHost(zone, type)).diagnostics.filter(({ code }) => code === 'DR3065');

  test.each([
    ['Europe/Kyiv', 'choose a zone with the same clock: Europe/Helsinki, Europe/Kiev, Europe/Mariehamn'],
    ['Australia/Melbourne', 'choose a zone with the same clock: Australia/Sydney, Antarctica/Macquarie'],
    ['Australia/Hobart', 'choose a zone with the same clock: Australia/Sydney, Antarctica/Macquarie'],
    ['America/Detroit', 'choose a zone with the same clock: America/Nassau, America/New_York, America/Toronto'],
    ['Etc/GMT+12', 'choose a zone that it takes'],
  ])('%s is refused before Terraform does, at its line: %s', (zone, fix) => {
    const [one, ...more] = found(zone);
    const text = onHost(zone);
    expect(text.slice(one?.span?.start, one?.span?.end)).toContain(`"${zone}"`);
    expect(more).toEqual([]);
    expect(one).toMatchObject({
      severity: 'error',
      path: 'backup.general.backup_window.timezone',
      message: `"${zone}" is none of the zones that schedules of Azure Automation take, which start "erp" on its host`,
      fix,
    });
  });

  test.each(['UTC', 'Etc/UTC', 'Europe/Berlin', 'America/New_York'])('%s is not', (zone) => {
    expect(found(zone)).toEqual([]);
  });

  test('in containers Logic Apps take it by its name in Windows', () => {
    expect(found('Europe/Kyiv', 'pg_dump')).toEqual([]);
  });

  test('what neither has is told once', () => {
    expect(found('Antarctica/Troll')).toHaveLength(1);
  });

  test('zones that it takes are those of the IANA database', () => {
    expect(automationZones().filter((zone) => !isTimeZone(zone))).toEqual([]);
    expect(automationZones().length).toBeGreaterThan(300);
  });
});
