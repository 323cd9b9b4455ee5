import type { BucketProperties, TemplateResource } from './template';
import type { RuleId } from './texts';

/** Where a rule is broken: the property, as the CDK's reports name places, and what stands there. */
export interface Breach {
  readonly location: string;
  readonly found: string;
}

/** A check of one resource. It sees the JSON that is deployed, whoever made it. */
export interface OwnRule {
  readonly id: RuleId;
  readonly check: (resource: TemplateResource) => readonly Breach[];
}

/** A rule of buckets only. */
export function bucketRule(id: RuleId, check: (bucket: BucketProperties) => readonly Breach[]): OwnRule {
  return { id, check: ({ bucket }) => (bucket === undefined ? [] : check(bucket)) };
}

/** The values that occur more than once, each once. */
export function repeated<T>(values: readonly T[]): T[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
