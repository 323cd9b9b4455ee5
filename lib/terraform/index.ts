export {
  Fn,
  AssetType,
  TerraformAsset,
  TerraformOutput,
  TerraformStack,
  TerraformVariable,
  type ITerraformDependable,
} from 'cdktf';
export { createTerraformApp, type TerraformApp, type TerraformAppProps } from './app';
export { configureBackend } from './backend';
export { frameStack, TERRAFORM_VERSION, type StackFrame } from './frame';
export { takesHyperdiskOnly } from './google-series';
export { imageBuildCommand } from './image-build';
export { input, type InputProps } from './input';
export { nodeComment, type NodeComment } from './node-comment';
export { checkStack, ownRules, type RuleFinding } from './own-rules';
export { synthTerraform, type StackFinding } from './synth';
export { escapeTemplate } from './template';
