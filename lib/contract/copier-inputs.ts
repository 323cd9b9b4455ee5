/** A cloud whose copy jobs are told by what names they are known in another one. */
export type CopierCloud = 'aws' | 'azure' | 'google';

/** What only a deployment can tell a copy job: a name, and no secret. */
export interface CopierInput {
  /** The cloud that is read. */
  readonly reads: CopierCloud;
  /** Name of the input, in words with `_` between them. */
  readonly name: string;
  /** Variable of the container, which the runner reads. */
  readonly variable: string;
  /** Regular expression of its values, without anchors; empty is one too, until the other side is deployed. */
  readonly pattern: string;
  readonly description: string;
}

interface Row extends CopierInput {
  /** Clouds whose jobs need it. */
  readonly jobs: readonly CopierCloud[];
}

const ID = '[0-9a-fA-F-]{36}';
const APPLICATION = '[A-Za-z][A-Za-z0-9+.-]*://.{1,200}';
const INPUTS: readonly Row[] = [
  {
    jobs: ['azure', 'google'],
    reads: 'aws',
    name: 'aws_copier_role_arn',
    variable: 'HYPDR_AWS_ROLE_ARN',
    pattern: 'arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+',
    description: 'role under which copies are read on AWS: the output for this cloud of its stack of copy readers',
  },
  {
    jobs: ['azure'],
    reads: 'aws',
    name: 'aws_copier_audience',
    variable: 'HYPDR_AWS_AUDIENCE',
    pattern: APPLICATION,
    description: 'application ID URI that stands for AWS in the tenant: the parameter AzureAudience of the same stack',
  },
  {
    jobs: ['aws', 'google'],
    reads: 'azure',
    name: 'azure_copier_tenant_id',
    variable: 'HYPDR_AZURE_TENANT_ID',
    pattern: ID,
    description:
      'tenant of the identity under which copies are read on Azure: the output copier_tenant_id of its copy readers',
  },
  {
    jobs: ['aws', 'google'],
    reads: 'azure',
    name: 'azure_copier_client_id',
    variable: 'HYPDR_AZURE_CLIENT_ID',
    pattern: ID,
    description: 'client id of that identity: the output for this cloud of the same stack',
  },
  {
    jobs: ['aws', 'azure'],
    reads: 'google',
    name: 'google_copier_provider',
    variable: 'HYPDR_GOOGLE_PROVIDER',
    pattern:
      '//iam[.]googleapis[.]com/projects/[0-9]+/locations/global/workloadIdentityPools/[a-z0-9-]+/providers/[a-z0-9-]+',
    description:
      'provider of the pool that takes the tokens of this cloud on Google: the output for this cloud of its stack of copy readers',
  },
  {
    jobs: ['azure'],
    reads: 'google',
    name: 'google_copier_audience',
    variable: 'HYPDR_GOOGLE_AUDIENCE',
    pattern: APPLICATION,
    description:
      'application ID URI that stands for Google in the tenant: the variable azure_copier_audience of the same stack',
  },
];

/** What jobs of a cloud that read others are to be told. */
export function copierInputsOf(job: CopierCloud, reads: readonly CopierCloud[]): readonly CopierInput[] {
  return INPUTS.filter((one) => one.jobs.includes(job) && reads.includes(one.reads));
}
