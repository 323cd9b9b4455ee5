import type { Construct } from 'constructs';
import type { GoogleTask } from '../contract/google-tasks';
import { TerraformVariable } from '../terraform';

/** A variable of a container. */
export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
}

type SourceCloud = GoogleTask['reads'][number];

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
    id: 'aws_copier_role_arn',
    cloud: 'aws',
    name: 'HYPDR_AWS_ROLE_ARN',
    description:
      'role on AWS under which copies are read there: the output GoogleCopierRole of its stack of copy readers',
    pattern: '^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$',
  },
  {
    id: 'azure_copier_tenant_id',
    cloud: 'azure',
    name: 'HYPDR_AZURE_TENANT_ID',
    description: 'tenant of the identity on Azure under which copies are read there',
    pattern: '^[0-9a-fA-F-]{36}$',
  },
  {
    id: 'azure_copier_client_id',
    cloud: 'azure',
    name: 'HYPDR_AZURE_CLIENT_ID',
    description: 'client id of the identity on Azure under which copies are read there',
    pattern: '^[0-9a-fA-F-]{36}$',
  },
];

/**
 * By what name a copy job is known in the clouds that it reads: names, and no secret. They exist after the other side
 * is deployed; until then they are empty, and the jobs say which store they could not read.
 */
export function copierInputs(
  scope: Construct,
  clouds: readonly SourceCloud[],
): readonly (EnvironmentVariable & { readonly cloud: SourceCloud })[] {
  return INPUTS.filter(({ cloud }) => clouds.includes(cloud)).map(({ id, cloud, name, description, pattern }) => {
    const variable = new TerraformVariable(scope, id, { type: 'string', nullable: false, default: '', description });
    variable.overrideLogicalId(id);
    variable.addValidation({
      condition: `\${var.${id} == "" || can(regex("${pattern}", var.${id}))}`,
      errorMessage: `It has to be empty, or the ${description.split(':')[0]}.`,
    });
    return { cloud, name, value: variable.stringValue };
  });
}
