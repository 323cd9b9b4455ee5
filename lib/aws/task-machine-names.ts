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
}
