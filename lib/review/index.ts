export { resourcesOfCloudFormation, resourcesOfTerraform } from './template-node';
export type { TemplateResource } from './template-node';
export { traceOf } from './trace';
export type { Becomes, LeafInput, Trace, TracedLeaf } from './trace';
