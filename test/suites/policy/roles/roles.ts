import type { Policy } from '../rights';
import type { Deployed, Deployment, Resource } from './deployments';
import { Resolved } from './resolved';

/** A role as it is after a deployment, with all that gives it rights. */
export interface Role {
  /** Where it stands, for people. */
  readonly title: string;
  readonly id: string;
  readonly arn: string;
  readonly path: string;
  readonly description: string;
  /** What it may do: inline, attached, and AWS's own managed policies. */
  readonly policy: Policy;
  readonly trust: Policy;
  readonly deployment: Deployment;
  readonly stack: Deployed;
  readonly resolved: Resolved;
}

/**
 * AWS's own policies that a role of ours has, as AWS published them.
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSSMManagedInstanceCore.html
 */
const MANAGED: Readonly<Record<string, Policy>> = {
  'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore': {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: [
          'ssm:DescribeAssociation',
          'ssm:GetDeployablePatchSnapshotForInstance',
          'ssm:GetDocument',
          'ssm:DescribeDocument',
          'ssm:GetManifest',
          'ssm:GetParameter',
          'ssm:GetParameters',
          'ssm:ListAssociations',
          'ssm:ListInstanceAssociations',
          'ssm:PutInventory',
          'ssm:PutComplianceItems',
          'ssm:PutConfigurePackageResult',
          'ssm:UpdateAssociationStatus',
          'ssm:UpdateInstanceAssociationStatus',
          'ssm:UpdateInstanceInformation',
        ],
        Resource: '*',
      },
      {
        Effect: 'Allow',
        Action: ['CreateControlChannel', 'CreateDataChannel', 'OpenControlChannel', 'OpenDataChannel'].map(
          (one) => `ssmmessages:${one}`,
        ),
        Resource: '*',
      },
      {
        Effect: 'Allow',
        Action: ['AcknowledgeMessage', 'DeleteMessage', 'FailMessage', 'GetEndpoint', 'GetMessages', 'SendReply'].map(
          (one) => `ec2messages:${one}`,
        ),
        Resource: '*',
      },
    ],
  },
};

/** Every role of every template. */
export function rolesOf(deployments: readonly Deployment[]): readonly Role[] {
  return deployments.flatMap((deployment) =>
    deployment.stacks.flatMap((stack) =>
      Object.entries(stack.resources)
        .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
        .map(([id, resource]) => roleOf(deployment, stack, id, resource)),
    ),
  );
}

function roleOf(deployment: Deployment, stack: Deployed, id: string, { Properties = {} }: Resource): Role {
  const resolved = new Resolved(deployment, stack);
  const { Description = '', Path = '/', Policies = [], ManagedPolicyArns = [] } = Properties as RoleProperties;
  if (Properties.PermissionsBoundary !== undefined) throw new Error(`${id} has a boundary, which is not evaluated`);
  const inline = Policies.map(({ PolicyDocument }) => resolved.value(PolicyDocument) as Policy);
  const own = resolved.value({ Ref: id });
  const attached = Object.values(stack.resources).flatMap((one) => {
    const { Roles = [], PolicyDocument } = (one.Properties ?? {}) as AttachedProperties;
    if (
      !/^AWS::IAM::(Managed|Role)?Policy$/.test(one.Type) ||
      !(resolved.value(Roles) as string[]).includes(String(own))
    )
      return [];
    return [resolved.value(PolicyDocument) as Policy];
  });
  const managed = ManagedPolicyArns.map((one) => {
    const arn = resolved.text(one);
    const policy = MANAGED[arn];
    if (!policy) throw new Error(`${id} has ${arn}, which is not known here`);
    return policy;
  });
  return {
    title: `${deployment.name}: ${stack.stack} ${id}`,
    id,
    arn: resolved.text({ 'Fn::GetAtt': [id, 'Arn'] }),
    path: Path,
    description: Description,
    policy: merge([...inline, ...attached, ...managed]),
    trust: resolved.value(Properties.AssumeRolePolicyDocument) as Policy,
    deployment,
    stack,
    resolved,
  };
}

/** Every policy that is attached by whoever runs a host or a primary, as a role of theirs that has it and nothing else. */
export function holdersOf(deployments: readonly Deployment[]): readonly Role[] {
  return deployments.flatMap((deployment) =>
    deployment.stacks.flatMap((stack) =>
      Object.entries(stack.resources)
        .filter(([, { Type }]) => Type === 'AWS::IAM::ManagedPolicy')
        .map(([id, { Properties = {} }]): Role => {
          const resolved = new Resolved(deployment, stack);
          return {
            title: `${deployment.name}: ${stack.stack} ${id}`,
            id,
            arn: `arn:aws:iam::${stack.account}:role/theirs`,
            path: '/',
            description: String(Properties.Description),
            policy: resolved.value(Properties.PolicyDocument) as Policy,
            trust: { Version: '2012-10-17', Statement: [] },
            deployment,
            stack,
            resolved,
          };
        }),
    ),
  );
}

function merge(policies: readonly Policy[]): Policy {
  return { Version: '2012-10-17', Statement: policies.flatMap(({ Statement }) => Statement) };
}

interface RoleProperties {
  readonly Description?: string;
  readonly Path?: string;
  readonly Policies?: readonly { readonly PolicyDocument: unknown }[];
  readonly ManagedPolicyArns?: readonly unknown[];
}

interface AttachedProperties {
  readonly Roles?: readonly unknown[];
  readonly PolicyDocument?: unknown;
}
