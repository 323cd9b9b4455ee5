import { renderActivation } from '../../../lib/aws/site/activation-machine';
import { renderDeactivation } from '../../../lib/aws/site/deactivation-machine';
import { BY_HAND, LEAVE, MACHINE, STOPPED, lease } from './workflow-fixture';
import { run, surroundings } from './workflow-model';
import type { Surroundings } from './workflow-model';

/** Each goes through many states. */
jest.setTimeout(60_000);

const activation = renderActivation(MACHINE);
const deactivation = renderDeactivation({ ...LEAVE, machines: STOPPED });
const BY_WATCH = { confirm: 'hot_site', trigger: 'primary_site_unreachable' };

function record({ objects }: Surroundings): Readonly<Record<string, unknown>> {
  const [found] = Object.entries(objects).filter(([key]) => key.startsWith('records/'));
  return (found?.[1] ?? {}) as Readonly<Record<string, unknown>>;
}

describe('a person has a site take over', () => {
  test('the lease is taken, then the database is promoted, then machines are started, and all of it is on record', async () => {
    const around = surroundings({ desired: 2, item: { term: { N: '1' } } });
    const began = around.now;
    expect(await run(activation, around, BY_HAND)).toEqual({ status: 'succeeded', why: '' });
    expect(lease(around).slice(0, 2)).toEqual(['revoked', '2']);
    expect(around.desired).toBe(4);
    expect(around.item['status']).toEqual({ S: 'active' });
    const order = [
      'ssm:sendCommand',
      's3:putObject',
      'ssm:sendCommand',
      'autoscaling:setDesiredCapacity',
      'elasticloadbalancingv2:describeTargetHealth',
    ];
    expect(around.calls.filter((call) => order.includes(call)).slice(0, order.length)).toEqual(order);
    const kept = record(around);
    expect(kept).toMatchObject({
      outcome: 'succeeded',
      trigger: 'manual_activation',
      began,
      estimatedSeconds: 1800,
      said: 'promoted: it accepts writes since 0/5000000',
    });
    expect(Object.keys(kept['steps'] as object)).toEqual(['able', 'begun', 'fenced', 'promoted', 'scaled', 'ready']);
    expect(around.messages.at(-1)).toMatch(/^hot_site: it took over\./);
  });

  test('nothing is promoted until the lease is over, by the clock of a machine that is a moment late', async () => {
    const around = surroundings();
    let promotedAt = 0;
    around.command = (document) => {
      if (document === 'hot-promote') promotedAt ||= around.now;
      return { code: 0, said: 'promoted' };
    };
    await run(activation, around, BY_HAND);
    // What the script of a machine asks for: the lease and a margin.
    expect(promotedAt - Number(lease(around)[2])).toBeGreaterThanOrEqual(60 + 30);
  });

  test('more machines than it needs stay', async () => {
    const around = surroundings({ desired: 6 });
    await run(activation, around, BY_HAND);
    expect(around.desired).toBe(6);
    expect(around.calls).not.toContain('autoscaling:setDesiredCapacity');
  });

  test('without the name of the site nothing is touched, and somebody is told', async () => {
    const around = surroundings();
    expect(await run(activation, around, {})).toMatchObject({ status: 'failed' });
    expect(around.calls).toEqual(['sns:publish']);
    expect(around.messages).toEqual([expect.stringContaining('without writing its name')]);
  });

  test('while another one is under way, or after it, it is refused', async () => {
    for (const status of ['announced', 'activating', 'active', 'aborted', 'leaving']) {
      const around = surroundings({ item: { status: { S: status }, until: { N: '1790000001' } } });
      expect(await run(activation, around, BY_HAND)).toMatchObject({ status: 'failed' });
      expect(around.item['status']).toEqual({ S: status });
      expect(around.objects).toEqual({});
      expect(around.messages).toEqual([expect.stringContaining('it does not take over: it is active')]);
    }
  });

  test("one that was left behind is in nobody's way for ever", async () => {
    const around = surroundings({ item: { status: { S: 'activating' }, until: { N: '1789999999' } } });
    expect(await run(activation, around, BY_HAND)).toMatchObject({ status: 'succeeded' });
  });

  test('a promotion that fails is told with what the machine said, and machines are not started', async () => {
    const around = surroundings({
      command: (document) => ({ code: document === 'hot-promote' ? 75 : 0, said: 'PostgreSQL does not run' }),
    });
    expect(await run(activation, around, BY_HAND)).toMatchObject({ status: 'failed' });
    expect(around.item['status']).toEqual({ S: 'failed' });
    expect(around.desired).toBe(0);
    expect(record(around)).toMatchObject({ outcome: 'failed', failure: { Error: 'exit 75' } });
    expect(around.messages.at(-1)).toContain('PostgreSQL does not run');
    // Asked again, it goes on: the primary had no lease meanwhile, so that its term is the same.
    around.command = () => ({ code: 0, said: 'promoted' });
    expect(await run(activation, around, BY_HAND, 'execution-2')).toMatchObject({ status: 'succeeded' });
    expect(lease(around).slice(0, 2)).toEqual(['revoked', '1']);
  });

  test('nothing that cannot be promoted takes the lease from the primary', async () => {
    const replica = renderActivation({ ...MACHINE, promoted: { kind: 'replica', identifier: 'hot-db' } });
    const restored = renderActivation({ ...MACHINE, promoted: { kind: 'machine', document: 'hot-promote' } });
    for (const [machine, broken, why] of [
      [activation, { command: () => ({ code: 75, said: 'PostgreSQL does not run' }) }, 'PostgreSQL does not run'],
      [activation, { machine: 'none' }, 'no machine carries the tags'],
      [restored, { machine: 'none' }, 'no machine carries the tags'],
      [replica, { replica: { source: 'arn', status: 'storage-full' } }, 'the replica is storage-full'],
    ] as const) {
      const around = surroundings(broken);
      expect(await run(machine, around, BY_HAND)).toMatchObject({ status: 'failed' });
      expect(around.objects['lease/hot_site']).toBeUndefined();
      expect(around.item['term']).toBeUndefined();
      expect(around.item['status']).toEqual({ S: 'failed' });
      expect(around.messages.at(-1)).toContain(why);
    }
  });

  test('one that was stopped while that was asked stays stopped, whatever the answer', async () => {
    const around = surroundings();
    around.command = () => ({ code: 75, said: 'PostgreSQL does not run', looks: 1 });
    around.meanwhile = async () => {
      expect(await run(deactivation, around, BY_HAND, 'execution-2')).toMatchObject({ status: 'succeeded' });
    };
    expect(await run(activation, around, BY_HAND)).toMatchObject({ status: 'failed' });
    expect(around.item['status']).toEqual({ S: 'aborted' });
  });

  test.each(['Announce', 'Mine', 'State'])(
    'an answer that is lost at %s ends nothing, and counts no term twice',
    async (lost) => {
      const around = surroundings({ item: { term: { N: '1' }, lease: { S: 'granted' } }, lost: [lost] });
      expect(await run(activation, around, BY_HAND)).toEqual({ status: 'succeeded', why: '' });
      expect(around.lost).toEqual([]);
      expect(lease(around).slice(0, 2)).toEqual(['revoked', '2']);
      expect(around.item).toMatchObject({ status: { S: 'active' }, term: { N: '2' } });
    },
  );

  test('one that takes longer than was said is told while it waits, and is a failure though it comes to its end', async () => {
    const around = surroundings();
    const began = around.now;
    around.healthy = () => (around.now - began > 2400 ? 4 : 0);
    expect(await run(activation, around, BY_HAND)).toMatchObject({ status: 'failed' });
    expect(around.messages.filter((one) => one.includes('takes longer than 1800 s, it waits at Ready'))).toHaveLength(
      1,
    );
    expect(around.messages.at(-1)).toContain('later than the 1800 s');
    expect(around.item['status']).toEqual({ S: 'active' });
  });

  test('one that never ends is given up', async () => {
    const around = surroundings({ healthy: () => 0 });
    expect(await run(activation, around, BY_HAND)).toMatchObject({ status: 'failed' });
    expect(around.messages.at(-1)).toContain('Ready did not come to an end');
    expect(record(around)).toMatchObject({ outcome: 'failed', failure: { Error: 'GivenUp' } });
  });

  test('a machine that is off is started, and one that is not there is told', async () => {
    const off = surroundings({ machine: 'stopped' });
    expect(await run(activation, off, BY_HAND)).toMatchObject({ status: 'succeeded' });
    expect(off.machine).toBe('running');
    const none = surroundings({ machine: 'none' });
    expect(await run(activation, none, BY_HAND)).toMatchObject({ status: 'failed' });
    expect(none.messages.at(-1)).toContain('no machine carries the tags');
  });
});

