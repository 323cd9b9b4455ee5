import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../../..');

type Json = Readonly<Record<string, unknown>>;

const FINE_BUCKET = { name: 'acme-backups', location: 'EU' };
const FINE_GROUP = { name: 'rg', location: 'westeurope' };

/** A Terraform stack with one resource, beside a resource group that it can refer to. */
function terraformStack(type: string, config: Json): Json {
  const provider = type.split('_')[0] as string;
  const version = { azurerm: '4.55.0', google: '6.50.0' }[provider];
  return {
    terraform: {
      required_version: '>= 1.7.0',
      required_providers: {
        [provider]: { source: `hashicorp/${provider}`, version },
        ...(provider === 'google' ? { azurerm: { source: 'hashicorp/azurerm', version: '4.55.0' } } : {}),
      },
    },
    provider: { azurerm: [{ features: [{}] }], ...(provider === 'google' ? { google: [{ project: 'acme' }] } : {}) },
    resource: {
      azurerm_resource_group: { group: FINE_GROUP },
      ...(type === 'azurerm_resource_group' ? {} : { [type]: { it: config } }),
    },
  };
}

/** By the fault: a stack and what terraform says about it. */
const FAULTY_STACKS: Readonly<Record<string, readonly [Json, string]>> = {
  'misspelt-argument': [
    terraformStack('google_storage_bucket', { ...FINE_BUCKET, storage_clas: 'NEARLINE' }),
    'No argument or block type is named "storage_clas"',
  ],
  'missing-argument': [
    terraformStack('google_storage_bucket', { name: 'acme-backups' }),
    'The argument "location" is required',
  ],
  'wrong-type': [
    terraformStack('google_storage_bucket', { ...FINE_BUCKET, force_destroy: 'perhaps' }),
    'a bool is required',
  ],
  'undeclared-reference': [
    terraformStack('google_storage_bucket', { ...FINE_BUCKET, project: '${azurerm_resource_group.other.name}' }),
    'Reference to undeclared resource',
  ],
  'unknown-attribute': [
    terraformStack('google_storage_bucket', { ...FINE_BUCKET, project: '${azurerm_resource_group.group.nam}' }),
    'Unsupported attribute',
  ],
  'block-twice': [
    terraformStack('google_storage_bucket', { ...FINE_BUCKET, versioning: [{ enabled: true }, { enabled: true }] }),
    'Too many versioning blocks',
  ],
  'missing-argument-azure': [
    {
      ...terraformStack('azurerm_resource_group', {}),
      resource: { azurerm_storage_account: { it: { name: 'acme', account_tier: 'Standard' } } },
    },
    'The argument "account_replication_type" is required',
  ],
};

/** By the fault: a template and the check that says it. */
const FAULTY_TEMPLATES: Readonly<Record<string, readonly [Json, string]>> = {
  'unknown-property': [
    { Resources: { Topic: { Type: 'AWS::SNS::Topic', Properties: { KmsMasterKeyId: 'alias/a', Nme: 'x' } } } },
    'E3002',
  ],
  'undeclared-reference': [
    { Resources: { Topic: { Type: 'AWS::SNS::Topic', Properties: { KmsMasterKeyId: { Ref: 'Key' } } } } },
    'E1020',
  ],
  'unused-parameter': [
    {
      Parameters: { Unused: { Type: 'String' } },
      Resources: { Topic: { Type: 'AWS::SNS::Topic', Properties: { KmsMasterKeyId: 'alias/a' } } },
    },
    'W2001',
  ],
  'public-bucket': [{ Resources: { Bucket: { Type: 'AWS::S3::Bucket', Properties: {} } } }, 'CKV_AWS_53'],
};

function writeJson(file: string, value: Json): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(value));
}

function scan(): string {
  const out = mkdtempSync(path.join(tmpdir(), 'seeded-faults-'));
  try {
    const artifacts: Record<string, Json> = {};
    for (const [name, [template]] of Object.entries(FAULTY_TEMPLATES)) {
      const templateFile = `${name}.template.json`;
      artifacts[name] = {
        type: 'aws:cloudformation:stack',
        environment: 'aws://unknown-account/eu-west-1',
        properties: { templateFile },
      };
      writeJson(path.join(out, 'aws', templateFile), template);
    }
    writeJson(path.join(out, 'aws/manifest.json'), { artifacts });
    for (const [name, [stack]] of Object.entries(FAULTY_STACKS)) {
      writeJson(path.join(out, 'terraform/stacks', name, 'cdk.tf.json'), stack);
    }
    writeJson(
      path.join(out, 'terraform/stacks/fine/cdk.tf.json'),
      terraformStack('google_storage_bucket', { ...FINE_BUCKET, project: '${azurerm_resource_group.group.name}' }),
    );
    const script = path.join(ROOT, 'scripts/policy.mjs');
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, out], { cwd: ROOT, encoding: 'utf8' });
    if (status !== 1) throw new Error(`the scan ended with ${status}\n${stdout}${stderr}`);
    return stdout;
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** What the scan said about one template: its line and the indented lines below, of the named tool. */
function saidOf(output: string, tool: string, template: string): string {
  const parts = output.split(/^(?=ok {4}|FAILED )/m);
  return parts.find((part) => part.split('\n')[0]?.includes(`: ${tool} ${template}`)) ?? '';
}

describe('the policy scan finds seeded faults', () => {
  let output = '';
  beforeAll(() => {
    output = scan();
  }, 120_000);

  test.each(Object.entries(FAULTY_STACKS).map(([name, [, message]]) => ({ name, message })))(
    'terraform validate: $name',
    ({ name, message }) => {
      expect(saidOf(output, 'terraform validate', `terraform/stacks/${name}/`)).toMatch(/^FAILED/);
      expect(saidOf(output, 'terraform validate', `terraform/stacks/${name}/`)).toContain(message);
    },
  );

  test('terraform validate: a stack without a fault passes', () => {
    expect(saidOf(output, 'terraform validate', 'terraform/stacks/fine/')).toMatch(/^ok/);
  });

  test.each(Object.entries(FAULTY_TEMPLATES).map(([name, [, check]]) => ({ name, check })))(
    'AWS: $name is $check',
    ({ name, check }) => {
      const tool = check.startsWith('CKV') ? 'checkov' : 'cfn-lint';
      expect(saidOf(output, tool, `aws/${name}.template.json`)).toMatch(new RegExp(`^FAILED[^]*\\b${check}\\b`));
    },
  );

  test('checkov reads the Terraform output too', () => {
    expect(saidOf(output, 'checkov', 'terraform/stacks/fine/')).toMatch(/^FAILED[^]*CKV_GCP_114/);
  });
});
