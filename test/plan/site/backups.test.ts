import { manifestOnSite } from '../../../lib/plan/site/backups';
import { findings, need, planned } from '../support';
import { compileKeptIn, compileSites, site } from './support';

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

test('so does one on Google, where the task keeps its backups there', () => {
  const backed = (provider: 'aws' | 'google', parts: object = {}) => {
    const compiled = compileKeptIn('google', site('s', { provider, ...parts }));
    const plan = planned(compiled);
    const schedules = plan.googleTasks.shards.flatMap(({ tasks }) => tasks.flatMap((task) => task.schedules));
    return {
      task: plan.sites[0]?.backups?.task,
      told: findings(compiled, 'DR3098').length,
      watched: schedules.filter(({ command }) => command === 'watch').map(({ schedule }) => schedule.kind),
      // Its own runs go on.
      started: schedules.filter(({ command }) => command === 'backup').length > 0,
    };
  };
  const itself = { task: 'orders', told: 0, watched: ['interval'], started: true };
  expect(backed('google')).toEqual(itself);
  expect(backed('google', { method: 'log_shipping' })).toEqual(itself);
  const nobody = { task: undefined, told: 1, watched: [], started: true };
  expect(backed('aws')).toEqual(nobody);
  expect(backed('google', { method: 'backup_restore' })).toEqual(nobody);
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
