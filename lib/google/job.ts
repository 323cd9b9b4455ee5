import { CloudRunV2Job } from '@cdktf/provider-google/lib/cloud-run-v2-job';
import type { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import type { Construct } from 'constructs';
import type { GoogleTaskNetwork } from '../contract/google-tasks';
import type { ITerraformDependable } from '../terraform';
import { vpcAccessOf } from './network';
import type { TaskProject } from './task-project';

export interface RunnerJobProps {
  readonly project: TaskProject;
  readonly name: string;
  /** What it acts as. */
  readonly account: ServiceAccount;
  /** Image by digest. */
  readonly image: string;
  /** Arguments of the runner. */
  readonly args: readonly string[];
  /** Variables, none of them a secret. @default - none */
  readonly environment?: Readonly<Record<string, string>>;
  readonly cpu: string;
  readonly memory: string;
  readonly longestSeconds: number;
  /** @default - none: it reaches the Internet, and nothing of a network */
  readonly network?: GoogleTaskNetwork | undefined;
  readonly after: readonly ITerraformDependable[];
}

/** The runner as a job of Cloud Run: once, as one identity, and never again by itself. */
export function runnerJob(scope: Construct, id: string, props: RunnerJobProps): CloudRunV2Job {
  const { project, image, args, environment = {}, cpu, memory, network } = props;
  const env = Object.entries(environment).map(([name, value]) => ({ name, value }));
  return new CloudRunV2Job(scope, id, {
    name: props.name,
    location: project.region,
    // It holds nothing: a task that leaves the spec takes its jobs along.
    deletionProtection: false,
    template: {
      taskCount: 1,
      template: {
        serviceAccount: props.account.email,
        executionEnvironment: 'EXECUTION_ENVIRONMENT_GEN2',
        // What is worth another try is the workflow's to say.
        maxRetries: 0,
        timeout: `${props.longestSeconds}s`,
        containers: [
          { image, args: [...args], ...(env.length > 0 && { env }), resources: { limits: { cpu, memory } } },
        ],
        ...(network && { vpcAccess: vpcAccessOf(network) }),
      },
    },
    dependsOn: [...props.after],
  });
}
