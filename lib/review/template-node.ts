/** A resource of a template that answers for plan nodes. */
export interface TemplateResource {
  readonly cloud: 'aws' | 'azure' | 'google';
  readonly stack: string;
  /** Logical id or address in its stack. */
  readonly id: string;
  readonly nodes: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

/** The resources of a CloudFormation template that carry node ids in their metadata. */
export function resourcesOfCloudFormation(stack: string, template: unknown): readonly TemplateResource[] {
  const own = nodesIn(at(template, 'Metadata', 'hypdr'));
  const resources = Object.entries(objectAt(template, 'Resources')).map(([id, resource]) => ({
    cloud: 'aws' as const,
    stack,
    id,
    nodes: nodesIn(at(resource, 'Metadata', 'hypdr')),
  }));
  return [{ cloud: 'aws' as const, stack, id: '', nodes: own }, ...resources].filter((one) => one.nodes.length > 0);
}

/** The same for a stack of Terraform in JSON, whose comments stand under the key `//`. */
export function resourcesOfTerraform(stack: string, template: unknown): readonly TemplateResource[] {
  const types = objectAt(template, 'resource');
  const cloud: TemplateResource['cloud'] = Object.keys(types).some((type) => type.startsWith('google_'))
    ? 'google'
    : 'azure';
  const own = nodesIn(at(template, '//', 'hypdr'));
  const resources = Object.entries(types).flatMap(([type, named]) =>
    Object.entries(named as Json).map(([name, resource]) => ({
      cloud,
      stack,
      id: `${type}.${name}`,
      nodes: nodesIn(at(resource, '//', 'hypdr')),
    })),
  );
  return [{ cloud: cloud as TemplateResource['cloud'], stack, id: '', nodes: own }, ...resources].filter(
    (one) => one.nodes.length > 0,
  );
}

function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Json)[key] : undefined),
    value,
  );
}

function objectAt(value: unknown, key: string): Json {
  const found = at(value, key);
  return typeof found === 'object' && found !== null ? (found as Json) : {};
}

function nodesIn(comment: unknown): readonly string[] {
  const nodes = at(comment, 'nodes');
  return Array.isArray(nodes) ? nodes.filter((one) => typeof one === 'string') : [];
}
