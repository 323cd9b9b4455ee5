import { bucket, compileText, database, errors, findings, need, planOf, s3, spec } from './support';

/** Replicas, archives and accounts of their own. */
const replicated = (rpo: string, deployment = '') =>
  spec({
    database: database('orders', s3('acme-own', 'orders/')),
    cloud:
      'aws_s3: { bucket: "acme-all" region: "eu-west-1" replication: { destination_bucket: "acme-dr" destination_region: "eu-central-1" } }',
    deployment,
    ...(rpo && { rest: `disaster_recovery { objectives: { rpo: { ${rpo} } } }` }),
  });

describe('Replication Time Control', () => {
  test.each([
    ['critical_data: "15m"', true],
    ['critical_data: "900s"', true],
    ['critical_data: "16m"', false],
    ['critical_data: "1h" standard_data: "5m"', true],
    ['critical_data: "1h" important_data: "4h"', false],
    ['', false],
  ])('with rpo { %s }: %s', (rpo, expected) => {
    const { replication } = bucket(planOf(replicated(rpo)), 'acme-all');
    expect(replication?.rules.map((rule) => rule.timeControl)).toEqual([expected]);
  });

  test('comes from the strictest objective', () => {
    const { replication } = bucket(planOf(replicated('critical_data: "1h" standard_data: "5m"')), 'acme-all');
    expect(replication?.rules[0]?.from).toEqual([
      'backup.cloud.aws_s3.replication',
      'disaster_recovery.objectives.rpo.standard_data',
    ]);
  });
});

describe('a replica', () => {
  test('lies in a stack of its region that is deployed first, under a key of that region', () => {
    const { aws } = planOf(replicated(''));
    expect(aws.map((stack) => [stack.name, stack.kind, stack.region, stack.after])).toEqual([
      ['hypnoscript-backup-store-eu-west-1', 'backup-store', 'eu-west-1', ['hypnoscript-replica-store-eu-central-1']],
      ['hypnoscript-replica-store-eu-central-1', 'replica-store', 'eu-central-1', []],
    ]);
    expect(aws[1]?.keys).toEqual([
      expect.objectContaining({ kind: 'created', alias: 'alias/hypnoscript-replica-store' }),
    ]);
    expect(aws[0]?.buckets[0]?.replication?.rules[0]?.keyAlias).toBe('alias/hypnoscript-replica-store');
  });

  test('knows the source and the role that fills it', () => {
    const plan = planOf(replicated(''));
    const role = bucket(plan, 'acme-all').replication?.roleName;
    expect(bucket(plan, 'acme-dr').replicaOf).toEqual({ bucket: 'acme-all', roleName: role });
  });

  test('is a full copy: its rule has no prefix', () => {
    expect(bucket(planOf(replicated('')), 'acme-all').replication?.rules.map((rule) => rule.prefix)).toEqual(['']);
  });

  test('does not replicate again', () => {
    expect(bucket(planOf(replicated('')), 'acme-dr').replication).toBeNull();
  });

  test('that is switched off is not built', () => {
    const text = replicated('').replace('destination_bucket', 'enabled: false destination_bucket');
    expect(planOf(text).aws).toHaveLength(1);
    expect(bucket(planOf(text), 'acme-all').replication).toBeNull();
  });

  test('says that what is there before is not replicated', () => {
    expect(findings(compileText(replicated('')), 'DR3034')).toEqual(['DR3034 backup.cloud.aws_s3.replication']);
  });
});

