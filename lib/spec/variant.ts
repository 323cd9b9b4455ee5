import { childPath, nearest } from '../diagnostics';
import type { ObjectValue } from '../syntax';
import type { ObjectType } from './structure';
import { refuseKind } from './structure';
import type { DecodeContext, Type, VariantShape } from './type';

type Cases = Readonly<Record<string, ObjectType<object>>>;
type CaseOf<Tag extends string, C extends Cases> = {
  [K in keyof C & string]: Readonly<Record<Tag, K>> & Omit<C[K] extends Type<infer T> ? T : never, Tag>;
}[keyof C & string];

/**
 * A block whose keys depend on one of them, such as a database's `type`.
 * @param tag property of the typed block that says which case it is
 * @param choose finds the case, or `undefined` after a report
 */
export function variant<const Tag extends string, const C extends Cases>(
  tag: Tag,
  chosenBy: string,
  cases: C,
  choose: (value: ObjectValue, path: string, context: DecodeContext) => (keyof C & string) | undefined,
): Type<CaseOf<Tag, C>> {
  const shape: VariantShape = {
    kind: 'variant',
    chosenBy,
    cases: Object.fromEntries(Object.entries(cases).map(([name, one]) => [name, one.shape])),
  };
  return {
    shape,
    decode(value, path, context) {
      if (value.kind !== 'object') return refuseKind(value, path, 'a block', context);
      const name = choose(value, path, context);
      const chosen = name === undefined ? undefined : cases[name];
      if (!chosen) {
        context.markBroken(path);
        return undefined;
      }
      const decoded = chosen.decode(value, path, context);
      return decoded && ({ ...decoded, [tag]: name } as CaseOf<Tag, C>);
    },
  };
}

/** Reports a slip in the key that chooses the case; false where there is none, and the key is just missing. */
export function reportMisspelt(
  key: string,
  value: ObjectValue,
  known: readonly string[],
  path: string,
  context: DecodeContext,
): boolean {
  const slip = [...value.entries.values()].find((one) => !known.includes(one.key) && nearest(one.key, known) === key);
  if (!slip) return false;
  context.report({
    code: 'DR2001',
    path: childPath(path, slip.key),
    span: slip.keySpan,
    message: `unknown key "${slip.key}"`,
    fix: `did you mean "${key}"?`,
  });
  return true;
}
