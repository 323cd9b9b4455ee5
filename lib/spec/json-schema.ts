import { BLOCKS } from './spec';
import type { FieldShape, LeafShape, ObjectShape, Shape } from './type';
import { FREE_NAME } from './structure';

type Schema = Readonly<Record<string, unknown>>;

/** `env.NAME` as text: JSON has no word of its own for it. */
const ENVIRONMENT: Schema = {
  type: 'string',
  pattern: '^env\\.[A-Za-z_][A-Za-z0-9_]*$',
  description: 'a value from the environment, written env.NAME without quotes in a .hyp file',
};

/**
 * The JSON Schema of the spec, for editors and other tools: a block is an object, env.NAME is text. It says what a
 * value looks like; rules over several fields, and names that only a service's rules refuse, are the program's.
 * https://json-schema.org/draft/2020-12/json-schema-core
 */
export function renderSpecSchema(): Schema {
  const definitions = new Definitions();
  const properties = Object.fromEntries(
    Object.entries(BLOCKS).map(([name, { shape }]) => [name, definitions.schemaOf(shape)]),
  );
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'HypnoScript backup and disaster recovery spec',
    type: 'object',
    properties,
    minProperties: 1,
    additionalProperties: false,
    $defs: definitions.rendered(),
  };
}

/** Leaf types stand once, by their name; two types of one name get a number. */
class Definitions {
  private readonly leaves = new Map<string, Schema>([['env', ENVIRONMENT]]);

  rendered(): Schema {
    return Object.fromEntries([...this.leaves].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  schemaOf(shape: Shape): Schema {
    switch (shape.kind) {
      case 'leaf':
        return { $ref: `#/$defs/${this.leafName(shape)}` };
      case 'list':
        return { type: 'array', items: this.schemaOf(shape.item), minItems: shape.least };
      case 'map':
        return {
          type: 'object',
          description: `free names, one for each ${shape.noun}`,
          propertyNames: { pattern: FREE_NAME.source },
          additionalProperties: this.schemaOf(shape.item),
        };
      case 'variant':
        return { anyOf: Object.values(shape.cases).map((one) => this.schemaOf(one)) };
      case 'object':
        return this.objectSchema(shape);
    }
  }

  private objectSchema({ fields }: ObjectShape): Schema {
    const entries = Object.entries(fields);
    const needed = entries.filter(([, field]) => field.presence === 'required').map(([name]) => name);
    return {
      type: 'object',
      properties: Object.fromEntries(entries.map(([name, field]) => [name, this.fieldSchema(field)])),
      ...(needed.length > 0 && { required: needed }),
      additionalProperties: false,
    };
  }

  private fieldSchema({ shape, doc, otherwise }: FieldShape): Schema {
    const literal = /^`(.*)`$/.exec(otherwise)?.[1];
    return {
      ...this.schemaOf(shape),
      description: literal === undefined && otherwise ? `${doc}; without it: ${otherwise}` : doc,
      ...(literal !== undefined && { default: JSON.parse(literal) as unknown }),
    };
  }

  private leafName(shape: LeafShape): string {
    const schema = leafSchema(shape);
    const base = shape.name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? base : `${base}-${number}`;
      const taken = this.leaves.get(name);
      if (taken === undefined) this.leaves.set(name, schema);
      if (taken === undefined || JSON.stringify(taken) === JSON.stringify(schema)) return name;
    }
  }
}

function leafSchema({ json, text, examples }: LeafShape): Schema {
  return {
    description: text,
    anyOf: [json, { $ref: '#/$defs/env' }],
    examples: examples.map((one) => (one.startsWith('env.') ? one : (JSON.parse(one) as unknown))),
  };
}
