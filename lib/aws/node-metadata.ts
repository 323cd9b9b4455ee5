import type { Stack } from 'aws-cdk-lib';
import { CfnResource } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Key of the ids of plan nodes in CloudFormation's `Metadata`; the trace is read from there. */
export const NODE_METADATA = 'hypdr';

/** Says which nodes of the plan the main resource of a construct answers for. */
export function answerFor(construct: IConstruct, nodes: readonly string[]): void {
  cfnResourceOf(construct).addMetadata(NODE_METADATA, { nodes: sortedOnce(nodes) });
}

/** The same for a stack as a whole, in the `Metadata` of its template. */
export function stackAnswersFor(stack: Stack, nodes: readonly string[]): void {
  stack.addMetadata(NODE_METADATA, { nodes: sortedOnce(nodes) });
}

/** The CloudFormation resource behind a construct of the library: itself or its primary child. */
export function cfnResourceOf(construct: IConstruct): CfnResource {
  const candidate = CfnResource.isCfnResource(construct) ? construct : construct.node.defaultChild;
  if (candidate === undefined || !CfnResource.isCfnResource(candidate)) {
    throw new Error(`'${construct.node.path}' has no resource of its own`);
  }
  return candidate;
}

function sortedOnce(nodes: readonly string[]): string[] {
  return [...new Set(nodes)].sort();
}
