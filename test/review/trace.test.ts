import type { Compiled } from '../../lib/compile';
import { nodesOf } from '../../lib/plan';
import { resourcesOfCloudFormation, resourcesOfTerraform } from '../../lib/review';
import type { Trace, TracedLeaf } from '../../lib/review';
import { ACME, SEED, compileFile, compileText, database, need, planned, s3, spec } from '../plan/support';
import { synthesized } from './synthesis';

/** The trace is measured: from the plan's nodes and what templates and manifests really hold. */
jest.setTimeout(60_000);

const ENVIRONMENT = {
  AWS_KMS_KEY_ID: 'alias/backups',
  AZURE_KEY_VAULT_URL: 'https://acme-vault.vault.azure.net',
  GCP_KMS_KEY: 'projects/acme-backup/locations/europe-west1/keyRings/a/cryptoKeys/b',
};

const CASES: readonly (readonly [string, Compiled, number])[] = [
  ['the seed', compileFile(SEED), 441],
  ['the seed with keys', compileFile(SEED, { environment: ENVIRONMENT }), 441],
  ['the second example', compileFile(ACME), 90],
];

describe.each(CASES)('%s', (_, compiled, count) => {
  let trace: Trace;
  let faults: readonly unknown[];
  beforeAll(async () => {
    ({ trace, faults } = await synthesized(compiled));
  });

  test('loses no node of the plan between plan and templates', () => {
    expect(nodesOf(planned(compiled)).length).toBeGreaterThan(10);
    expect(trace.lost).toEqual([]);
    expect(faults).toEqual([]);
  });

  test('has each leaf once, with its place, and what it became or why not', () => {
    expect(trace.leaves).toHaveLength(count);
    expect(trace.leaves.map((leaf) => leaf.path)).toEqual(compiled.leaves.map((leaf) => leaf.path));
    expect(trace.leaves.filter((leaf) => (leaf.becomes.length === 0) === (leaf.reason === ''))).toEqual([]);
    expect(trace.leaves.filter((leaf) => leaf.file === '' || leaf.line < 1)).toEqual([]);
  });

  test('gives as a reason what a later version builds, what is off, what only judges, or what holds anyway', () => {
    const odd = trace.leaves.filter(
      ({ reason }) => !/^$|^(planned|disabled|for findings only|for people): |^says what holds anyway/.test(reason),
    );
    expect(odd).toEqual([]);
  });

  test('names no place twice for a leaf', () => {
    const twice = trace.leaves.filter(
      ({ becomes }) => new Set(becomes.map((one) => JSON.stringify(one))).size !== becomes.length,
    );
    expect(twice).toEqual([]);
  });
});

describe('a leaf of the seed', () => {
  let leaves: ReadonlyMap<string, TracedLeaf>;
  beforeAll(async () => {
    const { trace } = await synthesized(compileFile(SEED));
    leaves = new Map(trace.leaves.map((leaf) => [leaf.path, leaf]));
  });
  const places = (path: string) =>
    need(leaves.get(path), path).becomes.map((one) => `${one.kind} ${one.cloud} ${one.id}`.trim());

  test('about ages became the resource that has them', () => {
    expect(places('backup.cloud.azure_blob.lifecycle.tier_to_cool')).toEqual([
      expect.stringMatching(/^resource azure azurerm_storage_management_policy\./),
    ]);
    expect(places('backup.cloud.aws_s3.lifecycle.transition_to_ia').every((one) => /^resource aws /.test(one))).toBe(
      true,
    );
  });

  test('about the archive became resources and part of a task', () => {
    expect(places('backup.database.postgresql.storage.glacier.retrieval_tier')).toContain(
      'task aws tasks/postgresql.json',
    );
  });

  test('about the source became part of its task', () => {
    expect(places('backup.filesystem.configuration.paths[1]')).toContain('task aws tasks/configuration.json');
    expect(places('backup.database.sqlserver.settings.checksum')).toContain('task azure tasks/sqlserver.json');
  });

  test('that a finding speaks about became a check', () => {
    expect(places('backup.database.postgresql.settings.parallel_jobs')).toContain('check  DR3023');
  });

  test('that a later version builds says what it will be', () => {
    expect(leaves.get('backup_monitoring.reporting.daily.backup_summary.recipients[0]')?.reason).toBe(
      'planned: reports',
    );
  });

  test('shows a variable by its name, never by its value', () => {
    expect(leaves.get('backup.cloud.aws_s3.encryption.kms_key_id')?.value).toBe('env.AWS_KMS_KEY_ID');
  });
});

test('what is switched off says by which block', async () => {
  const text = spec({
    database: database('orders', s3('acme-own', 'orders/')),
    cloud: 'gcp_storage: { enabled: false bucket: "acme-gcs" location: "EU" }',
  });
  const { trace } = await synthesized(compileText(text));
  const off = trace.leaves.filter((leaf) => leaf.path.startsWith('backup.cloud.gcp_storage.'));
  expect(off.map((leaf) => [leaf.becomes.length, leaf.reason])).toEqual([
    [0, 'disabled: backup.cloud.gcp_storage'],
    [0, 'disabled: backup.cloud.gcp_storage'],
    [0, 'disabled: backup.cloud.gcp_storage'],
  ]);
});

describe('reading node ids', () => {
  test('from a CloudFormation template: its own and those of resources', () => {
    const template = {
      Metadata: { hypdr: { nodes: ['stack'] } },
      Resources: { A: { Metadata: { hypdr: { nodes: ['a', 'b'] } } }, B: { Metadata: { other: 1 } }, C: {} },
    };
    expect(resourcesOfCloudFormation('s', template)).toEqual([
      { cloud: 'aws', stack: 's', id: '', nodes: ['stack'] },
      { cloud: 'aws', stack: 's', id: 'A', nodes: ['a', 'b'] },
    ]);
  });

  test.each([
    ['azure', 'azurerm_storage_account'],
    ['google', 'google_storage_bucket'],
  ])('from a Terraform stack of %s', (cloud, type) => {
    const template = {
      '//': { hypdr: { nodes: ['stack'] } },
      resource: { [type]: { a: { '//': { hypdr: { nodes: ['a'] } } }, b: {} } },
    };
    expect(resourcesOfTerraform('s', template)).toEqual([
      { cloud, stack: 's', id: '', nodes: ['stack'] },
      { cloud, stack: 's', id: `${type}.a`, nodes: ['a'] },
    ]);
  });

  test.each([[null], [{}], ['text'], [{ Resources: null, resource: [] }]])('from %j gives nothing', (template) => {
    expect(resourcesOfCloudFormation('s', template)).toEqual([]);
    expect(resourcesOfTerraform('s', template)).toEqual([]);
  });
});
