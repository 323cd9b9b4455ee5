import { childPath, nearest, suggestion } from '../diagnostics';
import type { Entry, ObjectValue } from '../syntax';
import type { DecodeContext, Type } from './type';

type Types = Readonly<Record<string, { readonly type: Type<unknown> }>>;

/** More places than these say nothing about what was meant. */
const FEW = 3;

/** Reports the keys of a block that it does not have, and returns them. */
export function reportUnknown(value: ObjectValue, fields: Types, path: string, context: DecodeContext): string[] {
  const names = Object.keys(fields);
  const unknown = [...value.entries.values()].filter((entry) => !names.includes(entry.key));
  const free = names.filter((name) => !value.entries.has(name));
  for (const entry of unknown) {
    context.markBroken(childPath(path, entry.key));
    if (value.unplaced) continue;
    context.report({
      code: 'DR2001',
      path: childPath(path, entry.key),
      span: entry.keySpan,
      message: `unknown key "${entry.key}"`,
      fix: fixOf(entry, free, fields, context),
    });
  }
  return unknown.map((entry) => entry.key);
}

/** What was most likely meant: a slip, another key for the same word, or the right key in the wrong block. */
function fixOf(entry: Entry, free: readonly string[], fields: Types, context: DecodeContext): string {
  const { key, value } = entry;
  if (nearest(key, free) !== undefined) return suggestion(key, free);
  const takes = (type: Type<unknown>) => type.decode(value, '', { ...context, ...SILENT }) !== undefined;
  const [word, ...others] = free.filter((name) => {
    const type = fields[name]?.type;
    return type?.shape.kind === 'leaf' && 'enum' in type.shape.json && takes(type);
  });
  if (word !== undefined && others.length === 0 && value.kind === 'string')
    return `write it as ${word}: ${JSON.stringify(value.value)}`;
  const inside = Object.entries(fields).find(
    ([, { type }]) => type.shape.kind === 'object' && Object.hasOwn(type.shape.fields, key),
  );
  if (inside) return `put it into ${inside[0]}, which has such a key`;
  const places = context.keyPlaces.get(key) ?? [];
  if (places.length > 0 && places.length <= FEW) return `put it into ${places.join(' or ')}, which has such a key`;
  return free.length > 0 ? suggestion(key, free) : 'remove it: every key of the block is there already';
}

const SILENT = { report: () => undefined, markBroken: () => undefined } as const;
