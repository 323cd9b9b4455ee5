import { TerraformStack } from 'cdktf';
import type { TerraformApp } from './app';
import { checkStack, type RuleFinding } from './own-rules';
import type { StackJson } from './stack-json';

/** A value in a stack's template that breaks a rule of ours. */
export interface StackFinding extends RuleFinding {
  readonly stack: string;
}

/** Rules about values that work, and that the plan has told of (DR3048): deletion waits for the lock. */
const BUILT_AS_WRITTEN = ['azure-delete-before-lock-ends', 'google-delete-before-lock-ends'];

/** Writes the app's templates and returns what our own rules say about them, in the order of the stacks. */
export function synthTerraform(app: TerraformApp): readonly StackFinding[] {
  app.synth();
  return app.node.children.filter(TerraformStack.isStack).flatMap((stack) => {
    const template = stack.toTerraform() as StackJson;
    return checkStack(template)
      .filter(({ rule }) => !BUILT_AS_WRITTEN.includes(rule))
      .map((finding) => ({ stack: stack.node.id, ...finding }));
  });
}