describe('failures of replication', () => {
  test('are watched where the source lies and tasks run, in the account of each bucket', () => {
    const { awsTasks } = planOf(replicated('', 'aws: { account: "111122223333" } vault: { account: "444455556666" }'));
    expect(awsTasks.shared.map(({ region, replications }) => [region, replications])).toEqual([
      [
        'eu-west-1',
        [
          {
            source: { name: 'acme-all', naming: 'literal', region: 'eu-west-1', account: '111122223333' },
            rules: [
              {
                name: 'replica-acme-dr',
                destination: {
                  ...{ name: 'acme-dr', naming: 'literal', region: 'eu-central-1' },
                  account: '444455556666',
                },
              },
            ],
          },
        ],
      ],
    ]);
  });

  test('without an account the replica is in that of the source, and without replication there are none', () => {
    const [shared] = planOf(replicated('')).awsTasks.shared;
    expect(shared?.replications[0]?.rules[0]?.destination).not.toHaveProperty('account');
    const off = replicated('').replace('destination_bucket', 'enabled: false destination_bucket');
    expect(planOf(off).awsTasks.shared[0]?.replications).toEqual([]);
  });

  test('of a bucket in whose region no task runs are told to nobody, which a finding says', () => {
    const said = (text: string) => {
      const { diagnostics: all } = compileText(text);
      return all.filter(({ code }) => code === 'DR3034').map(({ message }) => message);
    };
    const far = replicated('').replace(
      'bucket: "acme-all" region: "eu-west-1"',
      'bucket: "acme-all" region: "eu-north-1"',
    );
    expect(said(far)).toEqual([
      expect.stringMatching(/, and nobody is told of what fails: no task runs in eu-north-1$/) as string,
    ]);
    expect(said(replicated(''))).toEqual([expect.stringMatching(/are not replicated$/) as string]);
  });
});

describe('an account of its own for replicas', () => {
  const vault = 'aws: { account: "111122223333" } vault: { account: "444455556666" }';

  test('has the replica stack, and both sides know each other', () => {
    const plan = planOf(replicated('', vault));
    expect(plan.aws.map((stack) => [stack.kind, stack.account])).toEqual([
      ['backup-store', '111122223333'],
      ['replica-store', '444455556666'],
    ]);
    expect(bucket(plan, 'acme-all').replication?.rules[0]?.account).toBe('444455556666');
    expect(bucket(plan, 'acme-dr').replicaOf?.account).toBe('111122223333');
  });

  test('that is the same account is none', () => {
    const plan = planOf(replicated('', 'aws: { account: "111122223333" } vault: { account: "111122223333" }'));
    expect(bucket(plan, 'acme-all').replication?.rules[0]).not.toHaveProperty('account');
    expect(bucket(plan, 'acme-dr').replicaOf).not.toHaveProperty('account');
  });

  test('needs the account of the source', () => {
    expect(errors(compileText(replicated('', 'vault: { account: "444455556666" }')))).toEqual([
      'DR3052 deployment.vault.account',
    ]);
    const alone = spec({
      database: database('orders', s3('acme-own', 'o/')),
      deployment: 'vault: { account: "444455556666" }',
    });
    expect(errors(compileText(alone))).toEqual([]);
  });
});

