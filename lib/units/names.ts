import { createHash } from 'node:crypto';

/** The first `length` hexadecimal digits of a text's SHA-256: the same on every machine. */
export function digest(text: string, length = 8): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/**
 * A name of at most `longest` characters: the name itself where it fits, else its beginning and a digest of all of it,
 * so that two long names never become one.
 */
export function fitName(name: string, longest: number): string {
  if (name.length <= longest) return name;
  const kept = name.slice(0, longest - 9).replace(/[^A-Za-z0-9]+$/, '');
  return `${kept}-${digest(name)}`;
}

/** A free name in lower case letters, digits and hyphens, for names of cloud resources. */
export function kebab(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
