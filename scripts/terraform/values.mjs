/**
 * Values as Terraform's protocol carries them: MessagePack, in which a value that only the apply will know is an extension.
 * https://github.com/hashicorp/terraform/blob/main/docs/plugin-protocol/object-wire-format.md
 */
import { decode, encode, ExtData } from '@msgpack/msgpack';

const UNKNOWN = new ExtData(0, new Uint8Array([0]));
const isUnknown = (value) => value instanceof ExtData;

export const read = ({ msgpack, json }) => (msgpack?.length ? decode(msgpack) : JSON.parse(json.toString()));
export const written = (value) => ({ msgpack: Buffer.from(encode(value)) });

/** What is computed and not known yet is said to be unknown, also in blocks. */
export const planned = (block, value) =>
  mapBlock(block, value, ({ computed }, inner) => (computed && inner === null ? UNKNOWN : inner));

/** What was unknown, or what a data source was not given, gets a value of its type; `name` makes up its words. */
export function filled(block, value, name) {
  let count = 0;
  const words = (path) => `${name}/${path}/${(count += 1)}`;
  return mapBlock(block, value, ({ name: attribute, type, computed }, inner) =>
    isUnknown(inner) || (computed && inner === null) ? madeUp(JSON.parse(type), () => words(attribute)) : inner,
  );
}

/** With nothing in the place of what was left out of blocks. */
export function completed(block, value) {
  const whole = { ...value };
  for (const { name } of block.attributes) whole[name] ??= null;
  for (const { type_name: name, block: nested, nesting } of block.block_types) {
    const inner = value[name];
    if (nesting === 'SINGLE') whole[name] = inner ? completed(nested, inner) : null;
    else whole[name] = (inner ?? []).map((one) => completed(nested, one));
  }
  return whole;
}

function mapBlock(block, value, change) {
  if (value === null || isUnknown(value)) return value;
  const mapped = { ...value };
  for (const attribute of block.attributes) mapped[attribute.name] = change(attribute, value[attribute.name]);
  for (const { type_name: name, block: nested, nesting } of block.block_types) {
    const inner = value[name];
    if (nesting === 'SINGLE') mapped[name] = mapBlock(nested, inner, change);
    else if (Array.isArray(inner)) mapped[name] = inner.map((one) => mapBlock(nested, one, change));
  }
  return mapped;
}

function madeUp(type, words) {
  if (type === 'string') return words();
  if (type === 'number') return 1;
  if (type === 'bool') return false;
  // One whose type is the provider's to say: the type, then the value.
  if (type === 'dynamic') return [Buffer.from('"string"'), words()];
  const [kind, inner] = type;
  if (kind === 'map') return {};
  if (kind === 'object')
    return Object.fromEntries(Object.entries(inner).map(([key, one]) => [key, madeUp(one, words)]));
  return [madeUp(inner, words)];
}
