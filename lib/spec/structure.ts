import { childPath, itemPath, nearest } from '../diagnostics';
import type { Value } from '../syntax';
import { foundText } from './found';
import type { DecodeContext, FieldShape, MapShape, ObjectShape, Type } from './type';
import { reportUnknown } from './unknown-key';

/** A key of a block: its type, its doc, and what holds when it is left out. */
export interface Field<T> extends Omit<FieldShape, 'shape'> {
  readonly type: Type<NonNullable<T>>;
  readonly fallback: T | undefined;
}

export function required<T>(type: Type<T>, doc: string): Field<NonNullable<T>> {
  return { type: type as Type<NonNullable<T>>, doc, presence: 'required', otherwise: '', fallback: undefined };
}

/** @param otherwise what happens when it is left out, such as `no local copy` */
export function optional<T>(type: Type<T>, doc: string, otherwise: string): Field<NonNullable<T> | undefined> {
  return { type: type as Type<NonNullable<T>>, doc, presence: 'optional', otherwise, fallback: undefined };
}

export function defaulted<T>(type: Type<T>, fallback: NonNullable<T>, doc: string): Field<NonNullable<T>> {
  const otherwise = typeof fallback === 'object' ? 'empty' : `\`${JSON.stringify(fallback)}\``;
  return { type: type as Type<NonNullable<T>>, doc, presence: 'optional', otherwise, fallback };
}

export type Fields = Readonly<Record<string, Field<unknown>>>;
export type Decoded<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

export interface ObjectType<T> extends Type<T> {
  readonly shape: ObjectShape;
}

/** A block with known keys. A refused value takes its block with it, so that a typed block is always whole. */
export function block<const F extends Fields>(fields: F): ObjectType<Decoded<F>> {
  const names = Object.keys(fields);
  const shapes = names.map((name) => {
    const { type, doc, presence, otherwise } = fields[name] as Field<unknown>;
    return [name, { shape: type.shape, doc, presence, otherwise }] as const;
  });
  return {
    shape: { kind: 'object', fields: Object.fromEntries(shapes) },
    decode(value, path, context) {
      if (value.kind !== 'object') return refuseKind(value, path, 'a block', context, `a block with ${keysOf(fields)}`);
      const unknown = reportUnknown(value, fields, path, context);
      const decoded: Record<string, unknown> = {};
      let whole = true;
      for (const name of names) {
        const field = fields[name] as Field<unknown>;
        const entry = value.entries.get(name);
        if (entry) {
          decoded[name] = field.type.decode(entry.value, childPath(path, name), context);
          whole &&= decoded[name] !== undefined || field.presence === 'optional';
        } else if (field.presence === 'required') {
          whole = false;
          const meant = unknown.some((word) => nearest(word, names) === name);
          if (!meant && !value.damaged) reportMissing(name, field, value, path, context);
        } else {
          decoded[name] = field.fallback;
        }
      }
      return whole ? (decoded as Decoded<F>) : undefined;
    },
  };
}

/** Keys that a block must have, or else those that it may have. */
function keysOf(fields: Fields): string {
  const must = Object.keys(fields).filter((name) => fields[name]?.presence === 'required');
  return (must.length > 0 ? must : Object.keys(fields)).join(', ');
}

function reportMissing(name: string, field: Field<unknown>, value: Value, path: string, context: DecodeContext): void {
  context.markBroken(childPath(path, name));
  context.report({
    code: 'DR2003',
    path: childPath(path, name),
    span: { ...value.span, end: value.span.start + 1 },
    message: `"${name}" is missing`,
    fix: `add ${name}: ${field.doc}`,
  });
}

/** A block whose keys are the user's own names, in the order of the text. */
export function map<T>(noun: string, item: Type<T>): Type<ReadonlyMap<string, NonNullable<T>>> {
  const shape: MapShape = { kind: 'map', noun, item: item.shape };
  return {
    shape,
    decode(value, path, context) {
      if (value.kind !== 'object') return refuseKind(value, path, `a block of ${noun}s`, context);
      const decoded = new Map<string, NonNullable<T>>();
      for (const entry of value.entries.values()) {
        const at = childPath(path, entry.key);
        const typed = isFreeName(entry.key) ? item.decode(entry.value, at, context) : undefined;
        if (!isFreeName(entry.key)) {
          context.markBroken(at);
          context.report({
            code: 'DR2002',
            path: at,
            span: entry.keySpan,
            message: `found ${JSON.stringify(entry.key)}, which cannot name a ${noun}`,
            fix: 'start with a letter and use up to 63 letters, digits and _ . -',
          });
        }
        if (typed !== undefined && typed !== null) decoded.set(entry.key, typed);
      }
      return decoded;
    },
  };
}

/** Names become parts of object keys, file names and cloud names; so they are words. */
export const FREE_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/;

export function isFreeName(name: string): boolean {
  return FREE_NAME.test(name);
}

export function list<T>(item: Type<T>, least = 1): Type<readonly NonNullable<T>[]> {
  return {
    shape: { kind: 'list', item: item.shape, least },
    decode(value, path, context) {
      if (value.kind !== 'list') return refuseKind(value, path, 'a list', context);
      if (value.items.length < least) {
        context.markBroken(path);
        context.report({
          code: 'DR2002',
          path,
          span: value.span,
          message: 'found an empty list',
          fix: `name at least ${least === 1 ? 'one item' : `${least} items`}, or leave the key out`,
        });
        return undefined;
      }
      const typed = value.items.map((one, index) => item.decode(one, itemPath(path, index), context));
      const kept = typed.filter((one) => one !== undefined && one !== null) as NonNullable<T>[];
      return kept.length === typed.length ? kept : undefined;
    },
  };
}

export function refuseKind(
  value: Value,
  path: string,
  wanted: string,
  context: DecodeContext,
  instead = wanted,
): undefined {
  context.markBroken(path);
  if (value.kind === 'invalid') return undefined;
  context.report({
    code: 'DR2002',
    path,
    span: value.span,
    message: `found ${foundText(value, context.environment)}, which is not ${wanted}`,
    fix: `write ${instead}`,
  });
  return undefined;
}
