/**
 * The schema as a deployment sees it. Bindings do not say which optional arguments a provider fills in by itself: here it
 * fills in those that the template asks for, and the id. So an argument that nobody set and somebody changed past
 * Terraform is changed back, which is the stricter reading.
 */
export function onlyAsked(template) {
  const asked = askedPaths(JSON.stringify(template));
  return (schema) => {
    const groups = ['resource_schemas', 'data_source_schemas'].map((group) => [
      group,
      Object.fromEntries(
        Object.entries(schema[group]).map(([type, one]) => [type, { ...one, block: block(one.block, type, asked) }]),
      ),
    ]);
    return { ...schema, ...Object.fromEntries(groups) };
  };
}

function block({ attributes, block_types }, path, asked) {
  const fills = ({ name, required, optional }) =>
    !required && (!optional || name === 'id' || asked.has(`${path}.${name}`));
  return {
    attributes: attributes.map((one) => ({ ...one, computed: fills(one) })),
    block_types: block_types.map((one) => ({ ...one, block: block(one.block, `${path}.${one.type_name}`, asked) })),
  };
}

/** `TYPE.PATH` of each attribute in an expression, without names of resources and places in lists. */
function askedPaths(text) {
  const found = new Set();
  for (const [, type, rest] of text.matchAll(/\b((?:azurerm|google)_\w+)\.\w+((?:\.\w+|\[[^\]]*\])+)/g))
    found.add(type + rest.replaceAll(/\[[^\]]*\]/g, ''));
  return found;
}
