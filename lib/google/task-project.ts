import { DataGoogleProject } from '@cdktf/provider-google/lib/data-google-project';
import type { Construct } from 'constructs';
import { roleId } from './task-names';
import type { Right } from './task-names';

/** The project that a stack of tasks is in, as it is known when Terraform runs, and what is named after it. */
export interface TaskProject {
  readonly id: string;
  readonly region: string;
  /** Name of the bucket of task manifests: names of buckets are global, numbers of projects are nobody else's. */
  readonly configBucket: string;
  /** Full name of the custom role of a right. */
  role(right: Right): string;
  /** Address of a service account. */
  email(accountId: string): string;
}

export interface TaskProjectProps {
  readonly prefix: string;
  readonly region: string;
  readonly configBucket: string;
}

export function findProject(scope: Construct, props: TaskProjectProps): TaskProject {
  const project = new DataGoogleProject(scope, 'project');
  const id = project.projectId;
  return {
    id,
    region: props.region,
    configBucket: `${props.configBucket}-${project.number}`,
    role: (right) => `projects/${id}/roles/${roleId(props, right)}`,
    email: (accountId) => `${accountId}@${id}.iam.gserviceaccount.com`,
  };
}
