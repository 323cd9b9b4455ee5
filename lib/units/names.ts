import { createHash } from 'node:crypto';

/** The first `length` hexadecimal digits of a text's SHA-256: the same on every machine. */
export function digest(text: string, length = 8): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/** A number below `count` that a text always gives; 0 where there is nothing to choose. */
export function spread(text: string, count: number): number {
  return count > 0 ? Number.parseInt(digest(text, 12), 16) % count : 0;
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

/** The same, and two names never become one, such as `shop.v2` and `shop-v2`: one that is changed carries a digest. */
export function distinctKebab(name: string): string {
  const plain = kebab(name);
  return plain === name ? name : `${plain}-${digest(name, 6)}`;
}
