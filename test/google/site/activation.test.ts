import { resources } from '../../terraform/synth-stack';
import { granted, run, state } from './cloud';
import { cold, coldMachines, hot, replica, warm } from './fixture';

/** The workflows of the templates themselves, run against a Google that answers as it is told. */
describe('a person who writes the name of the site', () => {
  test('has a standby promoted once the primary has lost its lease, machines looked at and the name switched', () => {
    const ran = run(hot(), 'activate', { confirm: 'hot' }, { objects: granted('hot'), targetSize: 4 });
    expect(ran.raised).toBeUndefined();
    expect(ran.did).toEqual([
      'state announced',
      'state activating',
      'able',
      'lease revoked 4',
      'promote',
      // That it is promoted.
      'state activating',
      `name ${hot().site.prefix}.example.com.`,
      'autoscaler ON',
      'state active',
    ]);
    // The lease of a minute, and what two clocks may differ.
    expect(ran.seconds).toBeGreaterThanOrEqual(100);
    expect(ran.record).toMatchObject({
      trigger: 'manual_activation',
      outcome: 'success',
      estimatedSeconds: 1800,
      term: 4,
      database: 'run-1 0 what it said',
    });
    const steps = (ran.record?.steps as string[]).map((step) => step.split(' '));
    expect(steps.map(([step]) => step)).toEqual(['begun', 'able', 'fenced', 'promoted', 'named', 'ready']);
    expect(ran.logs).toMatchObject([{ event: 'site_activation', outcome: 'success', severity: 'NOTICE' }]);
  });

  test('has a managed database started and machines made where nothing ran', () => {
    const ran = run(cold(), 'activate', { confirm: 'cold' }, { objects: granted('cold') });
    expect(ran.did).toEqual([
      'state announced',
      'state activating',
      'lease revoked 4',
      'database ALWAYS',
      'state activating',
      `size ${cold().site.compute.active.least}`,
      'state active',
    ]);
  });

  test.each([{ workflow: 400 }, { job: 400 }, { workflow: 200, job: 400 }])(
    'has a managed database only when no restore would replace it: %j',
    (restoring) => {
      const ran = run(cold(), 'activate', { confirm: 'cold' }, { objects: granted('cold'), restoring });
      const [, promoted] = (ran.record?.steps as string[]).filter((step) => !step.startsWith('begun'));
      expect(Number(promoted?.replace('promoted ', ''))).toBeGreaterThanOrEqual(400);
      expect(ran.did).toContain('database ALWAYS');
    },
  );

  test('and none that a restore still replaces when the time is over', () => {
    const props = { objects: granted('cold'), restoring: { job: 1e9 } };
    const ran = run(cold(), 'activate', { confirm: 'cold' }, props);
    expect(ran.raised).toMatch(/a restore is under way/);
    expect(ran.did).not.toContain('database ALWAYS');
  });

  test('has a machine started that restored', () => {
    const props = { objects: granted('cold'), machineStatus: 'TERMINATED' };
    const ran = run(coldMachines(), 'activate', { confirm: 'cold' }, props);
    expect(ran.did.slice(3, 5)).toEqual(['machine on', 'activate']);
  });

  test('has a replica promoted', () => {
    const ran = run(replica(), 'activate', { confirm: 'replica' }, { objects: granted('replica'), targetSize: 2 });
    expect(ran.did).toContain('promote');
    expect(ran.did.at(-1)).toBe('state active');
  });

  test('has a replica given backups that an earlier run promoted and died', () => {
    const props = { objects: granted('replica'), targetSize: 2, promoted: true };
    const ran = run(replica(), 'activate', { confirm: 'replica' }, props);
    expect(ran.did).not.toContain('promote');
    expect(ran.did).toContain('backups');
  });

  test.each([403, 409])('has a promoted replica serve that takes no backups (%d), and is told', (backupsRefused) => {
    const props = { objects: granted('replica'), targetSize: 2, backupsRefused };
    const ran = run(replica(), 'activate', { confirm: 'replica' }, props);
    expect(ran.raised).toBeUndefined();
    expect(ran.record).toMatchObject({ outcome: 'success', database: 'promoted' });
    expect(ran.logs).toMatchObject([
      { outcome: 'unsettled', severity: 'ERROR', message: expect.stringMatching(/switch both on/) },
      { outcome: 'success' },
    ]);
  });

  test.each([
    [cold, 'cold', 'database ALWAYS'],
    [replica, 'replica', 'promote'],
  ] as const)('has a managed database changed once what is under way there is over (%#)', (make, confirm, did) => {
    const ran = run(make(), 'activate', { confirm }, { objects: granted(confirm), targetSize: 2, conflicts: 3 });
    expect(ran.raised).toBeUndefined();
    expect(ran.did.filter((one) => one === did)).toHaveLength(1);
  });

  test.each([{ confirm: 'cold' }, {}])('and nobody who writes another one: %j', (argument) => {
    const ran = run(hot(), 'activate', argument, { objects: granted('hot') });
    expect(ran.raised).toMatch(/say the name of the site/);
    expect(ran.did).toEqual([]);
  });

  test.each(['active', 'activating', 'announced', 'leaving', 'aborted', 'unheard'])(
    'and not while the site is %s',
    (status) => {
      const ran = run(hot(), 'activate', { confirm: 'hot' }, { objects: { ...granted('hot'), ...state(status) } });
      expect(ran.raised).toBe(`refused: the site is ${status}`);
      expect(ran.did).toEqual([]);
    },
  );

  test.each(['activating', 'leaving'])('has it again where %s never ended', (status) => {
    const objects = { ...granted('hot'), ...state(status, { until: 1 }) };
    expect(run(hot(), 'activate', { confirm: 'hot' }, { objects, targetSize: 4 }).did.at(-1)).toBe('state active');
  });

  test('comes second where somebody else began at the same moment', () => {
    let once = true;
    const ran = run(
      hot(),
      'activate',
      { confirm: 'hot' },
      {
        objects: granted('hot'),
        meanwhile: (url, { write }) => {
          if (!url.includes('/upload/') || !once) return;
          once = false;
          write('records/state.json', JSON.stringify({ status: 'announced', run: 'another', until: 9e9 }));
        },
      },
    );
    expect(ran.raised).toEqual({ code: 412 });
    expect(ran.did).toEqual([]);
  });
});

