import { leaf, pattern } from '../leaf';

/** An absolute folder on the host, POSIX or Windows. */
export const folder = leaf<string>({
  name: 'folder',
  text: 'an absolute path such as "/var/backups" or "C:\\\\Backups"',
  examples: ['"/var/backups"', '"C:\\\\Backups"'],
  rejects: '"backups"',
  json: { type: 'string' },
  read: (plain) => {
    if (typeof plain !== 'string') return undefined;
    const absolute = /^\/[^\0]*$/.test(plain) || /^[A-Za-z]:\\[^\0/"<>|?*]*$/.test(plain);
    if (!absolute) return undefined;
    return plain.split(/[/\\]/).includes('..') ? { why: '".." in a path', fix: 'write the path without ..' } : plain;
  },
});

const PLACEHOLDERS = ['year', 'month', 'day'];

/**
 * Where the objects of a data set lie in its store: a prefix with {year}, {month} and {day}. Begins with no slash
 * and ends with one.
 */
export const objectPath = leaf<string>({
  name: 'object path',
  text: 'a prefix that ends with a slash such as "postgresql/{year}/{month}/{day}/"',
  examples: ['"postgresql/{year}/{month}/{day}/"', '"orders/"'],
  rejects: '"/absolute"',
  json: { type: 'string', pattern: '^[^/].*/$' },
  read: (plain) => {
    if (typeof plain !== 'string') return undefined;
    const unknown = [...plain.matchAll(/\{([^}]*)\}/g)]
      .map((one) => one[1] ?? '')
      .find((one) => !PLACEHOLDERS.includes(one));
    if (unknown !== undefined) {
      return { why: `{${unknown}} is no placeholder`, fix: 'use {year}, {month} and {day}' };
    }
    if (/[{}]/.test(plain.replace(/\{(year|month|day)\}/g, ''))) return { why: 'a brace without a partner' };
    if (plain.startsWith('/')) return { why: 'starts with a slash', fix: 'object keys start with no slash' };
    if (!plain.endsWith('/')) return { why: 'ends without a slash', fix: `write "${plain}/"` };
    if (plain.startsWith('_'))
      return { why: 'names with _ at the root belong to the protocol', fix: 'choose another prefix' };
    return /^[A-Za-z0-9!_.*'(){}/-]{1,200}$/.test(plain) && !/\/\/|(^|\/)\.\.?\//.test(plain) ? plain : undefined;
  },
});

export const tablePattern = pattern({
  name: 'table pattern',
  text: 'a table name or a pattern with * such as "temp_*" or "public.temp_*"',
  pattern: /^[A-Za-z0-9_$*?.-]{1,128}$/,
  examples: ['temp_*', 'cache_*'],
  rejects: 'a table; drop',
});

export const filePattern = pattern({
  name: 'file pattern',
  text: 'a file name or a pattern with * such as "*.tmp" or "temp/*"',
  pattern: /^[^\0\n\r]{1,255}$/,
  examples: ['*.tmp', 'temp/*'],
  rejects: '',
});
