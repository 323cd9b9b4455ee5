import { onlyResource, resources, resourceTypes } from '../../terraform/synth-stack';
import { flowOf, runFlow } from '../flow';
import { Cloud } from './cloud';
import type { CloudProps } from './cloud';
import { hot, madeSite, warm } from './fixture';

const { stack } = hot();

/** A run of the watch, with what the log says: unreachable, silent, seen. */
function watch(signs: readonly number[] | undefined, props: CloudProps = {}) {
  const cloud = new Cloud(props);
  const asked: unknown[] = [];
  const result = runFlow(flowOf(stack.template, 'watch'), {
    started: '2026-12-01T10:00:00Z',
    ask: (request, now) => {
      if (request.uri.startsWith('https://api.loganalytics.azure.com/')) {
        return signs ? { ok: true, body: { tables: [{ rows: signs.length > 0 ? [signs] : [] }] } } : { ok: false };
      }
      if (request.uri.includes('/triggers/asked/run')) {
        asked.push(cloud.blobs.get('requests/activate.json')?.text);
        return { ok: true, status: 202 };
      }
      return cloud.ask(request, now);
    },
  });
  return { status: result.status, asked };
}

test('two signs that have nothing in common activate the site', () => {
  expect(watch([1, 1, 1])).toEqual({
    status: 'Succeeded',
    asked: [{ confirm: 'hot', trigger: 'primary_site_unreachable', at: '2026-12-01T10:00:00.000Z' }],
  });
});

test.each([
  ['the primary is reached, and its database is silent', [0, 1, 1]],
  ['the primary is not reached, and its database is heard', [1, 0, 1]],
  ['all is well', [0, 0, 1]],
])('%s: nothing happens', (_, signs) => {
  expect(watch(signs)).toEqual({ status: 'Succeeded', asked: [] });
});

test.each([
  ['no test was made', [0, 1, 0]],
  ['the log answers without a line', []],
  ['the log does not answer', undefined],
])('%s: it is told', (_, signs) => {
  expect(watch(signs)).toEqual({ status: 'Failed', asked: [] });
});

test.each(['announced', 'activating', 'active', 'failed', 'aborted'])(
  'a site that is %s is left to people',
  (status) => {
    expect(watch([1, 1, 1], { blobs: { 'records/state.json': { status } } })).toEqual({
      status: 'Succeeded',
      asked: [],
    });
  },
);

test('a state that nobody can read activates nothing', () => {
  expect(watch([1, 1, 1], { broken: /state/ })).toEqual({ status: 'Failed', asked: [] });
});

test('the primary is asked from five places, and its url is nothing that Terraform reads', () => {
  const test = onlyResource(stack, 'azurerm_application_insights_standard_web_test');
  expect(test).toMatchObject({ request: { url: 'https://www.example.com/health' }, frequency: 300 });
  expect(test.geo_locations).toHaveLength(5);
});

test('without health urls, without a database that follows, or by hand only, nobody watches', () => {
  const automated = 'automated: true trigger_conditions: ["primary_site_unreachable"] estimated_time: "30m"';
  const health = 'primary_site: { health_urls: ["https://www.example.com/health"] }';
  const none = [
    madeSite('blind', { activation: automated }),
    madeSite('deaf', { activation: automated, method: 'backup_restore', databaseClass: 'Standard_D2s_v5' }, health),
    warm(),
  ];
  for (const made of none) expect(resourceTypes(made.stack)).not.toContain('azurerm_application_insights');
});

test('whoever watches may ask the log and start the activation, and nothing else', () => {
  const role = resources(stack, 'azurerm_role_definition').find(({ name }) => String(name).endsWith('-watch'));
  expect(role?.permissions).toEqual([
    {
      actions: [
        'Microsoft.Logic/workflows/triggers/run/action',
        'Microsoft.OperationalInsights/workspaces/query/*/read',
        'Microsoft.OperationalInsights/workspaces/query/read',
        'Microsoft.OperationalInsights/workspaces/read',
      ],
    },
  ]);
});

test('no address that is a key is in the template', () => {
  expect(stack.text).not.toContain('callback_url');
  expect(resourceTypes(stack)).not.toContain('azurerm_logic_app_trigger_http_request');
});
