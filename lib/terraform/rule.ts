import {
  literalsAt,
  numberAt,
  valueAt,
  type JsonObject,
  type JsonValue,
  type Resource,
  type StackJson,
} from './stack-json';

/** What a rule says about one resource of a stack. */
export interface RuleFinding {
  /** `type.name` of the resource, `provider.<name>` or `terraform`. */
  readonly address: string;
  /** Id of the rule. */
  readonly rule: string;
  readonly message: string;
}

/** One thing that a template may get wrong and Terraform's schema can't see. */
export interface OwnRule {
  readonly id: string;
  /** Who refuses the value: the provider while it plans, only the service while it applies, or nobody at all. */
  readonly refusedBy: 'provider' | 'service' | 'nobody';
  readonly check: (stack: StackJson) => readonly Complaint[];
}

export interface Complaint {
  readonly address: string;
  readonly message: string;
}

export function complain(resource: Resource, message: string): Complaint {
  return { address: resource.address, message };
}

/** Complains about each literal under the path that does not match. */
export function mustMatch(resource: Resource, path: string, form: RegExp, says: string): readonly Complaint[] {
  return literalsAt(resource.body, path)
    .filter((text) => !form.test(text))
    .map((text) => complain(resource, `${path} "${text}" ${says}`));
}

/** Complains about a number outside of the range; what is absent is left to the schema. */
export function mustBeWithin(resource: Resource, path: string, low: number, high: number): readonly Complaint[] {
  const value = numberAt(resource.body, path);
  return value === undefined || (Number.isInteger(value) && value >= low && value <= high)
    ? []
    : [complain(resource, `${path} is ${value}, allowed are ${low} to ${high}`)];
}

/** Complains where the value under the path is another one, or absent. */
export function mustBe(resource: Resource, path: string, wanted: JsonValue): readonly Complaint[] {
  const found = valueAt(resource.body, path);
  return found === wanted ? [] : [complain(resource, `${path} is ${show(found)}, has to be ${show(wanted)}`)];
}

/** The names of the given days, in order, each with the next where the next comes no later. */
export function outOfOrder(days: readonly (readonly [string, number | undefined])[]): readonly string[] {
  const given = days.filter((entry): entry is [string, number] => entry[1] !== undefined);
  return given.slice(1).flatMap(([name, day], index) => {
    const before = given[index];
    return before !== undefined && before[1] >= day
      ? [`${before[0]} after ${before[1]} days, ${name} after ${day}`]
      : [];
  });
}

export function textAt(body: JsonObject, path: string): string {
  const value = valueAt(body, path);
  return typeof value === 'string' ? value : '';
}

function show(value: JsonValue): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}
