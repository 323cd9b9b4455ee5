/** A finding of AWS Solutions that stands in our templates on purpose. */
export interface Acknowledgement {
  /** Id of the finding: the rule, and in brackets what it found. */
  readonly id: RegExp;
  /** Path of the construct, the stack's name first. */
  readonly construct: RegExp;
  readonly reason: string;
}

/** Every exception, on which constructs, and why. One that nothing needs any more fails the test. */
export const ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:s3:::[^/*]+\/\*\]$/,
    construct: /\/replication\/Role\/Resource\/Resource$/,
    reason: 'replication reads and writes any object of the two buckets that it is named for, and no other bucket',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:kms:[a-z0-9-]+:(\d{12}|<AWS::AccountId>):key\/\*\]$/,
    construct: /\/replication\/Role\/Resource\/Resource$/,
    reason:
      'a key of another stack is known by its alias only, which IAM takes as a condition (kms:ResourceAliases) and not as ' +
      'a resource; its use is bound to S3 and to one bucket besides',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::arn:aws:s3:::[^/*]+\/\*\]$/,
    construct: /\/backfill\/Role\/Resource$/,
    reason: 'a backfill starts the replication of any object of its bucket; the role can read none of them',
  },
  {
    id: /^AwsSolutions-IAM5\[Resource::<logs\w+\.Arn>\/backfill\/[^/*]+\/\*\]$/,
    construct: /\/backfill\/Role\/Resource$/,
    reason: 'S3 chooses the names of the reports of a backfill, below a prefix of its own',
  },
];
