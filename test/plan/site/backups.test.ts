import { manifestOnSite } from '../../../lib/plan/site/backups';
import { findings, need, planned } from '../support';
import { compileKeptIn, compileSites, site } from './support';

/** Classes of machines. */
const CLASS = { aws: 'db.r5.large', azure: 'Standard_D4s_v5', google: 'db-custom-2-8192' };

test('a site whose machine follows a PostgreSQL on AWS backs it up itself, at the hours of its task and in slots of its own', () => {
  const backed = (text: string) => {
    const compiled = compileSites(text);
    const plan = planned(compiled);
    return {
      plan,
      sites: plan.sites.map(({ name, backups }) => [name, backups?.task, backups?.afterSeconds]),
      told: findings(compiled, 'DR3098'),
      watched: plan.awsTasks.shards.flatMap(({ tasks }) =>
        tasks.flatMap(({ schedules }) => schedules.filter(({ command }) => command === 'watch')),
      ),
    };
  };
  const { plan, ...both } = backed(`${site('s')} ${site('t', { method: 'log_shipping' })}`);
  expect(both).toMatchObject({
    sites: [
      ['s', 'orders', 1],
      ['t', 'orders', 2],
    ],
    told: [],
    // Nobody in the cloud sees the end of such a run: what is there is verified each hour.
    watched: [{ name: 'orders-watch', schedule: { kind: 'interval', everySeconds: 3600 } }],
  });
  const runs = plan.tasks[0]?.runs.map(({ for: [type], schedule }) => ({ type, schedule }));
  expect(plan.sites[0]?.backups?.runs).toEqual(runs);
  // What sleeps, and what is in another cloud than the stores of the task.
  for (const parts of [{ method: 'backup_restore' }, { provider: 'azure' }, { provider: 'google' }] as const)
    expect(backed(site('s', parts))).toMatchObject({
      sites: [['s', undefined, undefined]],
      told: ['DR3098 disaster_recovery.dr_sites.s.infrastructure.database'],
      watched: [],
    });
});

test.each(['azure', 'google'] as const)('so does one on %s, where the task keeps its backups there', (cloud) => {
  const backed = (provider: 'aws' | 'azure' | 'google', parts: object = {}) => {
    const compiled = compileKeptIn(cloud, site('s', { provider, databaseClass: CLASS[provider], ...parts }));
    const plan = planned(compiled);
    const starts = [
      ...plan.googleTasks.shards.flatMap(({ tasks }) =>
        tasks.flatMap(({ schedules }) => schedules.map(({ command, schedule }) => [command, schedule.kind])),
      ),
      ...plan.azureTasks.shards.flatMap(({ tasks }) =>
        tasks.flatMap(({ flows }) => flows.map(({ does, schedule }) => [does, schedule.kind])),
      ),
    ];
    return {
      task: plan.sites[0]?.backups?.task,
      told: findings(compiled, 'DR3098').length,
      watched: starts.filter(([does]) => does === 'watch').map(([, kind]) => kind),
      // Its own runs go on.
      started: starts.some(([does]) => does === 'backup'),
    };
  };
  const itself = { task: 'orders', told: 0, watched: ['interval'], started: true };
  expect(backed(cloud)).toEqual(itself);
  expect(backed(cloud, { method: 'log_shipping' })).toEqual(itself);
  const nobody = { task: undefined, told: 1, watched: [], started: true };
  expect(backed('aws')).toEqual(nobody);
  expect(backed(cloud, { method: 'backup_restore' })).toEqual(nobody);
});

test('the machine of a site reaches its own server, by no secret and without what the host of the task has', () => {
  const [task] = planned(
    compileSites(
      site('s'),
      'tasks: { orders: { hooks: { before: "/usr/local/bin/quiet" } } }',
      'database { orders: { primary: { host: "db.example.com" port: 6432 database: "shop" } } }',
    ),
  ).tasks;
  const here = manifestOnSite(need(task, 'task'));
  expect(here).toMatchObject({
    source: { host: '/var/run/postgresql', port: 5432, user: 'postgres', environment: [] },
    local: null,
    hooks: {},
  });
  expect([here.stores, here.runs, here.validation]).toEqual([task?.stores, task?.runs, task?.validation]);
});
