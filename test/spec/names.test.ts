import { compileText, errorsOf, expectErrors } from '../support/spec-text';
import { S3, smallSpec } from '../support/small-spec';

const errors = (text: string) => errorsOf(compileText(text).diagnostics).map((one) => `${one.code} ${one.path}`);

describe('keys', () => {
  test('an unknown one is an error with its nearest neighbour', () => {
    expectErrors(
      smallSpec({ types: 'incremental: { frequency: "daily" retension: 7 }' }),
      `
      spec.hyp:4:91 error DR2001 unknown key "retension"
              types: { full: { frequency: "daily" retention: 30 } incremental: { frequency: "daily" retension: 7 } }
                                                                                                    ~~~~~~~~~
        at backup.general.types.incremental.retension
        fix: did you mean "retention"?
      `,
    );
  });

  test('an unknown one far from all names what there is', () => {
    const [error] = errorsOf(compileText(smallSpec({ types: 'hourly: { }' })).diagnostics);
    expect(error).toMatchObject({ code: 'DR2001', fix: 'use one of incremental, differential, log' });
  });

  test.each([
    ['compress', 'put it into settings, which has such a key'],
    ['toString', 'use one of enabled, validation, copies, settings'],
  ])('"%s" in the wrong block: %s', (key, fix) => {
    const set = `bills: { type: "mysqldump" engine: "mysql" ${key}: "gzip" storage: { ${S3.replace('orders/', 'bills/')} } }`;
    const [error] = errorsOf(compileText(smallSpec({ database: set })).diagnostics);
    expect(error).toMatchObject({ code: 'DR2001', fix });
  });

  test.each([
    [
      'objectives: { mtd: { critical_systems: "4h" } }',
      'put it into business_continuity.objectives or business_continuity.critical_functions.FUNCTION, which has such a key',
    ],
    ['dr_sites: { oslo: { type: "warm" } }', 'write it as kind: "warm"'],
    ['dr_sites: { oslo: { type: "tepid" } }', 'put it into synchronization, which has such a key'],
    ['dr_sites: { oslo: { activation: { manual: true } } }', 'did you mean "manual_activation"?'],
  ])('a word for something else leads there: %s', (text, fix) => {
    const { diagnostics } = compileText(`${smallSpec({})} disaster_recovery { ${text} }`);
    const [error] = errorsOf(diagnostics).filter(({ code }) => code === 'DR2001');
    expect(error?.fix).toBe(fix);
  });

  test('a key that is there already is not proposed', () => {
    const [error] = errorsOf(
      compileText(smallSpec({ window: 'start: "02:00" strt: "03:00" end: "06:00" timezone: "UTC"' })).diagnostics,
    );
    expect(error).toMatchObject({ code: 'DR2001', fix: 'remove it: every key of the block is there already' });
  });

  test('each missing one is an error at its block', () => {
    expect(errors('backup { general: { } }')).toEqual([
      'DR2003 backup.general.backup_window',
      'DR2003 backup.general.types',
    ]);
    expect(errors('backup { }')).toEqual(['DR2003 backup.general']);
  });

  test('a misspelt alert or metric is an error with its neighbour', () => {
    const text = `backup_monitoring {
      metrics: { backup: { sucess_rate: true } }
      alerting: { storage: { custom_alert: { severity: "info" notification: ["email"] } } }
    }`;
    const found = errorsOf(compileText(text).diagnostics).map((one) => `${one.path}: ${one.fix}`);
    expect(found).toEqual([
      'backup_monitoring.metrics.backup.sucess_rate: did you mean "success_rate"?',
      'backup_monitoring.alerting.storage.custom_alert: use one of storage_full, retention_violation',
    ]);
  });
});

describe('free names', () => {
  test.each(['orders_db', 'orders.db', 'Orders-2', 'x'])('%s names a data set', (name) => {
    const set = `${JSON.stringify(name)}: { type: "mysqldump" storage: { ${S3.replace('orders/', 'other/')} } }`;
    expect(errors(smallSpec({ database: set }))).toEqual([]);
  });

  test.each(['', '2orders', 'a b', 'ä', '../x', 'a/b', 'x'.repeat(64), '_x'])('%j names none', (name) => {
    const set = `${JSON.stringify(name)}: { type: "mysqldump" storage: { ${S3} } }`;
    const found = errorsOf(compileText(smallSpec({ database: set })).diagnostics);
    expect(found.map((one) => one.code)).toEqual(['DR2002']);
    expect(found[0]?.message).toContain('cannot name a database');
  });

  test('of the language’s own kind are names like others', () => {
    const { spec } = compileText(
      'disaster_recovery { scenarios: { } dr_sites: { } }\nbackup_monitoring { reporting: { daily: { constructor: { recipients: ["a"] include: ["cost_analysis"] } } } }',
    );
    expect([...(spec.backup_monitoring?.reporting?.daily?.keys() ?? [])]).toEqual(['constructor']);
  });

  test('as many as one likes stand beside each other, in the order of the text', () => {
    const sets = ['zeta', 'alpha', 'mid'].map(
      (name) => `${name}: { type: "pg_dump" storage: { ${S3.replace('orders', name)} } }`,
    );
    const { spec, diagnostics } = compileText(smallSpec({ database: sets.join('\n') }));
    expect(errorsOf(diagnostics)).toEqual([]);
    expect([...(spec.backup?.database?.keys() ?? [])]).toEqual(['orders', 'zeta', 'alpha', 'mid']);
  });
});
