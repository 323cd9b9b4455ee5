const PLAIN = /^[A-Za-z_$][A-Za-z0-9_$-]*$/;

/** Path of a key under a path: `a.b`, or `a["x.y"]` where the key is not a plain word. */
export function childPath(path: string, key: string): string {
  if (!PLAIN.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

export function itemPath(path: string, index: number): string {
  return `${path}[${index}]`;
}

export function parentPath(path: string): string {
  const bracket = /\[(?:\d+|"(?:[^"\\]|\\.)*")\]$/.exec(path);
  if (bracket) return path.slice(0, bracket.index);
  const dot = path.lastIndexOf('.');
  return dot < 0 ? '' : path.slice(0, dot);
}

/** The key that a path ends with. */
export function lastKey(path: string): string {
  const quoted = /\[("(?:[^"\\]|\\.)*")\]$/.exec(path)?.[1];
  return quoted === undefined ? path.slice(path.lastIndexOf('.') + 1) : (JSON.parse(quoted) as string);
}

/** True for a path that is the other one or lies under it. */
export function isUnder(path: string, ancestor: string): boolean {
  return path === ancestor || (path.startsWith(ancestor) && /^[.[]/.test(path.slice(ancestor.length)));
}
