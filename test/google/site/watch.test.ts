import { resources } from '../../terraform/synth-stack';
import { granted, run, state } from './cloud';
import { cold, hot, replica, warm } from './fixture';
import type { CloudProps } from './cloud';

/** The watch of the template itself, run against a Google that answers as it is told. */
const START = 'start {"confirm":"hot","trigger":"primary_site_unreachable"}';
const look = (props: CloudProps = {}) => run(hot(), 'watch', {}, { objects: granted('hot'), ...props });

test('two signs start the activation, by the name of the site', () => {
  const ran = look();
  expect(ran.did).toEqual([START]);
  expect(ran.value).toMatch(/the activation was started/);
});

describe('one sign starts nothing', () => {
  const CASES: readonly (readonly [string, CloudProps, RegExp])[] = [
    ['a database that follows', { behind: 3 }, /3 s behind/],
    ['a database that is as far behind as it may be', { behind: 120 }, /120 s behind/],
    ['a database that says nothing', { behind: undefined }, /nobody says how far/],
    ['a primary that one place reaches', { places: [0, 0, 1, 0, 0, 0] }, /is reached/],
    ['a primary that comes and goes', { places: [0, 0, 0.2, 0, 0, 0] }, /is reached/],
    ['two places that reach nothing', { places: [0, 0] }, /only 2 places/],
  ];
  test.each(CASES)('%s', (_, props, why) => {
    const ran = look(props);
    expect(ran.did).toEqual([]);
    expect(ran.raised).toBeUndefined();
    expect(ran.value).toMatch(why);
  });
});

test('a watch that sees nothing fails, which is told to people', () => {
  expect(look({ places: [] }).raised).toMatch(/nobody looks/);
  expect(look({ monitoringRefuses: 403 }).raised).toEqual({ code: 403 });
});

test.each(['announced', 'activating', 'active', 'leaving', 'failed', 'aborted'])(
  'a site that is %s is left to people',
  (status) => {
    const ran = look({ objects: { ...granted('hot'), ...state(status) } });
    expect(ran.did).toEqual([]);
    expect(ran.value).toBe(`left alone: the site is ${status}`);
  },
);

test('an activation that looks for itself is not started twice', () => {
  expect(look({ activating: true }).did).toEqual([]);
});

test('an activation that a person stopped is not started again, until somebody leaves the site', () => {
  const stopped = run(
    hot(),
    'deactivate',
    { confirm: 'hot' },
    { objects: { ...granted('hot'), ...state('announced') } },
  );
  expect(look({ objects: stopped.objects }).did).toEqual([]);
  const left = run(hot(), 'deactivate', { confirm: 'hot' }, { objects: stopped.objects });
  expect(look({ objects: left.objects }).did).toEqual([START]);
});

describe('what looks', () => {
  test('six places on four continents, each minute, and a workflow as often', () => {
    const [test] = resources(hot().stack, 'google_monitoring_uptime_check_config');
    expect(test).toMatchObject({
      period: '60s',
      selected_regions: ['ASIA_PACIFIC', 'EUROPE', 'SOUTH_AMERICA', 'USA'],
      monitored_resource: { type: 'uptime_url', labels: { host: 'www.example.com' } },
      http_check: { path: '/health', port: 443, use_ssl: true, validate_ssl: true },
    });
    expect(resources(hot().stack, 'google_cloud_scheduler_job')).toMatchObject([{ schedule: '* * * * *' }]);
  });

  test('it may look and start, and no more', () => {
    const [role] = resources(hot().stack, 'google_project_iam_custom_role').filter(({ role_id: id }) =>
      String(id).endsWith('watch_signs'),
    );
    expect(role?.permissions).toEqual([
      'monitoring.timeSeries.list',
      'workflows.executions.create',
      'workflows.executions.list',
    ]);
  });

  test('somebody is told when it does not look', () => {
    const policies = JSON.stringify(resources(hot().stack, 'google_monitoring_alert_policy'));
    expect(policies).toContain('workflows_googleapis_com:finished_execution_count');
  });

  test.each([warm, cold, replica])('nothing where nobody asked for it, or one sign is all there is (%#)', (make) => {
    expect(resources(make().stack, 'google_monitoring_uptime_check_config')).toEqual([]);
  });
});
