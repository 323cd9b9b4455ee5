import type { Acknowledgement } from './acknowledgements';

const TAKEN = /\/shared\/roles\/aws\.tasks\.[^/]+\/Resource$/;
const BASE = /\/shared\/roles\/(writer|copier|verifier|pruner|restorer)\/Resource\/Resource$/;

/**
 * The same where so many tasks share roles (decision 0017). What a role and the session policy of a task allow together
 * is proved in `shared-rights.test.ts`.
 */
export const SHARED_ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:s3:::[^/*]+\/([^*]+)?\*(\.manifest\.json)?\]$/,
    construct: TAKEN,
    reason: 'it covers the prefixes of its shard; the runner takes it with a session policy of one task’s own places',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:kms:[a-z0-9-]+:<AWS::AccountId>:key\/\*\]$/,
    construct: TAKEN,
    reason:
      'a key of another stack is known by its alias only; its use is bound to that alias, to S3 and to one bucket',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:iam::<AWS::AccountId>:role\/hypnoscript-shared\/[a-z0-9-]+\/[^/*]+\/(writer|copier|verifier|pruner|restorer)\/\*\]$/,
    construct: BASE,
    reason: 'the roles of its own work in its own shard, which have a path of their own',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:s3:::cdk-[^/*]+\/[^/*]+\/\*\.json\]$/,
    construct:
      /\/(shared\/roles\/(writer|copier|verifier|pruner|restorer)\/Resource|prober\/role|starts\/role)\/Resource$/,
    reason: 'manifests and lists of its own shard, whose names are their hashes',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    construct: /\/shared\/roles\/copier\/Resource\/Resource$/,
    reason: 'sts:GetWebIdentityToken knows no resources; audience and lifetime of the tokens are bound by conditions',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:secretsmanager:[^\]]+:secret:[^/*]+\/\*\]$/,
    construct: /\/shared\/roles\/secrets\/Resource$/,
    reason: 'secrets of the shard by their first folder; the runner takes the role with a session policy of one secret',
  },
  {
    id: /^AwsSolutions-ECS2$/,
    construct: /\/shared\/[^/]+\/definition\/Resource$/,
    reason: 'the variables are ARNs of the roles that it may take, and names by which it is known; none is a secret',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:ecs:[^\]]+:task-definition\/[^/*]+-\*:\*\]$/,
    construct: /\/machine\/role\/Resource$/,
    reason: 'any revision of the task definitions of this shard',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    construct: /\/starts\/role\/Resource$/,
    reason: 'delivery of logs, traces and metrics knows no resources',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:states:[^\]]+:execution:[^/*]+-starts[/:]\*\]$/,
    construct: /\/starts\/role\/Resource$/,
    reason: 'a Distributed Map starts and watches executions of its own machine, which the service names',
  },
  {
    id: /^AwsSolutions-SQS3$/,
    construct: /\/starts\/undelivered\/Resource\/Resource$/,
    reason: 'it is the dead-letter queue of the schedules, which the rule does not look at',
  },
];