describe('an archive', () => {
  const archived = (
    glacier: string,
    own = s3('acme-own', 'orders/{year}/', 'lifecycle: { transition_days: 30 expiration_days: 700 }'),
  ) =>
    spec({
      database: database('orders', `${own} glacier: { transition_days: 90 retrieval_tier: "standard" ${glacier} }`),
    });

  test('in the bucket itself is one more move of the same rule', () => {
    const plan = planOf(archived('bucket: "acme-own"'));
    const { lifecycle, replication } = bucket(plan, 'acme-own');
    expect(plan.aws.flatMap((stack) => stack.buckets)).toHaveLength(1);
    expect(replication).toBeNull();
    expect(lifecycle.map((rule) => [rule.transitions, rule.expireAfterDays])).toEqual([
      [
        [
          { afterDays: 30, storageClass: 'STANDARD_IA' },
          { afterDays: 90, storageClass: 'GLACIER' },
        ],
        700,
      ],
    ]);
  });

  test('in another bucket is filled by replication of the prefix and of what the protocol keeps beside it', () => {
    const plan = planOf(archived('bucket: "acme-cold"'));
    expect(bucket(plan, 'acme-own').replication?.rules.map((rule) => [rule.prefix, rule.bucket, rule.region])).toEqual([
      ['orders/', 'acme-cold', 'eu-west-1'],
      ['_records/orders/', 'acme-cold', 'eu-west-1'],
      ['_recovery/', 'acme-cold', 'eu-west-1'],
      ['_verified/orders/', 'acme-cold', 'eu-west-1'],
    ]);
    expect(
      bucket(plan, 'acme-cold').lifecycle.map((rule) => [rule.prefix, rule.transitions, rule.expireAfterDays]),
    ).toEqual([['orders/', [{ afterDays: 90, storageClass: 'GLACIER' }], 700]]);
    expect(plan.aws).toHaveLength(1);
    expect(plan.aws[0]?.after).toEqual([]);
  });

  test('has the expiry of s3 beside it, unless it has its own', () => {
    const expiry = (text: string) => bucket(planOf(text), 'acme-cold').lifecycle[0]?.expireAfterDays;
    expect(expiry(archived('bucket: "acme-cold"'))).toBe(700);
    expect(expiry(archived('bucket: "acme-cold" expiration_days: 3650'))).toBe(3650);
    expect(expiry(archived('bucket: "acme-cold"', s3('acme-own', 'orders/')))).toBe(120);
  });

  test('in another region lies in a stack that is deployed first, under the key of that stack', () => {
    const { aws } = planOf(archived('bucket: "acme-cold" region: "us-west-2"'));
    expect(aws.map((stack) => [stack.kind, stack.region, stack.after])).toEqual([
      ['backup-store', 'eu-west-1', ['hypnoscript-replica-store-us-west-2']],
      ['replica-store', 'us-west-2', []],
    ]);
    expect(new Set(aws[0]?.buckets[0]?.replication?.rules.map((rule) => rule.keyAlias))).toEqual(
      new Set(['alias/hypnoscript-replica-store']),
    );
    expect(aws[1]?.buckets[0]?.replicaOf?.bucket).toBe('acme-own');
  });

  test('without s3 is written to directly', () => {
    const alone = (glacier: string) =>
      spec({
        database: database(
          'orders',
          `glacier: { bucket: "acme-cold" transition_days: 1 retrieval_tier: "bulk" ${glacier} }`,
        ),
      });
    const plan = planOf(alone('region: "eu-west-1" path: "orders/"'));
    expect(bucket(plan, 'acme-cold')).toMatchObject({ replicaOf: null, replication: null });
    expect(plan.tasks[0]?.stores.map((one) => [one.bucket, one.path, one.retrievalTier])).toEqual([
      ['acme-cold', 'orders/', 'bulk'],
    ]);
    for (const half of ['region: "eu-west-1"', 'path: "orders/"', '']) {
      expect(errors(compileText(alone(half)))).toContain('DR3006 backup.database.orders.storage.glacier');
    }
  });

  test('that two data sets of one bucket share has each rule once', () => {
    const cold = 'glacier: { bucket: "acme-cold" transition_days: 90 retrieval_tier: "bulk" }';
    const plan = planOf(
      spec({
        database:
          database('orders', `${s3('acme-own', 'orders/')} ${cold}`) +
          database('users', `${s3('acme-own', 'users/')} ${cold}`),
      }),
    );
    const rules = need(bucket(plan, 'acme-own').replication, 'replication').rules;
    const filters = rules.map((rule) => `${rule.prefix} ${rule.bucket}`);
    expect(new Set(filters).size).toBe(filters.length);
    expect(rules.map((rule) => rule.priority)).toEqual(rules.map((_, index) => index + 1));
    expect(new Set(rules.map((rule) => rule.name)).size).toBe(rules.length);
    expect(bucket(plan, 'acme-cold').lifecycle.map((rule) => rule.prefix)).toEqual(['orders/', 'users/']);
  });
});
