import { renderActivation } from '../../../lib/aws/site/activation-machine';
import { renderActiveReport } from '../../../lib/aws/site/active-machine';
import { renderDeactivation } from '../../../lib/aws/site/deactivation-machine';
import { BY_HAND, LEAVE, MACHINE, NAMES, STOPPED, lease } from './workflow-fixture';
import { run, surroundings } from './workflow-model';
import type { Surroundings } from './workflow-model';

/** Each goes through many states. */
jest.setTimeout(60_000);

const WITH_MACHINE = renderActivation(MACHINE);
const WITH_REPLICA = renderActivation({ ...MACHINE, promoted: { kind: 'replica', identifier: 'hot-db' } });
const WITHOUT = renderActivation({ ...MACHINE, promoted: { kind: 'none' } });
const deactivation = renderDeactivation({ ...LEAVE, machines: STOPPED });
const report = renderActiveReport(NAMES);

/** One whose primary has the lease. */
const asleep = (more: Partial<Surroundings> = {}) =>
  surroundings({ item: { status: { S: 'sleeping' }, term: { N: '1' }, lease: { S: 'granted' } }, ...more });

/** One of which no machine answers after the promotion. */
async function promotedAndFailed(definition: object, more: Partial<Surroundings> = {}): Promise<Surroundings> {
  const around = asleep(more);
  const { healthy } = around;
  around.healthy = () => 0;
  expect(await run(definition, around, BY_HAND)).toMatchObject({ status: 'failed' });
  around.healthy = healthy;
  return around;
}

/** What is said of a site as it is: 1 takes the name away from the primary. */
async function said(around: Surroundings): Promise<number | undefined> {
  expect(await run(report, around, {})).toEqual({ status: 'succeeded', why: '' });
  return around.numbers['Active']?.pop();
}

/** What was promoted how often. */
function promotions({ calls }: Surroundings): number {
  return calls.filter((call) => call === 'rds:promoteReadReplica').length;
}

describe.each([
  ['a machine', WITH_MACHINE],
  ['a replica of RDS', WITH_REPLICA],
] as const)('what fails after %s was promoted', (_, activation) => {
  test('leaves the name at the site, and says since when and what to do', async () => {
    const around = await promotedAndFailed(activation);
    expect(around.item['status']).toEqual({ S: 'failed' });
    expect(Number(around.item['promoted']?.N)).toBeGreaterThan(1_790_000_000);
    expect(lease(around).slice(0, 2)).toEqual(['revoked', '2']);
    expect(await said(around)).toBe(1);
    expect(around.messages.at(-1)).toMatch(
      /its database took over, .*Ready did not come to an end.*goes on from there/,
    );
    const [record] = Object.entries(around.objects).filter(([key]) => key.startsWith('records/'));
    expect(record?.[1]).toMatchObject({ outcome: 'failed', promoted: Number(around.item['promoted']?.N) });
  });

  test('is tried again, and what was done is not: no question, no wait, no term, no second promotion', async () => {
    const around = await promotedAndFailed(activation);
    const since = around.item['promoted'];
    const [before, terms, began, promoted] = [around.calls.length, around.item['term'], around.now, promotions(around)];
    const during: (number | undefined)[] = [];
    around.meanwhile = async () => {
      during.push(await said(around));
    };
    const asked: string[] = [];
    around.command = (document) => {
      asked.push(document);
      return { code: 0, said: 'it is the primary already', looks: 2 };
    };
    expect(await run(activation, around, BY_HAND, 'execution-2')).toEqual({ status: 'succeeded', why: '' });
    expect(asked).not.toContain('hot-able');
    expect([around.item['term'], promotions(around)]).toEqual([terms, promoted]);
    expect(around.now - began).toBeLessThan(60);
    expect(around.calls.slice(before)).toContain('elasticloadbalancingv2:describeTargetHealth');
    expect(around.item).toMatchObject({ status: { S: 'active' }, promoted: since, lease: { S: 'revoked' } });
    expect(lease(around).slice(0, 2)).toEqual(['revoked', '2']);
    // Nor does the name go back meanwhile.
    expect(during).not.toContain(0);
    expect(await said(around)).toBe(1);
  });

  test('is left again: the name goes back, the next term is granted, and the next activation is one from the beginning', async () => {
    const around = await promotedAndFailed(activation);
    expect(await run(deactivation, around, { ...BY_HAND, lease: 'grant' }, 'execution-2')).toMatchObject({
      status: 'succeeded',
    });
    expect(around.item).toMatchObject({ status: { S: 'sleeping' }, promoted: { N: '0' }, term: { N: '3' } });
    expect(lease(around).slice(0, 2)).toEqual(['granted', '3']);
    expect(await said(around)).toBe(0);
    const began = around.now;
    expect(await run(activation, around, BY_HAND, 'execution-3')).toMatchObject({ status: 'succeeded' });
    expect(around.now - began).toBeGreaterThanOrEqual(100);
    expect(lease(around).slice(0, 2)).toEqual(['revoked', '4']);
  });
});

