import type { AwsTaskShard } from '../contract/aws-tasks';

/** What the state machine of tasks names in its own region. */
export interface StateMachineNames {
  readonly partition: string;
  /** ARN of the cluster. */
  readonly cluster: string;
  readonly subnets: readonly string[];
  readonly securityGroup: string;
  /** Table of the starts that were delivered. */
  readonly table: string;
  /** ARN of the topic that is told of every outcome but success. */
  readonly topic: string;
  /** Namespace of the metrics. */
  readonly namespace: string;
  /** Where copy jobs run. @default - no task of this machine is one */
  readonly copies?: CopyNetwork | undefined;
  /** Whether tasks share roles, so that a container is told what it does. @default - each has its own */
  readonly sharedRoles?: boolean;
  /** ARN of the key that signs records. @default - no task of this machine is test-restored */
  readonly recordKey?: string | undefined;
  /** What a container has for a test restore. @default - no task of this machine is test-restored */
  readonly testRestores?: AwsTaskShard['testRestores'];
  /** Whether a task of this machine asks for archived data before it is test-restored. @default false */
  readonly thaws?: boolean;
  /** @default - no task of this machine runs on a host */
  readonly hosts?: HostNames | undefined;
}

/** A network with a way to other clouds. */
export interface CopyNetwork {
  readonly subnets: readonly string[];
  readonly securityGroup: string;
  /** Whether containers need an address of their own to get out. */
  readonly publicAddress: boolean;
}

/** What starts runs on hosts, and where their output goes. */
export interface HostNames {
  /** Name of the document that Run Command executes. */
  readonly document: string;
  readonly logGroup: string;
}
