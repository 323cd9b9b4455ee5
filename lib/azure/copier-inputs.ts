import type { Construct } from 'constructs';
import type { AzureTask } from '../contract/azure-tasks';
import { input } from './input';

type SourceCloud = AzureTask['reads'][number];

interface Input {
  readonly id: string;
  readonly cloud: SourceCloud;
  /** What the runner reads it as. */
  readonly name: string;
  readonly description: string;
  readonly pattern: string;
}

const PROVIDER =
  '^//iam[.]googleapis[.]com/projects/[0-9]+/locations/global/workloadIdentityPools/[a-z0-9-]+/providers/[a-z0-9-]+$';
const INPUTS: readonly Input[] = [
  {
    id: 'aws_copier_role_arn',
    cloud: 'aws',
    name: 'HYPDR_AWS_ROLE_ARN',
    description:
      'role on AWS under which copies are read there: the output AzureCopierRole of its stack of copy readers',
    pattern: '^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$',
  },
  {
    id: 'aws_copier_audience',
    cloud: 'aws',
    name: 'HYPDR_AWS_AUDIENCE',
    description: 'application ID URI that stands for AWS in the tenant: the parameter AzureAudience of the same stack',
    pattern: '^[A-Za-z][A-Za-z0-9+.-]*://.{1,200}$',
  },
  {
    id: 'google_copier_provider',
    cloud: 'google',
    name: 'HYPDR_GOOGLE_PROVIDER',
    description: 'provider of a workload identity pool on Google that takes the tokens of this tenant',
    pattern: PROVIDER,
  },
  {
    id: 'google_copier_audience',
    cloud: 'google',
    name: 'HYPDR_GOOGLE_AUDIENCE',
    description: 'application ID URI that the provider takes as audience',
    pattern: '^[A-Za-z][A-Za-z0-9+.-]*://.{1,200}$',
  },
];

/**
 * By what names copy jobs are known in the clouds that they read: variables of their containers by cloud, and no secret.
 * They exist after the other side is deployed; until then they are empty, and the jobs say what they could not read.
 */
export function copierInputs(scope: Construct, clouds: readonly SourceCloud[]): void {
  for (const { id, description, pattern } of inputsOf(clouds)) {
    input(scope, id, {
      type: 'string',
      default: '',
      description,
      checks: [
        {
          condition: `\${var.${id} == "" || can(regex("${pattern}", var.${id}))}`,
          errorMessage: `it is empty, or the ${description.split(':')[0] ?? ''}`,
        },
      ],
    });
  }
}

/** What the container of a copy job is told of itself. */
export function copierEnvironment(clouds: readonly SourceCloud[]): Readonly<Record<string, string>> {
  return {
    HYPDR_IDENTITY: 'azure',
    ...Object.fromEntries(inputsOf(clouds).map(({ id, name }) => [name, `\${var.${id}}`])),
  };
}

function inputsOf(clouds: readonly SourceCloud[]): readonly Input[] {
  return INPUTS.filter(({ cloud }) => clouds.includes(cloud));
}
