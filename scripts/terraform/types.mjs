/** Terraform's types, in the JSON form of its protocol, from what a binding's getters and children say. */
import { membersOf } from './binding.mjs';

/** By `storageClassType`. */
const STORED = {
  string: 'string',
  number: 'number',
  boolean: 'bool',
  any: 'dynamic',
  stringList: ['list', 'string'],
  numberList: ['list', 'number'],
  booleanList: ['list', 'bool'],
  stringMap: ['map', 'string'],
  numberMap: ['map', 'number'],
  booleanMap: ['map', 'bool'],
  anyMap: ['map', 'dynamic'],
  stringListList: ['list', ['list', 'string']],
  stringMapList: ['list', ['map', 'string']],
};

/** By the call in a getter; the first that matches holds. */
const GETTERS = [
  [/getStringAttribute/, 'string'],
  [/getNumberAttribute/, 'number'],
  [/getBooleanAttribute/, 'bool'],
  [/Fn\.tolist\(this\.getListAttribute/, ['set', 'string']],
  [/getListAttribute/, ['list', 'string']],
  [/tolist\(this\.getNumberListAttribute/, ['set', 'number']],
  [/getNumberListAttribute/, ['list', 'number']],
  [/getStringMapAttribute/, ['map', 'string']],
  [/getNumberMapAttribute/, ['map', 'number']],
  [/getBooleanMapAttribute/, ['map', 'bool']],
  [/getAnyMapAttribute/, ['map', 'dynamic']],
];

/** By the class of a child that is one of cdktf's own. */
const CHILDREN = {
  StringMap: ['map', 'string'],
  NumberMap: ['map', 'number'],
  BooleanMap: ['map', 'bool'],
  AnyMap: ['map', 'string'],
  StringMapList: ['list', ['map', 'string']],
  NumberMapList: ['list', ['map', 'number']],
  BooleanMapList: ['list', ['map', 'bool']],
  AnyMapList: ['list', ['map', 'string']],
};

export const storedType = (storage) => STORED[storage] ?? 'dynamic';

const getterType = (getter) => GETTERS.find(([call]) => call.test(getter))?.[1];

/** The class of one element, of the class of a list. */
export function elementClass(binding, name) {
  return isList(binding, name) ? name.replace(/List$/, 'OutputReference') : name;
}

export function isList(binding, name) {
  return name.endsWith('List') && binding.classes.get(name)?.base === 'ComplexList';
}

/** The type of an argument that is not a block. */
export function attributeType(binding, { getter, child }, hcl) {
  const type = getterType(getter) ?? (child ? childType(binding, child) : hcl ? storedType(hcl.storage) : 'dynamic');
  return hcl?.type === 'set' && type[0] === 'list' ? ['set', type[1]] : type;
}

function childType(binding, { type, isSet }) {
  if (CHILDREN[type]) return CHILDREN[type];
  const collection = isSet ? 'set' : 'list';
  const base = binding.classes.get(type)?.base;
  if (base === 'ComplexMap') return ['map', objectType(binding, type.replace(/Map$/, 'OutputReference'))];
  if (base === 'MapList') return [collection, ['map', 'string']];
  return [collection, objectType(binding, type)];
}

function objectType(binding, name) {
  const found = binding.classes.get(elementClass(binding, name));
  if (!found) return 'string';
  const attributes = {};
  for (const [key, { getter, child }] of membersOf(found)) {
    attributes[key] = getterType(getter) ?? (child ? childType(binding, child) : 'string');
  }
  return ['object', attributes];
}
