/** The yardstick for AWS: an ordinary CDK app with five buckets. */
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';

const app = new App();
const stack = new Stack(app, 'five-buckets', { env: { region: 'eu-west-1' } });
for (const name of ['one', 'two', 'three', 'four', 'five']) {
  new Bucket(stack, name, {
    versioned: true,
    enforceSSL: true,
    encryption: BucketEncryption.KMS,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    removalPolicy: RemovalPolicy.RETAIN,
  });
}
app.synth();
