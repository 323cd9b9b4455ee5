import type { Acknowledgement } from './acknowledgements';

const IDENTITY = /\/(database|compute)\/identity\/Resource\/Resource$/;

/** The same for the stacks of recovery sites. */
export const SITE_ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  {
    id: /^AwsSolutions-EC23$/,
    construct: /\/network\/balancer\/Resource$/,
    reason: 'the balancer of a site is there for its clients, wherever they are, on the port of the application',
  },
  {
    id: /^AwsSolutions-ELB2$/,
    construct: /\/balancer\/Resource$/,
    reason:
      'a network load balancer writes access logs for TLS only, which ends on the machines; flow logs have the rest',
  },
  {
    id: /^AwsSolutions-IAM4\[Policy::arn:<AWS::Partition>:iam::aws:policy\/AmazonSSMManagedInstanceCore\]$/,
    construct: IDENTITY,
    reason: 'what the agent of Systems Manager asks for, as its service keeps it up to date; there is no other way in',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    construct: IDENTITY,
    reason: 'cloudwatch:PutMetricData knows no resources; the namespace is bound by a condition',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:(s3:::[^/*]+\/[^*]+\*(\.manifest\.json)?|kms:[a-z0-9-]+:<AWS::AccountId>:key\/\*)\]$/,
    construct: /\/database\/identity\/Resource(\/DefaultPolicy)?\/Resource$/,
    reason:
      'names of backups carry the slot and a random attempt; a key of another stack is known by its alias only, and its ' +
      'use is bound to S3 and to one bucket',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::<archive\w+[.]Arn>\/[^/*]+\/\*\]$/,
    construct: /\/(database\/identity\/Resource|lease\/primary)\/Resource$/,
    reason: 'segments of the log, which the primary names by their position',
  },
  {
    id: /^AwsSolutions-EC26$/,
    construct: /\/database\/machines\/machine-\d$/,
    reason: 'disks stand in the launch template and are encrypted there, the data volume on its own',
  },
  {
    id: /^AwsSolutions-EC28$/,
    construct: /\/database\/machines\/machine-\d$/,
    reason: 'detailed monitoring is switched on in the launch template',
  },
  {
    id: /^AwsSolutions-EC29$/,
    construct: /\/database\/machines\/machine-\d$/,
    reason: 'a protected machine could not be made anew by its owner; what it holds lies on a volume that is retained',
  },
  {
    id: /^AwsSolutions-SQS3$/,
    construct: /\/restores\/undelivered\/Resource\/Resource$/,
    reason: 'it is the dead-letter queue of the schedule, which the rule does not look at',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:ec2:[^\]]+:instance\/\*\]$/,
    construct: /\/restores\/role\/Resource$/,
    reason: 'a machine that carries the tag of the site, by a condition: its id changes when it is made anew',
  },
  {
    id: /^AwsSolutions-RDS2$/,
    construct: /\/replica\/Resource$/,
    reason: 'a replica is encrypted as its source is, by a key that is given; to say so besides is refused',
  },
  {
    id: /^AwsSolutions-RDS3$/,
    construct: /\/replica\/Resource$/,
    reason: 'as the spec says: a replica in one zone where it asks for no more',
  },
  {
    id: /^AwsSolutions-RDS11$/,
    construct: /\/replica\/Resource$/,
    reason: 'a replica has the port of its source; nobody but the machines of the site reaches it',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    construct: /\/activation\/(de)?activate\/role\/Resource$/,
    reason: 'delivery of logs and traces knows no resources, nor do the questions that a workflow asks',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    construct: /\/active\/report\/role\/Resource$/,
    reason:
      'delivery of logs and traces knows no resources, nor does PutMetricData, whose namespace is bound by a condition',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::(arn:aws:ec2:[^\]]+:instance\/\*|<leasestate\w+[.]Arn>\/records\/\*)\]$/,
    construct: /\/activation\/(de)?activate\/role\/Resource$/,
    reason: 'machines that carry the tag of the site, by a condition; records, which are named by their execution',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:autoscaling:[^\]]+:autoScalingGroup:\*:autoScalingGroupName\/[^*]+\]$/,
    construct: /\/activation\/(de)?activate\/role\/Resource$/,
    reason: 'the group of the site by its name; the service puts an id of its own before it',
  },
];
