import { CfnOutput, CfnParameter, Fn } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { AwsTask } from '../contract/aws-tasks';

type SourceCloud = AwsTask['reads'][number];

/** What containers of copy jobs are told of themselves, by the cloud that they read. */
export type CopierInputs = ReadonlyMap<SourceCloud, Readonly<Record<string, string>>>;

interface Input {
  readonly id: string;
  readonly cloud: SourceCloud;
  /** What the runner reads it as. */
  readonly name: string;
  readonly description: string;
  readonly pattern: string;
}

const INPUTS: readonly Input[] = [
  {
    id: 'AzureCopierTenantId',
    cloud: 'azure',
    name: 'HYPDR_AZURE_TENANT_ID',
    description: 'Tenant of the identity under which copies are read on Azure: the output copier_tenant_id there',
    pattern: '[0-9a-fA-F-]{36}',
  },
  {
    id: 'AzureCopierClientId',
    cloud: 'azure',
    name: 'HYPDR_AZURE_CLIENT_ID',
    description: 'Client id of that identity: the output aws_copier_client_id there',
    pattern: '[0-9a-fA-F-]{36}',
  },
  {
    id: 'GoogleCopierProvider',
    cloud: 'google',
    name: 'HYPDR_GOOGLE_PROVIDER',
    description: 'Provider of a workload identity pool on Google that takes the tokens of this account',
    pattern:
      '//iam[.]googleapis[.]com/projects/[0-9]+/locations/global/workloadIdentityPools/[a-z0-9-]+/providers/[a-z0-9-]+',
  },
];

/**
 * By what names copy jobs are known in the clouds that they read: parameters of the deployment, and no secret. They exist
 * after the other side is deployed; until then they are empty, and the jobs say what they could not read.
 */
export function copierInputs(scope: Construct, tasks: readonly AwsTask[]): CopierInputs {
  const clouds = tasks.flatMap(({ reads }) => reads);
  const inputs = new Map<SourceCloud, Record<string, string>>();
  for (const { id, cloud, name, description, pattern } of INPUTS.filter((one) => clouds.includes(one.cloud))) {
    const parameter = new CfnParameter(scope, id, {
      type: 'String',
      default: '',
      allowedPattern: `^(${pattern})?$`,
      description,
    });
    inputs.set(cloud, { ...inputs.get(cloud), [name]: parameter.valueAsString });
  }
  return inputs;
}

export interface Copier {
  readonly task: AwsTask;
  readonly runs: { readonly roles: { readonly writer?: IRole } };
}

/** Puts out who the copy jobs of a stack are to other clouds. */
export function tellCopiers(scope: Construct, tasks: readonly Copier[]): void {
  const arns = tasks
    .filter(({ task }) => task.reads.length > 0)
    .flatMap(({ runs }) => runs.roles.writer?.roleArn ?? []);
  if (arns.length === 0) return;
  new CfnOutput(scope, 'CopierSubjects', {
    value: Fn.join(',', arns),
    description: 'Who the copy jobs of this stack are to other clouds: aws_copier_subjects there',
  });
}
