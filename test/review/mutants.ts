import type { Compiled } from '../../lib/compile';
import { BLOCKS } from '../../lib/spec';
import type { Shape } from '../../lib/spec';
import type { Leaf } from '../../lib/syntax';
import { SEED, compileFile } from '../plan/support';

type LeafShape = Extract<Shape, { kind: 'leaf' }>;

/** The seed with one leaf changed. */
export interface Mutant {
  readonly text: string;
  readonly compiled: Compiled;
}

/**
 * The seed with a leaf set to other values of its type: the examples of the type, its neighbours among numbers, and
 * what the seed itself writes elsewhere for the same type. Only mutants that compile, unless there is none.
 */
export function* mutantsOf(leaf: Leaf, seed: Compiled): Generator<Mutant> {
  const { start, end } = leaf.value.span;
  const own = SEED.text.slice(start, end);
  const refused: Mutant[] = [];
  let taken = 0;
  for (const text of new Set(valuesFor(leaf, own, seed))) {
    if (text === own) continue;
    const file = { ...SEED, text: SEED.text.slice(0, start) + text + SEED.text.slice(end) };
    const mutant = { text, compiled: compileFile(file) };
    if (!mutant.compiled.plan) {
      refused.push(mutant);
      continue;
    }
    taken += 1;
    yield mutant;
  }
  if (taken === 0) yield* refused;
}

function valuesFor(leaf: Leaf, own: string, seed: Compiled): readonly string[] {
  const shapes = leafShapes(leaf.path);
  const names = shapes.map((one) => one.name);
  const elsewhere = seed.leaves
    .filter((one) => leafShapes(one.path).some((shape) => names.includes(shape.name)))
    .map(({ value: { span } }) => SEED.text.slice(span.start, span.end));
  const number = Number(own);
  const neighbours = own !== '' && Number.isInteger(number) ? [number + 1, number * 10, 400, 1].map(String) : [];
  return [...neighbours, ...shapes.flatMap((one) => one.examples), ...elsewhere];
}

const SEGMENT = /\.?([A-Za-z_$][\w$-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g;

/** The types that a leaf may have, by its path; more than one where the block above it has cases. */
export function leafShapes(path: string): readonly LeafShape[] {
  const [block = '', ...keys] = [...path.matchAll(SEGMENT)].map(([, word, , quoted]) =>
    word === undefined ? (quoted === undefined ? '' : String(JSON.parse(quoted))) : word,
  );
  const root = (BLOCKS as Readonly<Record<string, { readonly shape: Shape }>>)[block];
  return root ? descend(root.shape, keys) : [];
}

function descend(shape: Shape, keys: readonly string[]): readonly LeafShape[] {
  const [key = '', ...rest] = keys;
  switch (shape.kind) {
    case 'leaf':
      return keys.length === 0 ? [shape] : [];
    case 'list':
      return descend(shape.item, rest);
    case 'map':
      return descend(shape.item, rest);
    case 'object': {
      const field = shape.fields[key];
      return field ? descend(field.shape, rest) : [];
    }
    case 'variant':
      return Object.values(shape.cases).flatMap((one) => descend(one, keys));
  }
}

/** A plan without the paths that it comes from: what is left reaches a template or a manifest. */
export function withoutPaths<T>(value: T): T {
  return JSON.parse(JSON.stringify(value, (key, inner: unknown) => (key === 'from' ? undefined : inner))) as T;
}
