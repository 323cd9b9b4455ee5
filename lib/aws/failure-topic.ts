import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

export interface FailureTopicProps {
  readonly topicName: string;
  readonly key: IKey;
}

/** Where every outcome but success is told. Who listens is the operator's to subscribe. */
export class FailureTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { topicName, key }: FailureTopicProps) {
    super(scope, id);
    const { account } = Stack.of(this);
    this.topic = new Topic(this, 'Resource', { topicName, masterKey: key, enforceSSL: true });
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AllowAlarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    );
  }
}
