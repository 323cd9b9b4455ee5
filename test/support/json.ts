import Ajv2020 from 'ajv/dist/2020';
import type { Tree, Value } from '../../lib/syntax';

/** A spec as JSON writes it: env.NAME is text. */
export function treeAsJson(tree: Tree): unknown {
  return Object.fromEntries([...tree].map(([name, entry]) => [name, valueAsJson(entry.value)]));
}

function valueAsJson(value: Value): unknown {
  switch (value.kind) {
    case 'string':
    case 'number':
    case 'boolean':
      return value.value;
    case 'env':
      return `env.${value.name}`;
    case 'list':
      return value.items.map(valueAsJson);
    case 'object':
      return Object.fromEntries([...value.entries].map(([key, entry]) => [key, valueAsJson(entry.value)]));
    case 'invalid':
      throw new Error('the spec has syntax errors');
  }
}

/** What a schema says against a document: `path: message`, worst last; none where it is valid. */
export function schemaErrors(schema: object): (document: unknown) => readonly string[] {
  const validate = new Ajv2020({ strict: true, strictRequired: false, allErrors: true, allowUnionTypes: true }).compile(
    schema,
  );
  return (document) => {
    validate(document);
    return (validate.errors ?? []).map((one) => `${one.instancePath}: ${one.message}`);
  };
}