describe('a watch has a site take over', () => {
  /** One whose primary has the lease. */
  const asleep = (more: Partial<Surroundings> = {}) =>
    surroundings({ item: { status: { S: 'sleeping' }, term: { N: '1' } }, ...more });

  test('never one whose primary has no lease: it may be in the making', async () => {
    const around = surroundings();
    expect(await run(activation, around, BY_WATCH)).toMatchObject({ status: 'failed' });
    expect(around.item['status']).toBeUndefined();
    expect(around.messages).toEqual([expect.stringContaining('never gave its primary a lease')]);
  });

  test('after a while in which nobody stopped it, where the database follows nothing any more', async () => {
    const around = asleep();
    const began = around.now;
    let fencedAt = 0;
    const put = around.meanwhile;
    around.meanwhile = (seconds) => {
      fencedAt ||= seconds === 300 ? around.now : 0;
      return put(seconds);
    };
    expect(await run(activation, around, BY_WATCH)).toMatchObject({ status: 'succeeded' });
    expect(fencedAt - began).toBe(300);
    expect(Number(lease(around)[2]) - began).toBeGreaterThanOrEqual(300);
    expect(record(around)).toMatchObject({ trigger: 'primary_site_unreachable' });
  });

  test('one signal is not enough: it is told and nothing is touched', async () => {
    const around = asleep({ lag: 'OK' });
    expect(await run(activation, around, BY_WATCH)).toMatchObject({ status: 'failed' });
    expect(around.objects).toEqual({});
    expect(around.messages).toEqual([expect.stringContaining('only one signal')]);
  });

  test('where nothing else could tell, a person has to', async () => {
    const { second: _, ...blind } = MACHINE;
    const around = asleep();
    expect(await run(renderActivation(blind), around, BY_WATCH)).toMatchObject({ status: 'failed' });
    expect(around.objects).toEqual({});
  });

  test('a database that follows nothing is a signal where the site was not reached of late', async () => {
    const trigger = { confirm: 'hot_site', trigger: 'database_unreachable' };
    for (const [heardSite, status] of [
      [1_790_000_000 - 60, 'succeeded'],
      // The alarm of the other one takes as long as the database may be behind, and a while.
      [1_790_000_000 - 1499, 'succeeded'],
      [1_790_000_000 - 1501, 'failed'],
      [undefined, 'failed'],
    ] as const) {
      const around = asleep();
      if (heardSite !== undefined) around.item['heardSite'] = { N: `${heardSite}` };
      expect(await run(activation, around, trigger)).toMatchObject({ status });
    }
  });

  test('a site that is reached again was no sign', async () => {
    const around = asleep({ lag: 'OK' });
    await run(activation, around, BY_WATCH);
    expect(around.item['heardSite']).toBeDefined();
    const told = around.messages.length;
    const reached = { confirm: 'hot_site', trigger: 'primary_site_reached' };
    expect(await run(activation, around, reached)).toMatchObject({ status: 'succeeded' });
    expect([around.item['heardSite'], around.messages.length]).toEqual([undefined, told]);
    const trigger = { confirm: 'hot_site', trigger: 'database_unreachable' };
    expect(await run(activation, around, trigger)).toMatchObject({ status: 'failed' });
  });

  test('whoever knows better stops it within that time', async () => {
    const around = asleep();
    around.meanwhile = async (seconds) => {
      if (seconds !== 300) return;
      expect(await run(deactivation, around, BY_HAND, 'execution-2')).toMatchObject({ status: 'succeeded' });
    };
    expect(await run(activation, around, BY_WATCH)).toMatchObject({ status: 'failed' });
    expect(around.objects).toEqual({});
    expect(around.item['status']).toEqual({ S: 'aborted' });
    expect(around.messages.at(-1)).toContain('it was stopped before it took over');
  });

  test('two that come at once: one takes over, the other is refused', async () => {
    const around = asleep();
    let second: Promise<unknown> | undefined;
    around.meanwhile = async (seconds) => {
      if (seconds === 300) second ??= run(activation, around, BY_WATCH, 'execution-2');
      if (seconds === 300) expect(await second).toMatchObject({ status: 'failed' });
    };
    expect(await run(activation, around, BY_WATCH)).toMatchObject({ status: 'succeeded' });
    expect(around.item['run']).toEqual({ S: 'execution-1' });
  });
});

