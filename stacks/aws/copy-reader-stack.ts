import type { App } from 'aws-cdk-lib';
import { CfnOutput, CfnParameter, Stack } from 'aws-cdk-lib';
import { CopyReader } from '../../lib/aws/copy-reader';
import { stackAnswersFor } from '../../lib/aws/node-metadata';
import type { AwsReader, AwsReaderStack } from '../../lib/contract/aws-readers';

/** What nobody is called: the role waits until a job of the other cloud is named. */
const NOBODY = 'nobody';

/** Names of parameters and outputs by the cloud whose jobs they are about. */
const CLOUD: Readonly<Record<AwsReader['cloud'], string>> = { azure: 'Azure', google: 'Google' };

/** What copy jobs of other clouds may read here. Who they are is known when they exist: a parameter of a deployment. */
export class CopyReaderStack extends Stack {
  constructor(app: App, plan: AwsReaderStack) {
    super(app, plan.name, {
      env: { region: plan.region, account: plan.account },
      description: 'what copy jobs of other clouds read',
      terminationProtection: true,
    });
    for (const reader of plan.readers) {
      const name = CLOUD[reader.cloud];
      const subjects = new CfnParameter(this, `${name}Copiers`, {
        type: 'CommaDelimitedList',
        default: NOBODY,
        description: `Subjects of the copy jobs on ${name}: what its stacks put out as copier_subjects`,
      });
      const { role } = new CopyReader(this, `reader-${reader.cloud}`, {
        reader,
        subjects,
        audience: this.#audience(reader),
      });
      new CfnOutput(this, `${name}CopierRole`, {
        value: role.roleArn,
        description: `aws_copier_role_arn of the stacks on ${name}`,
      });
    }
    stackAnswersFor(this, [plan.id]);
  }

  /** Entra ID gives tokens for applications: the operator makes one that stands for AWS. */
  #audience({ cloud }: AwsReader): string {
    if (cloud === 'google') return 'sts.amazonaws.com';
    return new CfnParameter(this, 'AzureAudience', {
      type: 'String',
      default: 'api://hypnoscript-dr-aws',
      allowedPattern: '^[A-Za-z][A-Za-z0-9+.-]*://.{1,200}$',
      description: 'Application ID URI for which the copy jobs on Azure ask their tokens',
    }).valueAsString;
  }
}
