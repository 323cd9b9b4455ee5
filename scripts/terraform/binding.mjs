/**
 * Reads the generated text of one CDKTF binding (`lib/<name>/index.js`): its classes, the members of each, and what the
 * `...ToHclTerraform` functions say about blocks. The text is a generator's, so its layout can be relied on.
 */
import { readFileSync } from 'node:fs';

const CLASS = /\nclass (\w+) extends cdktf\.(\w+) \{([\s\S]*?)\n\}\n/g;
const STRUCT = /function (\w+)ToHclTerraform\(struct\) \{([\s\S]*?)\n\}\n/g;
const HCL_ATTRIBUTE =
  /\n\s+(\w+): \{\n\s+value: [^\n]*\n\s+isBlock: (true|false),\n\s+type: "(\w+)",\n\s+storageClassType: "(\w+)"/g;
const CHILD = /(?:this\.)?_(\w+) = new (?:cdktf\.)?(\w+)\(this, "(\w+)"(?:, (true|false))?\)/g;
const GETTER = /\n {4}get (\w+)\(\) \{([\s\S]*?)\n {4}\}/g;
const OWN_ATTRIBUTES = /synthesizeHclAttributes\(\) \{([\s\S]*?)\n {4}\}/;

export function readBinding(file) {
  const text = readFileSync(file, 'utf8').replace(/\/\/# sourceMappingURL.*/, '');
  const classes = new Map();
  for (const [, name, base, body] of text.matchAll(CLASS)) classes.set(name, { name, base, body });
  const structs = new Map();
  for (const [, name, body] of text.matchAll(STRUCT)) structs.set(name.toLowerCase(), hclAttributes(body));
  const top = [...classes.values()].find(({ base }) => /^Terraform(Resource|DataSource|Provider)$/.test(base));
  return {
    kind: { TerraformResource: 'resource', TerraformDataSource: 'data', TerraformProvider: 'provider' }[top.base],
    type: text.match(/\.tfResourceType = "(\w+)"/)?.[1],
    top,
    classes,
    /** What a block's attributes are in HCL, by the name of its struct; an unknown one has none. */
    struct: (name) => structs.get(name.toLowerCase()) ?? {},
    ownAttributes: hclAttributes(top.body.match(OWN_ATTRIBUTES)?.[1] ?? ''),
  };
}

function hclAttributes(body) {
  const found = {};
  for (const [, name, isBlock, type, storage] of body.matchAll(HCL_ATTRIBUTE)) {
    found[name] = { isBlock: isBlock === 'true', type, storage };
  }
  return found;
}

/**
 * The arguments and attributes of a class. One with a setter (or `put`) and no `reset` is required, with a `reset` it is
 * optional, and one that has a getter only is computed.
 */
export function membersOf({ body }) {
  const children = new Map();
  const nameByField = new Map();
  for (const [, field, type, name, isSet] of body.matchAll(CHILD)) {
    children.set(name, { type, isSet: isSet === 'true' });
    nameByField.set(field, name);
  }
  const members = new Map();
  for (const [, property, getter] of body.matchAll(GETTER)) {
    if (property === 'internalValue' || isInput(body, property)) continue;
    const name =
      getter.match(/Attribute\('(\w+)'\)/)?.[1] ?? nameByField.get(getter.match(/return this\._(\w+);/)?.[1]);
    if (!name) continue;
    const capital = property.charAt(0).toUpperCase() + property.slice(1);
    const settable = new RegExp(`\\n    (set ${property}|put${capital})\\(`).test(body);
    const resettable = new RegExp(`\\n    reset${capital}\\(`).test(body);
    const computed = !settable;
    members.set(name, {
      property,
      getter,
      child: children.get(name),
      computed,
      optional: settable && resettable,
      required: settable && !resettable,
    });
  }
  return members;
}

/** `nameInput` repeats what `name` was given. */
function isInput(body, property) {
  return property.endsWith('Input') && body.includes(`get ${property.slice(0, -'Input'.length)}()`);
}
