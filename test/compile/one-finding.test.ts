import { compileText, errorsOf } from '../support/spec-text';
import { S3, smallSpec } from '../support/small-spec';

const errors = (text: string) => errorsOf(compileText(text).diagnostics).map((one) => `${one.code} ${one.path}`);

describe('what was refused once is not refused again in other words', () => {
  test('a data set: nothing refers to it in vain, and no store stays empty for it', () => {
    const text = smallSpec({
      set: `type: "pg_dump" storage: { ${S3.replace('acme-backups', 'Acme')} glacier: { bucket: "acme-archive" transition_days: 90 retrieval_tier: "bulk" } }`,
      blocks:
        'deployment { tiers: { orders: "critical" } tasks: { orders: { hard_stop: true } } }\ndatabase { orders: { primary: { host: "db.example.com" } } }',
    });
    expect(errors(text)).toEqual(['DR2002 backup.database.orders.storage.s3.bucket']);
  });

  test('the full type: the others do not miss it', () => {
    const text = smallSpec({ types: 'incremental: { frequency: "daily" retention: 7 }' }).replace(
      '"daily" retention: 30',
      '"often" retention: 30',
    );
    expect(errors(text)).toEqual(['DR2002 backup.general.types.full.frequency']);
  });

  test('the only store of a data set: it is not kept nowhere', () => {
    const text = smallSpec({
      set: 'type: "pg_dump" storage: { }',
      cloud: 'aws_s3: { bucket: "acme-copies" region: "nowhere" }',
    });
    expect(errors(text)).toEqual(['DR2002 backup.cloud.aws_s3.region']);
  });

  test('a piece that could not be read: its block does not miss it', () => {
    const text = smallSpec({ window: 'start: 02:00 end: "06:00" timezone: "UTC"' });
    expect(errors(text)).toEqual(['DR1014 ']);
  });

  test('but other mistakes are found in the same run, in every stage', () => {
    const text = smallSpec({
      window: 'start: "02:00" end: "02:00" timezone: "UTC"',
      types: 'differential: { frequency: "daily" retention: "7" }',
      set: `typ: "pg_dump" storage: { ${S3} }`,
      cloud: 'aws_s3: { bucket: "acme-copies" region: "eu-west-1" lifecycle: { transition_to_ia: 10 } }',
      blocks: 'backup_monitoring { metrics: { backup: { success_rate: yes } } }',
    });
    expect(errors(text).sort()).toEqual([
      'DR1015 ',
      'DR2001 backup.database.orders.typ',
      'DR2002 backup.general.types.differential.retention',
      'DR2011 backup.cloud.aws_s3.lifecycle.transition_to_ia',
      'DR2032 backup.general.backup_window.end',
    ]);
  });
});

describe('without indentation to go by, too, one mistake is one finding', () => {
  const line =
    'backup { general: { backup_window: { start: "02:00" end: "06:00" timezone: "UTC" } types: { full: { frequency: "daily" retention: 30 } } } }';

  test('the line itself is right', () => {
    expect(errors(line)).toEqual([]);
  });

  test.each([
    ['a closing brace missing', line.replace('"UTC" }', '"UTC"')],
    ['a closing brace missing at the end', line.slice(0, -2)],
    ['a quote missing', line.replace('"06:00"', '"06:00')],
    ['a colon missing', line.replace('end:', 'end')],
    ['a bracket for a brace', line.replace('retention: 30 }', 'retention: 30 ]')],
  ])('%s', (_title, text) => {
    expect(errors(text)).toHaveLength(1);
  });
});
