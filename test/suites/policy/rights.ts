import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { createApp } from '../../../lib/aws/app';
import { compile } from '../../../lib/compile';
import type { ProtectionPlan } from '../../../lib/plan';
import { uploadsOf } from '../../../lib/cli/uploads';
import { addAwsStacks, addAwsTaskStacks } from '../../../stacks/aws';
import { ACCOUNT, deployed } from './template-values';

export interface Policy {
  readonly Version: string;
  readonly Statement: readonly Readonly<Record<string, unknown>>[];
}

/** A request, and what surrounds it. */
export interface Ask {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | string[]>>;
}

export interface Deployment {
  /** Inline policies of a role, by the beginning of its logical id. */
  readonly role: (id: string) => Policy;
  /** Who may take a role, by the beginning of its logical id. */
  readonly trust: (id: string) => Policy;
  /** A policy that is attached by whoever runs a host, by the beginning of its logical id. */
  readonly managed: (id: string) => Policy;
  /** Policy of a bucket, by its name. */
  readonly bucketPolicy: (name: string) => Policy;
  readonly keyPolicy: Policy;
  /** Policies of the file systems of local copies, one a region. */
  readonly fileSystemPolicies: readonly Policy[];
  /** Policies of the keys that sign records, one a region. */
  readonly recordKeyPolicies: readonly Policy[];
}

/** The policies of the documentation's spec, as they are in the templates. */
export function policiesOfSeed(): Deployment {
  const root = path.join(__dirname, '../../..');
  const folder = path.join(root, 'specs/hypnoscript');
  const files = readdirSync(folder).map((name) => ({ name, text: readFileSync(path.join(folder, name), 'utf8') }));
  const { plan } = compile(files, { environment: {}, unset: 'warning', today: '2026-11-24' });
  if (!plan) throw new Error('the seed has no plan');
  return policiesOf(plan);
}

/** The policies of a plan, as they are in the templates. @param shard - of this shard's tasks alone. @default - of all */
export function policiesOf(plan: ProtectionPlan, shard?: string): Deployment {
  const app = createApp();
  const stores = addAwsStacks(app, plan.aws);
  const tasks = addAwsTaskStacks(app, { plan, uploads: uploadsOf(path.join(__dirname, '../../..')), stores });
  const asked = tasks.filter(({ stackName }) => shard === undefined || stackName === shard);
  const resources = [...stores, ...asked].flatMap((stack) =>
    Object.entries(Template.fromStack(stack).toJSON().Resources as Record<string, Resource>),
  );
  const propertiesOf = (type: string) => resources.filter(([, one]) => one.Type === type);
  return {
    role: (id) => {
      const found = propertiesOf('AWS::IAM::Role').filter(([name]) => name.startsWith(id));
      if (found.length !== 1) throw new Error(`${found.length} roles start with ${id}`);
      return merge(found.flatMap(([, one]) => (one.Properties.Policies ?? []).map((each) => each.PolicyDocument)));
    },
    trust: (id) => {
      const found = propertiesOf('AWS::IAM::Role').filter(([name]) => name.startsWith(id));
      return merge(found.map(([, one]) => one.Properties.AssumeRolePolicyDocument));
    },
    managed: (id) => {
      const found = propertiesOf('AWS::IAM::ManagedPolicy').filter(([name]) => name.startsWith(id));
      if (found.length !== 1) throw new Error(`${found.length} policies start with ${id}`);
      return merge(found.map(([, one]) => one.Properties.PolicyDocument));
    },
    bucketPolicy: (name) => {
      const [bucket] = propertiesOf('AWS::S3::Bucket').filter(([, one]) => one.Properties.BucketName === name);
      const policies = propertiesOf('AWS::S3::BucketPolicy').filter(
        ([, one]) => (one.Properties.Bucket as { Ref?: string }).Ref === bucket?.[0],
      );
      return atBucket(merge(policies.map(([, one]) => one.Properties.PolicyDocument)), bucket?.[0] ?? '', name);
    },
    keyPolicy: merge(
      propertiesOf('AWS::KMS::Key')
        .slice(0, 1)
        .map(([, one]) => one.Properties.KeyPolicy),
    ),
    fileSystemPolicies: propertiesOf('AWS::EFS::FileSystem').map(([, one]) => merge([one.Properties.FileSystemPolicy])),
    recordKeyPolicies: propertiesOf('AWS::KMS::Key')
      .filter(([, one]) => one.Properties.KeyUsage === 'SIGN_VERIFY')
      .map(([, one]) => merge([one.Properties.KeyPolicy])),
  };
}

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>> & { readonly Policies?: { PolicyDocument: unknown }[] };
}

function merge(documents: readonly unknown[]): Policy {
  const policies = documents.map((one) => deployed(one) as Policy);
  return { Version: '2012-10-17', Statement: policies.flatMap((one) => one.Statement) };
}

/** A bucket's own policy names it by its ARN attribute. */
function atBucket(policy: Policy, logicalId: string, name: string): Policy {
  const text = JSON.stringify(policy).replaceAll(
    new RegExp(`arn:aws:made:[^"]*?:${logicalId}/Arn`, 'g'),
    `arn:aws:s3:::${name}`,
  );
  return JSON.parse(text) as Policy;
}

/** The evaluator does not know the keys of an encryption context: policy and request call this one by a name that it knows. */
export function named<T>(value: T): T {
  const text = JSON.stringify(value).replaceAll(
    'kms:EncryptionContext:aws:s3:arn',
    'aws:PrincipalTag/encryption-context',
  );
  return JSON.parse(text) as T;
}

/** Whether a role of the account may do something, by its own policy, that of the resource, and that of its session. */
export async function isAllowed(
  own: Policy,
  { action, resource, context = {} }: Ask,
  other?: Policy,
  session?: object,
  principal = `arn:aws:iam::${ACCOUNT}:role/task`,
): Promise<boolean> {
  const results = await runSimulation(
    {
      request: {
        principal,
        action,
        resource: { resource, accountId: ACCOUNT },
        contextVariables: named({ 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3', ...context }),
      },
      identityPolicies: [{ name: 'own', policy: named(own) }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(other && { resourcePolicy: other }),
      ...(session && { sessionPolicy: session }),
    },
    {},
  );
  if (results.resultType === 'error') throw new Error(`${action} ${resource}: ${JSON.stringify(results.errors)}`);
  return results.overallResult === 'Allowed';
}
