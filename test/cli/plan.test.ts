import path from 'node:path';
import { ProtectionPlan } from '../../lib/plan';
import { site, sitesSpec } from '../plan/site/support';
import { spec } from '../plan/support';
import { SMALL, THREE, folder, hypdr } from './support';

/** `hypdr plan`, `hypdr trace` and `hypdr explain`. */
test('plan --format json is the ProtectionPlan and nothing else', async () => {
  const { exit, out, err } = await folder({ 'a.hyp': THREE }).hypdr(['plan', '--format', 'json', 'a.hyp']);
  expect([exit, err]).toEqual([0, '']);
  expect(ProtectionPlan.parse(JSON.parse(out)).copies).toHaveLength(2);
});

test('plan shows tasks, stores and places as tables', async () => {
  const { exit, out } = await folder({ 'a.hyp': THREE }).hypdr(['plan', 'a.hyp']);
  expect(exit).toBe(0);
  expect(out).toContain('Tasks');
  expect(out).toMatch(
    /^orders +postgresql +aws +22:00-23:30 UTC +full daily 22:12, verify fri 02:17, test-restore sun 03:14 +30$/m,
  );
  expect(out).toMatch(/^aws +eu-west-1 +acme-own +alias\/hypnoscript-backup-store +governance 30/m);
  expect(out).toMatch(/^azure +westeurope +acmeall\/backups .* unlocked 30/m);
  expect(out).toMatch(/^google +EU +acme-gcs .* versions/m);
  expect(out).toMatch(/^orders +acme-gcs +google +EU +copy$/m);
  expect(out).toMatch(/^copy jobs on google +role hypnoscript-copies-to-google +aws\.bucket\.acme-own +orders$/m);
});

/** Of a section of the plan: its lines under the heads, each as its columns. */
function tableOf(out: string, title: string): readonly (readonly string[])[] {
  const [, heads = '', ...lines] = out
    .slice(out.indexOf(`${title}\n`))
    .split('\n')
    .slice(1);
  const rules = lines[0] ?? '';
  const starts = [...rules.matchAll(/-+/g)].map(({ index }) => index);
  const rows = lines.slice(1, lines.indexOf(''));
  expect(heads).not.toBe('');
  return rows.map((line) => starts.map((from, at) => line.slice(from, starts[at + 1]).trim()));
}

test('plan of the seed says when each task runs in a week, and what every place holds after one night by which way', async () => {
  const { exit, out } = await folder({}).hypdr(['plan', path.join(__dirname, '../../specs/hypnoscript')]);
  expect(exit).toBe(0);
  expect(tableOf(out, 'Tasks').map(([task, , where, , runs]) => [task, where, runs])).toEqual([
    [
      'application_data',
      'hosts:hypnoscript:backup=application_data to aws',
      'full sun 04:33, incremental mon-sat 04:33, differential mon-sat 05:03, verify wed 09:41',
    ],
    [
      'configuration',
      'hosts:hypnoscript:backup=configuration to aws',
      'full sun 03:06, incremental mon-sat 03:06, differential mon-sat 03:36, verify mon 09:39',
    ],
    ['mysql', 'aws', 'full sun 03:14, log mon-sat 03:09, full mon-sat 03:14, verify wed 09:02'],
    ['postgresql', 'aws', 'full sun 04:50, full mon-sat 04:50, verify thu 09:03, test-restore mon 08:13'],
    [
      'sqlserver',
      'hosts:hypnoscript:backup=sqlserver to azure',
      'full sun 03:10, log mon-sat 03:36, differential mon-sat 03:10, verify wed 08:52',
    ],
  ]);
  const onAws = (task: string, folderOfHost: string, own: string, archive: readonly string[][] = []) =>
    [
      [folderOfHost, 'host disk', '', 'task'],
      [own, 'aws', 'eu-west-1', 'task'],
      ['hypnoscript-backups', 'aws', 'eu-west-1', 'task'],
      ...archive,
      ['hypnoscript-backups-dr', 'aws', 'eu-central-1', 'replication'],
      ['hypnoscriptbackups/backups', 'azure', 'westeurope', 'copy'],
      ['hypnoscript-backups', 'google', 'europe-west1', 'copy'],
    ].map((row) => [task, ...row]);
  expect(tableOf(out, 'Places of each data set')).toEqual([
    ...onAws('application_data', '/var/backups/application', 'hypnoscript-app-backups'),
    ...onAws('configuration', '/var/backups/config', 'hypnoscript-config-backups'),
    ...onAws('mysql', '/var/backups/mysql', 'hypnoscript-db-backups'),
    ...onAws('postgresql', '/var/backups/postgresql', 'hypnoscript-db-backups', [
      ['hypnoscript-db-archive', 'aws', 'eu-west-1', 'replication'],
    ]),
    ['sqlserver', 'C:\\Backups\\SQLServer', 'host disk', '', 'task'],
    ['sqlserver', 'hypnoscriptbackups/sqlserver-backups', 'azure', 'westeurope', 'task'],
    ['sqlserver', 'hypnoscriptbackups/backups', 'azure', 'westeurope', 'task'],
    ['sqlserver', 'hypnoscript-backups', 'aws', 'eu-west-1', 'copy'],
    ['sqlserver', 'hypnoscript-backups', 'google', 'europe-west1', 'copy'],
  ]);
});

