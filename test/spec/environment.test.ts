import { compileText, errorsOf, expectErrors } from '../support/spec-text';
import type { TestOptions } from '../support/spec-text';
import { S3, smallSpec } from '../support/small-spec';

const errors = (text: string, options: TestOptions = {}) =>
  errorsOf(compileText(text, options).diagnostics).map((one) => `${one.code} ${one.path}: ${one.message}`);

describe('env.NAME', () => {
  const everywhere = smallSpec({
    window: 'start: env.START end: env.END timezone: env.ZONE',
    types: 'incremental: { frequency: env.FREQUENCY retention: env.DAYS encryption: env.ENCRYPT }',
    set: `enabled: env.ON type: env.TOOL storage: { ${S3} local: { path: env.FOLDER max_size: env.SIZE } }
      settings: { exclude_tables: [env.TABLE, "b"] parallel_jobs: env.JOBS }`,
    cloud: 'main: { provider: env.CLOUD bucket: env.BUCKET region: env.REGION }',
    blocks: 'deployment { name: env.NAME acknowledge: [{ code: env.CODE path: "*" reason: env.REASON }] }',
  });
  const environment = {
    START: '01:00',
    END: '05:00',
    ZONE: 'Europe/Berlin',
    FREQUENCY: '6h',
    DAYS: '7',
    ENCRYPT: 'false',
    ON: 'true',
    TOOL: 'pg_dump',
    FOLDER: 'C:\\Backups',
    SIZE: '10GB',
    TABLE: 'temp_*',
    JOBS: '4',
    CLOUD: 'aws',
    BUCKET: 'acme-copies',
    REGION: 'eu-central-1',
    NAME: 'acme',
    CODE: 'DR3044',
    REASON: 'known',
  };

  test('may stand in every kind of position, and its text becomes a number or a switch where one is meant', () => {
    const { spec, diagnostics } = compileText(everywhere, { environment });
    expect(errorsOf(diagnostics)).toEqual([]);
    expect(spec.backup?.general.backup_window).toMatchObject({ start: { minutes: 60 }, timezone: 'Europe/Berlin' });
    expect(spec.backup?.general.types.incremental).toEqual({
      frequency: { kind: 'every', seconds: 21_600 },
      day: undefined,
      retention: 7,
      compression: 'gzip',
      encryption: false,
    });
    expect(spec.backup?.database?.get('orders')).toMatchObject({
      enabled: true,
      engine: 'postgresql',
      settings: { exclude_tables: ['temp_*', 'b'], parallel_jobs: 4 },
      storage: { local: { path: 'C:\\Backups' } },
    });
    expect(spec.backup?.cloud?.get('main')).toMatchObject({ provider: 'aws', bucket: 'acme-copies' });
    expect(spec.deployment).toMatchObject({ name: 'acme', acknowledge: [{ code: 'DR3044', reason: 'known' }] });
  });

  test('that is not set is one error at each place', () => {
    const { TOOL, CLOUD, ...others } = environment;
    const found = errors(everywhere, { environment: { TOOL, CLOUD } });
    expect(found.filter((one) => !one.startsWith('DR2004'))).toEqual([]);
    const names = found.map((one) => /env\.(\w+) is not set$/.exec(one)?.[1]);
    expect(names.sort()).toEqual(Object.keys(others).sort());
  });

  test('that is not set where it decides on the keys of a block is one error for the block', () => {
    const { TOOL: _tool, CLOUD: _cloud, ...others } = environment;
    expect(errors(everywhere, { environment: others })).toEqual([
      'DR2004 backup.database.orders.type: env.TOOL is not set',
      'DR2004 backup.cloud.main.provider: env.CLOUD is not set',
    ]);
  });

  test('that is empty counts as not set', () => {
    expect(errors(everywhere, { environment: { ...environment, REGION: '' } })).toEqual([
      'DR2004 backup.cloud.main.region: env.REGION is not set',
    ]);
  });

  test('with a value of another type is refused in the words of its value', () => {
    expectErrors(
      smallSpec({ window: 'start: env.START end: "06:00" timezone: "UTC"' }),
      `
      spec.hyp:3:29 error DR2002 found env.START = "2 a.m.", which is not a time from "00:00" to "23:59"
              backup_window: { start: env.START end: "06:00" timezone: "UTC" }
                                      ~~~~~~~~~
        at backup.general.backup_window.start
        fix: write a time from "00:00" to "23:59"
      `,
      { environment: { START: '2 a.m.' } },
    );
  });

  test('is the only way in which the environment reaches a plan', () => {
    const text = smallSpec();
    const noise = { AWS_REGION: 'us-east-1', TZ: 'Asia/Tokyo', HYPDR_NAME: 'x' };
    expect(JSON.stringify(compileText(text, { environment: noise }).plan)).toBe(JSON.stringify(compileText(text).plan));
  });
});

describe('a key from the environment', () => {
  const text = smallSpec({
    cloud: 'aws_s3: { bucket: "acme-copies" region: "eu-west-1" encryption: { kms_key_id: env.KEY } }',
  });

  test('that is not set is a warning, and the stack makes a key', () => {
    const { diagnostics, plan } = compileText(text);
    const found = diagnostics.filter((one) => one.code === 'DR3010');
    expect(found.map((one) => `${one.severity} ${one.path}`)).toEqual([
      'warning backup.cloud.aws_s3.encryption.kms_key_id',
    ]);
    expect(plan).toBeDefined();
  });

  test('that is not set is an error with --strict-env and in production', () => {
    const strict = [
      compileText(text, { unset: 'error' }),
      compileText(`${text}\ndeployment { environment: "production" }`),
    ];
    for (const { diagnostics, plan } of strict) {
      expect(errorsOf(diagnostics).map((one) => one.code)).toEqual(['DR3010']);
      expect(plan).toBeUndefined();
    }
  });
});
