import type { Construct } from 'constructs';
import type { AzureTask } from '../contract/azure-tasks';
import { copierInputsOf } from '../contract/copier-inputs';
import { input } from './input';

/**
 * By what names copy jobs are known in the clouds that they read. They exist after the other side is deployed; until then
 * they are empty, and the jobs say which store they could not read.
 */
export function addCopierInputs(scope: Construct, tasks: readonly AzureTask[]): void {
  const reads = tasks.flatMap((task) => task.reads);
  for (const { name, pattern, description } of copierInputsOf('azure', reads)) {
    input(scope, name, {
      type: 'string',
      default: '',
      description,
      checks: [
        {
          condition: `\${can(regex("^(${pattern})?$", var.${name}))}`,
          errorMessage: `it is empty, or the ${description.split(':')[0] ?? ''}`,
        },
      ],
    });
  }
}

/** What the container of a copy job is told of itself. */
export function copierEnvironment({ reads }: AzureTask): Readonly<Record<string, string>> {
  const known = copierInputsOf('azure', reads).map(({ name, variable }) => [variable, `\${var.${name}}`] as const);
  return { HYPDR_IDENTITY: 'azure', ...Object.fromEntries(known) };
}
