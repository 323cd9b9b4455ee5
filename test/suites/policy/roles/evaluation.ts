import { runSimulation } from '@cloud-copilot/iam-simulate';
import { named } from '../rights';
import type { Ask, Policy } from '../rights';
import type { Deployment } from './deployments';
import { Resolved } from './resolved';
import type { Role } from './roles';

/** Types of resources with a policy of their own: that policy, or what names the resources that it is of. */
const POLICIES = {
  'AWS::S3::BucketPolicy': 'Bucket',
  'AWS::SNS::TopicPolicy': 'Topics',
  'AWS::SQS::QueuePolicy': 'Queues',
} as const;

/** The policies of the resources of a deployment, by the last part of what names them, with the account that owns them. */
export function resourcePolicies(deployment: Deployment): ReadonlyMap<string, Owned> {
  const found = new Map<string, Owned>();
  for (const stack of deployment.stacks) {
    const resolved = new Resolved(deployment, stack);
    const add = (key: string, policy: unknown) => {
      const { Statement = [] } = (found.get(key)?.policy ?? {}) as Partial<Policy>;
      const more = resolved.value(policy) as Policy;
      const both = { Version: '2012-10-17', Statement: [...Statement, ...more.Statement] };
      found.set(key, { account: stack.account, policy: both });
    };
    for (const [id, { Type, Properties = {} }] of Object.entries(stack.resources)) {
      const key = POLICIES[Type as keyof typeof POLICIES] as string | undefined;
      // A topic is named by its ARN, a queue by its address, a bucket by its name.
      if (key) [Properties[key]].flat().forEach((of) => add(lastOf(resolved.text(of)), Properties.PolicyDocument));
      if (Type === 'AWS::KMS::Key') add(lastOf(resolved.text({ Ref: id })), Properties.KeyPolicy);
      if (Type === 'AWS::EFS::FileSystem') add(lastOf(resolved.text({ Ref: id })), Properties.FileSystemPolicy);
    }
  }
  return found;
}

interface Owned {
  readonly account: string;
  readonly policy: Policy;
}

function lastOf(name: string): string {
  return name.replace(/^.*[:/]/, '');
}

/** What a resource is known by among the policies. */
function keyOf(resource: string): string {
  if (resource.startsWith('arn:aws:s3:::')) return resource.slice('arn:aws:s3:::'.length).replace(/\/.*$/, '');
  return lastOf(resource);
}

/** A key that is not ours, as its owner has to make it: policies of its account and of whoever uses it decide. */
function customary(accounts: readonly string[]): Policy {
  const Principal = { AWS: accounts.map((one) => `arn:aws:iam::${one}:root`) };
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' }] };
}

/** Policies with the names that the evaluator knows, each made once. */
const NAMED = new WeakMap<object, Policy>();

function namedOnce(policy: Policy): Policy {
  const made = NAMED.get(policy) ?? named(policy);
  NAMED.set(policy, made);
  return made;
}

const KNOWN = new WeakMap<Deployment, ReadonlyMap<string, Owned>>();

/** Whether a role may do something, by its own policies and that of the resource. @param policy - instead of its own */
export async function may(role: Role, ask: Ask, policy = role.policy): Promise<boolean> {
  const { action, resource, context = {} } = ask;
  const known = KNOWN.get(role.deployment) ?? resourcePolicies(role.deployment);
  KNOWN.set(role.deployment, known);
  const account = /^arn:aws:iam::(\d+):/.exec(role.arn)?.[1] ?? '';
  const owned = known.get(keyOf(resource));
  const accountId = owned?.account ?? (/^arn:aws:[^:]*:[^:]*:(\d{12}):/.exec(resource)?.[1] || account);
  const resourcePolicy =
    owned?.policy ?? (action.startsWith('kms:') ? customary([...new Set([accountId, account])]) : undefined);
  const results = await runSimulation(
    {
      request: {
        principal: role.arn,
        action,
        resource: { resource, accountId },
        contextVariables: named({
          'aws:SecureTransport': 'true',
          's3:TlsVersion': '1.3',
          'aws:PrincipalArn': role.arn,
          ...context,
        }),
      },
      identityPolicies: [{ name: 'own', policy: namedOnce(policy) }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(resourcePolicy && { resourcePolicy: namedOnce(resourcePolicy) }),
    },
    {},
  );
  if (results.resultType === 'error') throw new Error(`${action} ${resource}: ${JSON.stringify(results.errors)}`);
  return results.overallResult === 'Allowed';
}

/** Google's provider is built in, and of no account: policy and request call it by the ARN that another one would have. */
const BUILT_IN = 'accounts.google.com';

/** The evaluator does not know the claims of a token: policy and request call them by names that it knows. */
function claims<T>(value: T, account: string): T {
  const text = JSON.stringify(value)
    .replace(/"[^"]*:(aud|oaud|sub)":/g, '"aws:PrincipalTag/$1":')
    .replaceAll(`"${BUILT_IN}"`, `"arn:aws:iam::${account}:oidc-provider/${BUILT_IN}"`);
  return JSON.parse(text) as T;
}

/** Who takes a role, and what the service says of why. */
export interface Taking {
  /** A service, or the ARN of a role or of a session. */
  readonly principal: string;
  readonly action?: string;
  readonly context?: Ask['context'];
}

/** Whether somebody may take a role, by its trust policy alone: whoever asks may take everything on its own grounds. */
export async function takes(
  role: Role,
  { principal, action = 'sts:AssumeRole', context = {} }: Taking,
  trust = role.trust,
) {
  const accountId = /^arn:aws:iam::(\d+):/.exec(role.arn)?.[1] ?? '';
  const isService = /amazonaws\.com$/.test(principal);
  const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
  const results = await runSimulation(
    {
      request: {
        principal: claims(principal, accountId),
        action,
        resource: { resource: role.arn, accountId },
        contextVariables: claims(context, accountId),
      },
      identityPolicies:
        isService || action !== 'sts:AssumeRole'
          ? []
          : [{ name: 'everything', policy: { Version: '2012-10-17', Statement: [everything] } }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: claims(trust, accountId),
    },
    {},
  );
  if (results.resultType === 'error') throw new Error(`${principal} ${role.arn}: ${JSON.stringify(results.errors)}`);
  return results.overallResult === 'Allowed';
}