describe('what goes wrong', () => {
  const CASES: readonly (readonly [string, Parameters<typeof run>[3], RegExp])[] = [
    ['a promotion that fails', { machineExit: { promote: 78 } }, /the database machine said: run-1 78/],
    ['a lease that is none', { objects: { 'lease/hot': 'hello' } }, /nobody knows who may write/],
    ['a lease that is gone', { objects: {} }, /nobody knows who may write/],
  ];
  test.each(CASES)('%s is in the record, in the state, in the log, and ends loudly', (_, props, words) => {
    const ran = run(hot(), 'activate', { confirm: 'hot' }, { objects: granted('hot'), targetSize: 4, ...props });
    expect(ran.raised).toMatch(words);
    expect(ran.did.at(-1)).toBe('state failed');
    expect(ran.did).not.toContain(`name ${hot().site.prefix}.example.com.`);
    expect(ran.record).toMatchObject({ outcome: 'failed', why: expect.stringMatching(words) });
    expect(ran.logs).toMatchObject([{ event: 'site_activation', outcome: 'failed', severity: 'ERROR' }]);
  });

  test.each<readonly [string, Parameters<typeof run>[0], Parameters<typeof run>[3], RegExp]>([
    ['a server with nothing to promote', hot(), { machineExit: { able: 78 } }, /said: run-1-able 78 what it said/],
    ['a replica that has failed', replica(), { databaseStates: ['FAILED'] }, /is FAILED, and could not be promoted/],
    ['a replica in endless repair', replica(), { databaseStates: ['REPAIRING'] }, /is REPAIRING, and could not be/],
    ['a replica that somebody stopped', replica(), { policy: 'NEVER' }, /is stopped, and could not be promoted/],
  ])('%s takes the lease from nobody', (_, made, props, words) => {
    const { name } = made.site;
    const ran = run(made, 'activate', { confirm: name }, { objects: granted(name), targetSize: 4, ...props });
    expect(ran.raised).toMatch(words);
    expect(ran.did.filter((one) => one.startsWith('lease') || one === 'promote')).toEqual([]);
    expect(ran.objects[`lease/${name}`]).toBe(granted(name)[`lease/${name}`]);
    expect(ran.record).toMatchObject({ outcome: 'failed', why: expect.stringMatching(words) });
  });

  test('a machine whose scripts are older than the question is promoted all the same', () => {
    const props = { objects: granted('hot'), targetSize: 4, machineExit: { able: 64 } };
    const ran = run(hot(), 'activate', { confirm: 'hot' }, props);
    expect(ran.raised).toBeUndefined();
    expect(ran.did).toContain('promote');
  });

  test('a replica that is maintained is waited for', () => {
    const props = { objects: granted('replica'), targetSize: 2, databaseStates: ['MAINTENANCE', 'RUNNABLE'] };
    const ran = run(replica(), 'activate', { confirm: 'replica' }, props);
    expect(ran.raised).toBeUndefined();
    expect(ran.did.indexOf('promote')).toBeGreaterThan(ran.did.indexOf('lease revoked 4'));
  });

  test('a managed database that takes no change ends it, and not before the time is over', () => {
    const ran = run(cold(), 'activate', { confirm: 'cold' }, { objects: granted('cold'), conflicts: 1e9 });
    expect(ran.seconds).toBeGreaterThan(cold().site.activation.estimatedSeconds);
    expect(ran.record).toMatchObject({ outcome: 'failed', why: expect.stringMatching(/409/) });
  });

  test('nothing is promoted before the primary has lost its lease', () => {
    const ran = run(hot(), 'activate', { confirm: 'hot' }, { objects: { 'lease/hot': 'hello' }, targetSize: 4 });
    expect(ran.did).not.toContain('promote');
  });

  test('what took longer than it was said to is late in the record, and ends loudly', () => {
    const ran = run(
      hot(),
      'activate',
      { confirm: 'hot' },
      {
        objects: granted('hot'),
        targetSize: 4,
        healthy: 3,
      },
    );
    expect(ran.seconds).toBeGreaterThan(1800);
    expect(ran.raised).toMatch(/^failed after/);
    expect(ran.record).toMatchObject({ late: true });
  });

  test('an activation that fails is asked for again, and takes no second term', () => {
    const objects = { 'lease/hot': 'revoked 4 1790000000\n', ...state('failed') };
    const ran = run(hot(), 'activate', { confirm: 'hot' }, { objects, targetSize: 4 });
    expect(ran.did.filter((one) => one.startsWith('lease'))).toEqual([]);
    expect(ran.record).toMatchObject({ term: 4, outcome: 'success' });
  });
});

