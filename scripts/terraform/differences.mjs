/** Paths, as `ignore_changes` writes them, at which two values differ; lists of another length differ as a whole. */
export function differences(before, after, path = '') {
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
    return before.flatMap((one, index) => differences(one, after[index], `${path}[${index}]`));
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differences(before[key], after[key], join(path, key)));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
}

/** The value with another one at this path, which has to be there or one step away. */
export function withValue(value, path, other) {
  const [first, ...rest] = [...path.matchAll(/\w+(?=[.[\]]|$)|"[^"]+"/g)].map(([key]) => key.replaceAll('"', ''));
  return put(value, [first, ...rest], other, path);
}

function put(value, [key, ...rest], other, path) {
  if (rest.length > 0 && (value === null || value === undefined)) throw new Error(`nothing is at ${path}`);
  const copy = Array.isArray(value) ? [...value] : { ...value };
  copy[key] = rest.length === 0 ? other : put(copy[key], rest, other, path);
  return copy;
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const join = (path, key) => (/^\w+$/.test(key) ? (path ? `${path}.${key}` : key) : `${path}["${key}"]`);
