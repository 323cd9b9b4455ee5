import { TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';

export interface InputProps {
  readonly type: string;
  readonly description: string;
  readonly default?: unknown;
  /** What holds for a value, as an expression of Terraform, and what to do where it does not. */
  readonly checks: readonly { readonly condition: string; readonly errorMessage: string }[];
}

/** A value that only the operator knows, under its own name on the command line, checked before anything is asked of a cloud. */
export function input(scope: Construct, name: string, props: InputProps): TerraformVariable {
  const variable = new TerraformVariable(scope, name, {
    type: props.type,
    description: props.description,
    nullable: false,
    ...(props.default !== undefined && { default: props.default }),
    validation: props.checks.map(({ condition, errorMessage }) => ({ condition, errorMessage })),
  });
  variable.overrideLogicalId(name);
  return variable;
}