describe('what an alarm asks for', () => {
  const asked = { confirm: 'hot', trigger: 'primary_site_unreachable' };

  test('wants a second signal, and leaves the site as it was without one', () => {
    const ran = run(hot(), 'activate', asked, { objects: granted('hot'), targetSize: 4, primaryAnswers: true });
    expect(ran.value).toEqual({ outcome: 'refused', why: expect.stringMatching(/the primary answers at/) });
    expect(ran.did).toEqual([]);
    expect(Object.keys(ran.objects)).toEqual(['lease/hot']);
    expect(ran.logs).toMatchObject([{ event: 'site_activation', outcome: 'refused', severity: 'WARNING' }]);
  });

  test.each([
    [{ behind: 120 }, /120 s behind/],
    [{ behind: undefined }, /nobody says how far/],
  ])('wants the database of the site to hear nothing any more: %j', (props, why) => {
    const ran = run(hot(), 'activate', asked, { objects: granted('hot'), targetSize: 4, ...props });
    expect(ran.value).toEqual({ outcome: 'refused', why: expect.stringMatching(why) });
    expect(ran.did).toEqual([]);
  });

  test.each([400, 3600])('takes the number of a managed database: %d s', (behind) => {
    const args = { confirm: 'replica', trigger: 'primary_site_unreachable' };
    const ran = run(replica(), 'activate', args, { objects: granted('replica'), targetSize: 2, behind });
    expect(ran.did).toContain('promote');
  });

  test('is nothing where nothing measures the database: then only a person activates it', () => {
    const args = { confirm: 'cold', trigger: 'primary_site_unreachable' };
    const ran = run(cold(), 'activate', args, { objects: granted('cold') });
    expect(ran.value).toEqual({ outcome: 'refused', why: expect.stringMatching(/there is no second sign/) });
  });

  test('is told to people where the second sign cannot be asked for', () => {
    const ran = run(hot(), 'activate', asked, { objects: granted('hot'), monitoringRefuses: 403 });
    expect(ran.value).toMatchObject({ outcome: 'unknown' });
    expect(ran.logs).toMatchObject([{ event: 'site_activation', outcome: 'unknown' }]);
    expect(ran.did).toEqual([]);
  });

  test('waits for a person to stop it, and then goes on', () => {
    const ran = run(hot(), 'activate', asked, { objects: granted('hot'), targetSize: 4 });
    expect(ran.did.at(-1)).toBe('state active');
    expect(ran.seconds).toBeGreaterThanOrEqual(300 + 100);
    expect(ran.logs.map(({ outcome }) => outcome)).toEqual(expect.arrayContaining(['announced', 'success']));
  });

  test('is stopped by a person, whose word stays', () => {
    let looks = 0;
    const ran = run(hot(), 'activate', asked, {
      objects: granted('hot'),
      meanwhile: (url, { write }) => {
        if (url.includes('state.json') && (looks += 1) === 12)
          write('records/state.json', JSON.stringify({ status: 'aborted', run: 'run-1', until: 0 }));
      },
    });
    expect(ran.raised).toMatch(/stopped before it began/);
    expect(ran.did).toEqual(['state announced']);
    expect(JSON.parse(ran.objects['records/state.json'] ?? '')).toMatchObject({ status: 'aborted' });
    expect(ran.record).toMatchObject({ outcome: 'aborted' });
  });
});

