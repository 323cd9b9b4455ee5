import type { Acknowledgement } from './acknowledgements';

const TASK_ROLE =
  /\/(task-[^/]+\/((writer|copier|verifier|pruner|restorer|thawer)\/Resource|host)|reader-[a-z]+\/Resource)\/Resource$/;

/** The same for the stacks of tasks. What each identity may do is proved in `rights.test.ts`. */
export const TASK_ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:s3:::[^/*]+\/[^*]+\*(\.manifest\.json)?\]$/,
    construct: TASK_ROLE,
    reason: 'names of objects carry the slot and a random attempt: an identity is bound to the prefix of its data set',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:kms:[a-z0-9-]+:(\d{12}|<AWS::AccountId>):key\/\*\]$/,
    construct:
      /\/(task-[^/]+\/((writer|copier|verifier|pruner|restorer|thawer)\/Resource|host)|prober\/role|reader-[a-z]+\/Resource)\/Resource$/,
    reason:
      'a key of another stack is known by its alias only; its use is bound to that alias, to S3 and to one bucket',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    construct: /\/task-[^/]+\/copier\/Resource\/Resource$/,
    reason: 'sts:GetWebIdentityToken knows no resources; audience and lifetime of the tokens are bound by conditions',
  },
  {
    id: /^AwsSolutions-ECS2$/,
    construct: /\/task-[^/]+\/definition\/Resource$/,
    reason: 'the variables of a copy job are the names by which it is known in other clouds; none of them is a secret',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    construct: /\/execution\/DefaultPolicy\/Resource$/,
    reason: 'ecr:GetAuthorizationToken knows no resources',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    construct: /\/machine\/role\/Resource$/,
    reason:
      'delivery of logs, traces and metrics knows no resources, nor do questions after a command; tasks are bound to the ' +
      'cluster by a condition',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:(ec2:[^\]]+:instance|ssm:[^\]]+:managed-instance)\/\*\]$/,
    construct: /\/machine\/role\/Resource$/,
    reason: 'any machine that carries the tag of a task, by a condition, and only by the document of this shard',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:logs:[^\]]+:log-group:(\/hypnoscript\/[^\]]+\/hosts:)?\*\]$/,
    construct: /\/task-[^/]+\/host\/Resource$/,
    reason:
      'streams of the log of hosts, whose names the service chooses; it looks for the group among all of the region',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:ecs:[^\]]+:task-definition\/[^/*]+:\*\]$/,
    construct: /\/machine\/role\/Resource$/,
    reason: 'any revision of the task definitions of this shard',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:iam::[^\]]+:role\/hypnoscript\/[a-z0-9-]+\/[^/*]+\/\*\]$/,
    construct: /\/machine\/role\/Resource$/,
    reason: 'the roles of this shard, which have a path of their own; they are handed to ECS only',
  },
  {
    id: /^AwsSolutions-SQS3$/,
    construct: /\/schedules\/undelivered\/Resource\/Resource$/,
    reason: 'it is the dead-letter queue of the schedules, which the rule does not look at',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:(logs:[^\]]+:\*|s3:::[^/*]+\/_verified\/\*)\]$/,
    construct: /\/prober\/role\/Resource$/,
    reason: 'streams of its own log; entries of the ledgers, whose names carry the slot',
  },
];
