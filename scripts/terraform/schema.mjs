/**
 * Rebuilds a provider's schema from its installed CDKTF bindings: names, types, what is required or computed, and how
 * blocks nest. The provider's own checks of values are not in the bindings, so they are not known here.
 */
import path from 'node:path';
import { membersOf, readBinding } from './binding.mjs';
import { attributeType, elementClass, isList, storedType } from './types.mjs';

const encoded = (type) => Buffer.from(JSON.stringify(type));

/** Schemas of the named bindings (folders under `lib`) of one provider's package. */
export function providerSchema(packageFolder, names) {
  const schema = { provider: undefined, resource_schemas: {}, data_source_schemas: {} };
  for (const name of names) {
    const binding = readBinding(path.join(packageFolder, 'lib', name, 'index.js'));
    if (binding.kind === 'provider') schema.provider = { version: 0, block: providerBlock(binding) };
    else {
      const group = binding.kind === 'data' ? schema.data_source_schemas : schema.resource_schemas;
      group[binding.type] = { version: 0, block: block(binding, binding.top.name, binding.ownAttributes) };
    }
  }
  return schema;
}

function block(binding, className, hclAttributes) {
  const attributes = [];
  const block_types = [];
  for (const [name, member] of membersOf(binding.classes.get(className))) {
    const { property, required, optional, computed, child } = member;
    const hcl = hclAttributes[name] ?? hclAttributes[property];
    if (hcl?.isBlock && child && !computed) block_types.push(nestedBlock(binding, name, member, hcl));
    else {
      const type = encoded(attributeType(binding, member, hcl));
      attributes.push({ name, type, required, optional, computed: computed || optional });
    }
  }
  return { attributes, block_types };
}

function nestedBlock(binding, name, { child, required }, hcl) {
  const element = elementClass(binding, child.type);
  const single = hcl.type === 'struct' && name === 'timeouts';
  return {
    type_name: name,
    block: block(binding, element, binding.struct(element.replace(/OutputReference$/, ''))),
    nesting: single ? 'SINGLE' : child.isSet ? 'SET' : 'LIST',
    min_items: required && !single ? 1 : 0,
    max_items: single || isList(binding, child.type) ? 0 : 1,
  };
}

/** A provider's arguments are optional and have no getters of use: its HCL attributes say all there is. */
function providerBlock(binding) {
  return hclBlock(binding, binding.ownAttributes, (name) => name);
}

function hclBlock(binding, hclAttributes, rename) {
  const attributes = [];
  const block_types = [];
  for (const [key, { isBlock, storage }] of Object.entries(hclAttributes)) {
    const name = rename(key);
    if (name === 'alias') continue;
    if (isBlock) {
      const inner = hclBlock(binding, binding.struct(storage.replace(/List$/, '')), snakeCase);
      block_types.push({ type_name: name, block: inner, nesting: 'LIST', min_items: 0, max_items: 0 });
    } else attributes.push({ name, type: encoded(storedType(storage)), optional: true });
  }
  return { attributes, block_types };
}

function snakeCase(name) {
  return name.replace(/[A-Z0-9]+/g, (part, index) => (index ? `_${part.toLowerCase()}` : part));
}