test('plan has no test restore of a task that no stack starts', async () => {
  const asked = 'validation: { test_restore: true frequency: "weekly" }';
  const storage = 'storage: { gcs: { bucket: "acme-docs" location: "US" path: "docs/" } }';
  const text = spec({ filesystem: `docs: { paths: ["D:\\\\docs"] ${asked} ${storage} }` });
  const { exit, out } = await folder({ 'a.hyp': text }).hypdr(['plan', 'a.hyp']);
  expect([exit, /^docs +files +hosts:.* to google .* verify /m.test(out)]).toEqual([0, true]);
  expect(out).not.toContain('test-restore');
});

test('plan says nothing of readers where no other cloud reads', async () => {
  const { out } = await folder({ 'a.hyp': SMALL }).hypdr(['plan', 'a.hyp']);
  expect(out).not.toContain('Read by other clouds');
});

test('what watches the name of a site on AWS is paid for always', async () => {
  const { exit, out } = await folder({}).hypdr(['plan', path.join(__dirname, '../../specs/worldwide')]);
  expect(exit).toBe(0);
  const costs = out.slice(out.indexOf('What a site costs'));
  expect(costs.match(/health checks of its name/g)).toHaveLength(1);
  // What its estimate does not count.
  expect(out.match(/, \d+\w and 3m for its name/g)).toHaveLength(1);
});

test('plan says of each site what it is, and what runs always and what only once it is activated', async () => {
  const text = sitesSpec(
    [
      site('iowa', { provider: 'google' }),
      site('hot', { multiAz: true, count: 4, storage: 'type: "DISK" size: "500GB" iops: 3000' }),
      site('warm', { provider: 'azure', method: 'log_shipping', synchronization: 'lag_threshold: "5m"' }),
      site('cold', { provider: 'google', method: 'backup_restore', count: 0, synchronization: 'frequency: "daily"' }),
    ].join('\n'),
  );
  const { exit, out } = await folder({ 'a.hyp': text }).hypdr(['plan', 'a.hyp']);
  expect(exit).toBe(0);
  const after = out.slice(out.indexOf('Recovery sites'));
  expect(after).toMatch(/^warm +warm +azure westeurope +10\.\S+ +log_shipping, alarm at 5m +by a person, 1h$/m);
  expect(after).toMatch(/^cold +cold +google europe-west2 +10\.\S+ +backup_restore daily \d\d:\d\d +by a person, 1h$/m);
  expect(after).toMatch(
    /^hot +4 x c5\.2xlarge with 4 x 500 GiB gp3, database: 2 x r5\.large with 2 x 500 GiB gp3, a load balancer, a NAT +nothing$/m,
  );
  // Who has the last copy while a site is active.
  const [, when = ''] = /^hot +its own machine, into the stores of orders +(.*)$/m.exec(after) ?? [];
  // pg_dump takes fulls only, whatever a type is called.
  expect(when.split(', ').map((run) => run.split(' ')[0])).toEqual(['full', 'full']);
  expect(after).toMatch(/^warm +nobody \(DR3098\) +-$/m);
  // On Google a NAT is paid by what goes through it.
  expect(after).toMatch(/^iowa +2 x n2-standard-4, database: 1 x n2-custom-2-8192 .*, a load balancer +/m);
  expect(after).toMatch(
    /^cold +database: the disk of a stopped db-custom-2-8192, the time of each restore \(daily \d\d:\d\d\), a load balancer +4 x n2-standard-4, database: db-custom-2-8192$/m,
  );
});

describe('trace', () => {
  test('--format json has the documented shape', async () => {
    const { exit, out, err } = await folder({ 'a.hyp': SMALL }).hypdr(['trace', '--format', 'json', 'a.hyp']);
    expect([exit, err]).toEqual([0, '']);
    const { leaves, ...others } = JSON.parse(out) as { leaves: { path: string; becomes: object[] }[] };
    expect(others).toEqual({});
    expect(leaves).toHaveLength(10);
    for (const leaf of leaves) {
      expect(Object.keys(leaf)).toEqual(['path', 'file', 'line', 'value', 'becomes', 'reason']);
      for (const one of leaf.becomes) {
        expect(Object.keys(one)).toEqual(['kind', 'cloud', 'stack', 'id']);
        expect(one).toMatchObject({ kind: expect.stringMatching(/^(resource|task|check|report|document)$/) as string });
      }
    }
  });

  test('is a table with a line for each value', async () => {
    const { out } = await folder({ 'a.hyp': SMALL }).hypdr(['trace', 'a.hyp']);
    expect(out).toMatch(/^a\.hyp:9 +backup\.database\.orders\.storage\.s3\.bucket +acme-own +\S/m);
    expect(out).toMatch(/^\d+ of 10 values became something$/m);
  });
});

describe('explain', () => {
  test.each(['DR3010', 'dr3010'])('%s shows the page of the code', async (code) => {
    const { exit, out, err } = await hypdr(['explain', code]);
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(/^DR3010 \(warning\): /);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test('an unknown code names its neighbour', async () => {
    const { exit, err } = await hypdr(['explain', 'DR3011x']);
    expect(exit).toBe(2);
    expect(err).toContain('DR3011');
  });
});
