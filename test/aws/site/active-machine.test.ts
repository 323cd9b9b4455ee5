import { renderActivation } from '../../../lib/aws/site/activation-machine';
import { renderActiveReport } from '../../../lib/aws/site/active-machine';
import { renderDeactivation } from '../../../lib/aws/site/deactivation-machine';
import { NAMES } from './workflow-fixture';
import { run, surroundings } from './workflow-model';
import type { Surroundings } from './workflow-model';

const report = renderActiveReport(NAMES);
const activation = renderActivation({
  ...NAMES,
  ...{ abortSeconds: 0, leaseSeconds: 60, promoted: { kind: 'replica', identifier: 'hot-db' } },
  serving: { group: 'hot-machines', targets: 'arn:targets', least: 2 },
});
const deactivation = renderDeactivation({ ...NAMES, group: 'hot-machines', asleep: 0 });

/** What is said of a site as it is. */
async function said(around: Surroundings): Promise<number | undefined> {
  expect(await run(report, around, {})).toEqual({ status: 'succeeded', why: '' });
  return around.numbers['Active']?.pop();
}

test('a site that nobody knows anything of yet is not active', async () => {
  expect(await said(surroundings())).toBe(0);
});

test.each(['sleeping', 'announced', 'activating', 'leaving', 'failed', 'aborted'])(
  'one that is %s is not active',
  async (status) => {
    expect(await said(surroundings({ item: { status: { S: status } } }))).toBe(0);
  },
);

test('it is active from its promotion, whatever the primary answers, and no more once it was left', async () => {
  const around = surroundings({ item: { status: { S: 'sleeping' }, term: { N: '1' }, lease: { S: 'granted' } } });
  const during: (number | undefined)[] = [];
  around.meanwhile = async () => {
    during.push(await said(around));
  };
  around.healthy = () => (during.includes(1) ? 2 : 0);
  await run(activation, around, { confirm: 'hot_site' });
  // Before it is promoted, and while its machines start.
  expect([...new Set(during)]).toEqual([0, 1]);
  expect(await said(around)).toBe(1);
  expect(await said(around)).toBe(1);
  await run(deactivation, around, { confirm: 'hot_site', lease: 'grant' }, 'execution-2');
  expect(await said(around)).toBe(0);
});

test.each(['failed', 'announced', 'activating', 'leaving'])('one that was promoted and is %s is', async (status) => {
  const around = surroundings({ item: { status: { S: status }, promoted: { N: '1790000000' } } });
  expect(await said(around)).toBe(1);
  expect(await said(surroundings({ item: { status: { S: status }, promoted: { N: '0' } } }))).toBe(0);
});

test('where nothing can be read nothing is said: what was said last holds', async () => {
  const around = surroundings({ lost: ['Ask', 'Ask'] });
  expect((await run(report, around, {})).status).toBe('failed');
  expect(around.numbers).toEqual({});
});