describe('a replica of RDS', () => {
  const machine = renderActivation({ ...MACHINE, promoted: { kind: 'replica', identifier: 'hot-db' } });

  test('is promoted once, and waited for', async () => {
    const around = surroundings();
    expect(await run(machine, around, BY_HAND)).toMatchObject({ status: 'succeeded' });
    expect(around.calls.filter((call) => call === 'rds:promoteReadReplica')).toHaveLength(1);
  });

  test('is one by whichever spelling the service has', async () => {
    for (const field of ['ReadReplicaSourceDBInstanceIdentifier', 'ReadReplicaSourceDbInstanceIdentifier'] as const) {
      const around = surroundings({ sourceField: field });
      expect(await run(machine, around, BY_HAND)).toMatchObject({ status: 'succeeded' });
      expect(around.calls).toContain('rds:promoteReadReplica');
    }
  });

  test('that was promoted before is not asked again', async () => {
    const around = surroundings({ replica: { source: undefined, status: 'available' } });
    expect(await run(machine, around, BY_HAND)).toMatchObject({ status: 'succeeded' });
    expect(around.calls).not.toContain('rds:promoteReadReplica');
  });
});

describe('a site sleeps again', () => {
  const active = () =>
    surroundings({ desired: 4, item: { status: { S: 'active' }, until: { N: '1' }, term: { N: '2' } } });

  test('its database stops, machines go, and the primary waits for a lease that somebody asks for', async () => {
    const around = active();
    expect(await run(deactivation, around, BY_HAND)).toEqual({ status: 'succeeded', why: '' });
    expect(around.desired).toBe(2);
    expect(around.item['status']).toEqual({ S: 'sleeping' });
    expect(around.objects['lease/hot_site']).toBeUndefined();
  });

  test('the lease is given with the next term, once the database has stopped', async () => {
    const around = active();
    expect(await run(deactivation, around, { ...BY_HAND, lease: 'grant' })).toMatchObject({ status: 'succeeded' });
    expect(lease(around).slice(0, 2)).toEqual(['granted', '3']);
    expect(around.calls.indexOf('ssm:sendCommand')).toBeLessThan(around.calls.indexOf('s3:putObject'));
  });

  test('no lease is given where the database does not stop', async () => {
    const around = { ...active(), command: () => ({ code: 1, said: 'it does not stop' }) };
    expect(await run(deactivation, around, { ...BY_HAND, lease: 'grant' })).toMatchObject({ status: 'failed' });
    expect(around.objects['lease/hot_site']).toBeUndefined();
  });

  test('each of its machines has stopped before the lease is given', async () => {
    const around = active();
    around.command = (document, machine) => ({ code: machine === 'i-2' ? 1 : 0, said: `${document} on ${machine}` });
    expect(await run(deactivation, around, { ...BY_HAND, lease: 'grant' })).toMatchObject({ status: 'failed' });
    expect(around.messages.at(-1)).toContain('hot-stop on i-2');
    expect(around.objects['lease/hot_site']).toBeUndefined();
    expect(around.item['lease']).toBeUndefined();
  });

  test('a machine that is off has nothing to stop', async () => {
    const around = { ...active(), machine: 'stopped' as const };
    expect(await run(deactivation, around, { ...BY_HAND, lease: 'grant' })).toMatchObject({ status: 'succeeded' });
    expect(around.calls).not.toContain('ssm:sendCommand');
  });

  test('a machine that boots will have a database: it is waited for', async () => {
    const around = { ...active(), machine: 'pending' as const };
    expect(await run(deactivation, around, { ...BY_HAND, lease: 'grant' })).toMatchObject({ status: 'succeeded' });
    expect(around.calls.filter((call) => call === 'ssm:sendCommand')).toHaveLength(2);
  });

  test.each(['Leave', 'Grant', 'State'])(
    'an answer that is lost at %s ends nothing, and counts no term twice',
    async (lost) => {
      const around = active();
      around.lost.push(lost);
      expect(await run(deactivation, around, { ...BY_HAND, lease: 'grant' })).toEqual({ status: 'succeeded', why: '' });
      expect(around.lost).toEqual([]);
      expect(lease(around).slice(0, 2)).toEqual(['granted', '3']);
      expect(around.item).toMatchObject({ status: { S: 'sleeping' }, term: { N: '3' } });
    },
  );

  test('an answer that is lost while it stops an activation does not make it leave', async () => {
    const around = surroundings({ item: { status: { S: 'announced' }, until: { N: '1790000001' } }, lost: ['Abort'] });
    expect(await run(deactivation, around, BY_HAND)).toMatchObject({ status: 'succeeded' });
    expect(around.item['status']).toEqual({ S: 'aborted' });
  });

  test('a lease that is there is given again as it is, and one by one terms are', async () => {
    const around = active();
    await run(deactivation, around, { ...BY_HAND, lease: 'grant' });
    await run(deactivation, around, { ...BY_HAND, lease: 'grant' }, 'execution-2');
    expect(lease(around).slice(0, 2)).toEqual(['granted', '3']);
    await run(activation, around, BY_HAND, 'execution-3');
    expect(lease(around).slice(0, 2)).toEqual(['revoked', '4']);
  });

  test('not while it takes over, and not without its name', async () => {
    const around = surroundings({ item: { status: { S: 'activating' }, until: { N: '1790000001' } }, desired: 4 });
    expect(await run(deactivation, around, BY_HAND)).toMatchObject({ status: 'failed' });
    expect(await run(deactivation, around, { confirm: 'hot-site' })).toMatchObject({ status: 'failed' });
    expect(around.desired).toBe(4);
  });

  test('the first lease is given where nothing is active, and never beside a site that was written to', async () => {
    const fresh = surroundings();
    expect(await run(deactivation, fresh, { ...BY_HAND, lease: 'first' })).toMatchObject({ status: 'succeeded' });
    expect(lease(fresh).slice(0, 2)).toEqual(['granted', '1']);
    for (const status of ['active', 'sleeping']) {
      const around = active();
      around.item['status'] = { S: status };
      expect(await run(deactivation, around, { ...BY_HAND, lease: 'first' })).toMatchObject({ status: 'failed' });
      expect(around.objects).toEqual({});
      expect(around.messages.at(-1)).toContain('was given a lease before');
    }
    const lost = surroundings({ lost: ['First'] });
    expect(await run(deactivation, lost, { ...BY_HAND, lease: 'first' })).toMatchObject({ status: 'succeeded' });
    expect(lease(lost).slice(0, 2)).toEqual(['granted', '1']);
  });
});
