import { RemovalPolicy } from 'aws-cdk-lib';

/**
 * Stays when its stack goes or no longer has it, and goes with the operation that made it when that fails: its name would
 * stop the next try, and there is nothing in it yet. A bucket that has something in it is not deleted by S3 in any case.
 * Keys are kept without that exception, since what a lost key has encrypted is lost, and they collide with nothing.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
 */
export const KEPT = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
