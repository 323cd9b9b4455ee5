import { CfnOutput, CfnParameter, Fn } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { AwsTask } from '../contract/aws-tasks';
import { copierInputsOf } from '../contract/copier-inputs';

/**
 * By what names copy jobs are known in the clouds that they read: parameters of the deployment. They exist after the other
 * side is deployed; until then they are empty, and the jobs say which store they could not read.
 */
export function addCopierInputs(scope: Construct, tasks: readonly AwsTask[]): void {
  const reads = tasks.flatMap((task) => task.reads);
  for (const { name, pattern, description } of copierInputsOf('aws', reads)) {
    new CfnParameter(scope, parameterOf(name), {
      type: 'String',
      default: '',
      allowedPattern: `^(${pattern})?$`,
      description,
    });
  }
}

/** What the container of a copy job is told of itself. */
export function copierEnvironment({ reads }: AwsTask): Readonly<Record<string, string>> {
  const known = copierInputsOf('aws', reads).map(
    ({ name, variable }) => [variable, Fn.ref(parameterOf(name))] as const,
  );
  return { HYPDR_IDENTITY: 'aws', ...Object.fromEntries(known) };
}

/** Names of parameters have letters and digits only: `AzureCopierTenantId`. */
function parameterOf(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

export interface Copier {
  readonly task: AwsTask;
  readonly runs: { readonly roles: { readonly writer?: IRole } };
}

/** Puts out who the copy jobs of a stack are to other clouds. */
export function tellCopiers(scope: Construct, tasks: readonly Copier[]): void {
  const copiers = tasks.filter(({ task }) => task.reads.length > 0);
  const arns = [...new Set(copiers.flatMap(({ runs }) => runs.roles.writer?.roleArn ?? []))];
  if (arns.length === 0) return;
  new CfnOutput(scope, 'CopierSubjects', {
    value: Fn.join(',', arns),
    description: 'Who the copy jobs of this stack are to other clouds: aws_copier_subjects there',
  });
}
