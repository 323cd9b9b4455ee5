export type JsonValue = string | number | boolean | null | undefined | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** The part of a synthesized stack that rules look at. */
export interface StackJson {
  readonly terraform?: JsonObject;
  readonly provider?: JsonObject;
  readonly resource?: { readonly [type: string]: { readonly [name: string]: JsonObject } };
}

export interface Resource {
  /** As in Terraform's messages: `type.name`. */
  readonly address: string;
  readonly body: JsonObject;
}

/** The stack's resources of a type, in the template's order. */
export function resourcesOf(stack: StackJson, type: string): readonly Resource[] {
  return Object.entries(stack.resource?.[type] ?? {}).map(([name, body]) => ({ address: `${type}.${name}`, body }));
}

/** The value under a dotted path; a block that stands alone and a list with that one block read the same. */
export function valueAt(body: JsonObject, path: string): JsonValue {
  return path.split('.').reduce<JsonValue>((value, key) => asObject(value)?.[key], body);
}

export function asObject(value: JsonValue): JsonObject | undefined {
  const single = Array.isArray(value) && value.length === 1 ? (value as readonly JsonValue[])[0] : value;
  return typeof single === 'object' && single !== null && !Array.isArray(single) ? (single as JsonObject) : undefined;
}

/** The blocks under a path: none, one or a list of them. */
export function blocksAt(body: JsonObject, path: string): readonly JsonObject[] {
  const value = valueAt(body, path);
  const list = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  return list.flatMap((item) => {
    const block = asObject(item);
    return block === undefined ? [] : [block];
  });
}

/** The strings under a path that Terraform takes as they stand; expressions are known at deployment only. */
export function literalsAt(body: JsonObject, path: string): readonly string[] {
  const value = valueAt(body, path);
  const list = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  return list.filter((item): item is string => typeof item === 'string' && !isExpression(item));
}

export function numberAt(body: JsonObject, path: string): number | undefined {
  const value = valueAt(body, path);
  return typeof value === 'number' ? value : undefined;
}

/** Address of the resource that an expression like `${type.name.id}` stands for. */
export function referencedAddress(value: JsonValue): string | undefined {
  return typeof value === 'string' ? /\$\{([a-z_0-9]+\.[\w-]+)\./.exec(value)?.[1] : undefined;
}

function isExpression(text: string): boolean {
  return /(?<!\$)\$\{/.test(text);
}

/** Whether Terraform leaves a value as it finds it: `lifecycle.ignore_changes` has its name. */
export function ignores({ body }: Resource, name: string): boolean {
  const value = valueAt(body, 'lifecycle.ignore_changes');
  return value === 'all' || (Array.isArray(value) && (value as readonly JsonValue[]).includes(name));
}

/** Whether a resource is part of a recovery site, by the plan's node that it carries: it holds no backups. */
export function isOfSite({ body }: Resource): boolean {
  const nodes = valueAt(body, '//.hypdr.nodes');
  const ids = Array.isArray(nodes) ? (nodes as readonly JsonValue[]) : [];
  return ids.length > 0 && ids.every((id) => String(id).startsWith('site.'));
}