describe('leaving a site', () => {
  const active = (site: string) => ({ [`lease/${site}`]: 'revoked 4 1790000000\n', ...state('active') });

  test('stops the database, gives the name back, stops the machines, and keeps the lease', () => {
    const ran = run(hot(), 'deactivate', { confirm: 'hot' }, { objects: active('hot'), targetSize: 8 });
    expect(ran.did).toEqual([
      'state leaving',
      'stop',
      'state leaving',
      'name www.example.com.',
      'autoscaler ON',
      'size 4',
      'state sleeping',
    ]);
    expect(ran.objects['lease/hot']).toMatch(/^revoked 4 /);
  });

  test('gives the lease back where asked for', () => {
    const ran = run(
      cold(),
      'deactivate',
      { confirm: 'cold', lease: 'grant' },
      { objects: active('cold'), targetSize: 2 },
    );
    expect(ran.did).toEqual([
      ...['state leaving', 'database NEVER', 'state leaving', 'lease granted 5', 'size 0', 'state sleeping'],
    ]);
  });

  test('stops an activation that is announced', () => {
    const ran = run(hot(), 'deactivate', { confirm: 'hot' }, { objects: { ...granted('hot'), ...state('announced') } });
    expect(ran.did).toEqual(['state aborted']);
  });

  test('comes second where somebody activates it, or leaves it, at the same moment', () => {
    let once = true;
    const ran = run(
      hot(),
      'deactivate',
      { confirm: 'hot' },
      {
        objects: active('hot'),
        meanwhile: (url, { write }) => {
          if (!url.includes('/upload/') || !once) return;
          once = false;
          write('records/state.json', JSON.stringify({ status: 'announced', run: 'another', until: 9e9 }));
        },
      },
    );
    expect(ran.raised).toEqual({ code: 412 });
    expect(ran.did).toEqual([]);
  });

  test('is refused while somebody else leaves it, and not where that one never ended', () => {
    const asked = (until: number) =>
      run(hot(), 'deactivate', { confirm: 'hot' }, { objects: { ...active('hot'), ...state('leaving', { until }) } });
    expect(asked(9e9).raised).toMatch(/being left/);
    expect(asked(9e9).did).toEqual([]);
    expect(asked(1).did.at(-1)).toBe('state sleeping');
  });

  test('that fails says so, over what it wrote itself', () => {
    const ran = run(hot(), 'deactivate', { confirm: 'hot' }, { objects: active('hot'), machineExit: 1 });
    expect(ran.raised).toMatch(/the database machine said/);
    expect(ran.did).toEqual(['state leaving', 'stop', 'state failed']);
  });

  test('is refused while the site takes over, and to whoever does not say its name', () => {
    const objects = { ...granted('hot'), ...state('activating') };
    expect(run(hot(), 'deactivate', { confirm: 'hot' }, { objects }).raised).toMatch(/taking over/);
    expect(run(hot(), 'deactivate', {}, { objects }).raised).toMatch(/say the name/);
  });
});

test('names of steps stand once in each workflow, however deep', () => {
  for (const make of [hot, warm, cold, coldMachines, replica]) {
    for (const { source_contents: text } of resources(make().stack, 'google_workflows_workflow')) {
      const source = JSON.parse(String(text)) as Readonly<Record<string, { readonly steps: readonly object[] }>>;
      for (const { steps } of Object.values(source)) {
        const names = namesOf(steps);
        expect(names).toEqual([...new Set(names)]);
      }
    }
  }
});

function namesOf(steps: readonly object[]): readonly string[] {
  return steps.flatMap((step) =>
    Object.entries(step).flatMap(([name, body]) => [name, ...inside(body as Readonly<Record<string, unknown>>)]),
  );
}

function inside({ try: tried, except }: Readonly<Record<string, unknown>>): readonly string[] {
  return [tried, except].flatMap((block) => namesOf((block as { steps?: readonly object[] } | undefined)?.steps ?? []));
}
