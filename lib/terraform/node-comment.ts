import type { TerraformResource, TerraformStack } from 'cdktf';

/** What the `//` comment of a stack or resource says about the ProtectionPlan. */
export interface NodeComment {
  readonly nodes: readonly string[];
}

/**
 * Writes the ids of the plan's nodes into the `//` comment of a resource or of the stack itself, so that the trace
 * can be read from the templates: `"//": { "hypdr": { "nodes": [...] }, "metadata": {...} }`.
 *
 * Not for data sources: CDKTF overwrites their comment. Terraform ignores `//` at the top and inside of blocks.
 * @see https://developer.hashicorp.com/terraform/language/syntax/json#comment-properties
 */
export function nodeComment(element: TerraformResource | TerraformStack, ids: readonly string[]): void {
  const comment: NodeComment = { nodes: [...new Set(ids)].sort() };
  element.addOverride('//.hypdr', comment);
}
