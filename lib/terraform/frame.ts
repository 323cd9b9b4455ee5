import type { TerraformStack } from 'cdktf';
import type { TerraformBackend } from '../contract/terraform';
import { configureBackend } from './backend';
import { nodeComment } from './node-comment';

/** Oldest Terraform that can read the templates: `use_lockfile` of the S3 backend. */
export const TERRAFORM_VERSION = '>= 1.10.0';

export interface StackFrame {
  /** Id of the stack's node in the plan. */
  readonly id: string;
  readonly name: string;
  readonly backend: TerraformBackend;
}

/**
 * What every Terraform stack of ours has, whatever it holds: a backend, the oldest Terraform version, its node's id.
 * A function and not a base class, so that a stack of somebody else's can be framed too.
 */
export function frameStack(stack: TerraformStack, frame: StackFrame): void {
  configureBackend(stack, frame.backend, frame.name);
  stack.addOverride('terraform.required_version', TERRAFORM_VERSION);
  nodeComment(stack, [frame.id]);
  // CDKTF lists each override once per resource there: our comments, again and again.
  stack.addOverride('//.metadata.overrides', undefined);
}