describe('a site that is promoted and failed', () => {
  test('is nothing that a watch activates, by whichever sign', async () => {
    for (const trigger of ['primary_site_unreachable', 'database_unreachable']) {
      const around = await promotedAndFailed(WITH_MACHINE);
      around.item['heardSite'] = { N: String(around.now) };
      const item = { ...around.item };
      const told = around.messages.length;
      expect(await run(WITH_MACHINE, around, { ...BY_HAND, trigger }, 'execution-2')).toMatchObject({
        status: 'failed',
      });
      expect(around.item).toMatchObject({ status: item['status'], run: item['run'], promoted: item['promoted'] });
      expect(around.messages.slice(told)).toEqual([expect.stringContaining('it does not take over')]);
    }
  });

  test('is one too where its execution was ended from outside', async () => {
    const around = await promotedAndFailed(WITH_MACHINE);
    around.item['status'] = { S: 'activating' };
    expect(await said(around)).toBe(1);
    around.now += 7201;
    expect(await run(WITH_MACHINE, around, BY_HAND, 'execution-2')).toMatchObject({ status: 'succeeded' });
  });

  test('is not stopped as one that was only announced while it goes on: that would be neither left nor active', async () => {
    const around = await promotedAndFailed(WITH_MACHINE);
    Object.assign(around.item, { status: { S: 'announced' }, until: { N: String(around.now + 60) } });
    expect(await run(deactivation, around, BY_HAND, 'execution-2')).toMatchObject({ status: 'failed' });
    expect(around.item['status']).toEqual({ S: 'announced' });
    expect(around.messages.at(-1)).toContain('it is active, or on its way');
  });

  test('that fails once more stays promoted since the same second', async () => {
    const around = await promotedAndFailed(WITH_MACHINE);
    const since = around.item['promoted'];
    around.command = () => ({ code: 75, said: 'PostgreSQL does not run' });
    expect(await run(WITH_MACHINE, around, BY_HAND, 'execution-2')).toMatchObject({ status: 'failed' });
    expect(around.item).toMatchObject({ status: { S: 'failed' }, promoted: since });
    expect(await said(around)).toBe(1);
    expect(around.messages.at(-1)).toContain('PostgreSQL does not run');
  });

  test('that cannot be left keeps the name, and its primary has no lease', async () => {
    const around = await promotedAndFailed(WITH_MACHINE);
    around.command = (document) => ({ code: document === 'hot-stop' ? 1 : 0, said: 'it does not stop' });
    const asked = { ...BY_HAND, lease: 'grant' };
    expect(await run(deactivation, around, asked, 'execution-2')).toMatchObject({ status: 'failed' });
    expect([await said(around), lease(around).slice(0, 2)]).toEqual([1, ['revoked', '2']]);
    expect(around.messages.at(-1)).toMatch(/may still be written to.*ask again/);
  });
});

test('it is said before machines are waited for: an execution that dies then has said it', async () => {
  const around = asleep();
  const said: unknown[] = [];
  around.healthy = () => {
    said.push(around.item['promoted']);
    return 4;
  };
  await run(WITH_MACHINE, around, BY_HAND);
  expect(said[0]).toEqual({ N: expect.stringMatching(/^179\d{7}$/) });
});

test('a promotion of which the state could not say it at once is said at the end', async () => {
  const lost = ['SayPromoted', 'SayPromoted', 'SayPromoted'];
  const around = asleep({ lost });
  expect(await run(WITH_MACHINE, around, BY_HAND)).toMatchObject({ status: 'succeeded' });
  const failed = await promotedAndFailed(WITH_MACHINE, { lost: [...lost, ...lost] });
  expect(await said(failed)).toBe(1);
});

test('where a promotion failed nobody knows what it did: the message says so, and the name stays where it was', async () => {
  const around = asleep();
  around.command = (document) => ({ code: document === 'hot-promote' ? 75 : 0, said: 'an index was not made anew' });
  expect(await run(WITH_MACHINE, around, BY_HAND)).toMatchObject({ status: 'failed' });
  expect(await said(around)).toBe(0);
  expect(around.messages.at(-1)).toMatch(/an index was not made anew.*nobody knows whether .*ask again/);
});

test('a site without a database has promoted nothing: the name is its own once it is active', async () => {
  const around = await promotedAndFailed(WITHOUT);
  expect(await said(around)).toBe(0);
  expect(await run(WITHOUT, around, BY_HAND, 'execution-2')).toMatchObject({ status: 'succeeded' });
  expect(await said(around)).toBe(1);
});
