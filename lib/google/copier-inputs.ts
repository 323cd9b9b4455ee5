import type { Construct } from 'constructs';
import { copierInputsOf } from '../contract/copier-inputs';
import type { GoogleTask } from '../contract/google-tasks';
import { TerraformVariable } from '../terraform';

/**
 * By what names copy jobs are known in the clouds that they read. They exist after the other side is deployed; until then
 * they are empty, and the jobs say which store they could not read.
 */
export function addCopierInputs(scope: Construct, tasks: readonly GoogleTask[]): void {
  const reads = tasks.flatMap((task) => task.reads);
  for (const { name, pattern, description } of copierInputsOf('google', reads)) {
    const variable = new TerraformVariable(scope, name, { type: 'string', nullable: false, default: '', description });
    variable.overrideLogicalId(name);
    variable.addValidation({
      condition: `\${can(regex("^(${pattern})?$", var.${name}))}`,
      errorMessage: `It has to be empty, or the ${description.split(':')[0] ?? ''}.`,
    });
  }
}

/** What the container of a copy job is told of itself. */
export function copierEnvironment({ reads }: GoogleTask): Readonly<Record<string, string>> {
  const known = copierInputsOf('google', reads).map(({ name, variable }) => [variable, `\${var.${name}}`] as const);
  return { HYPDR_IDENTITY: 'google', ...Object.fromEntries(known) };
}
