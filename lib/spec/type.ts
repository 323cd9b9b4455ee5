import type { Report } from '../diagnostics';
import type { Value } from '../syntax';
import type { KeyPlaces } from './key-places';

/** What reading a tree into a typed Spec needs beside the tree. */
export interface DecodeContext {
  readonly report: Report;
  /** Values of env.NAME; the only way in which the environment reaches the program. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Remembers a path whose value was refused, so that later checks stay silent about it. */
  readonly markBroken: (path: string) => void;
  /** Where else in a spec a key is known. */
  readonly keyPlaces: KeyPlaces;
}

/**
 * A type of the spec: reads a value of the tree, reporting what it refuses, and describes itself for the JSON Schema
 * and the reference page.
 */
export interface Type<out T> {
  readonly shape: Shape;
  /** @returns the typed value, or `undefined` after a report */
  decode(value: Value, path: string, context: DecodeContext): T | undefined;
}

export type Typed<X> = X extends Type<infer T> ? T : never;

export type Shape = LeafShape | ListShape | ObjectShape | MapShape | VariantShape;

export interface LeafShape {
  readonly kind: 'leaf';
  /** Name of the type in the reference page, such as `duration`. */
  readonly name: string;
  /** What is allowed, to be read after "is": `a duration such as 30s, 15m, 4h or 2d`. */
  readonly text: string;
  /** Source texts of values that are taken; at least two different ones, unless only one exists. */
  readonly examples: readonly string[];
  /** Source text of a value of the same kind that is refused. */
  readonly rejects: string;
  readonly json: Readonly<Record<string, unknown>>;
}

export interface ListShape {
  readonly kind: 'list';
  readonly item: Shape;
  readonly least: number;
}

export interface FieldShape {
  readonly shape: Shape;
  readonly doc: string;
  readonly presence: 'required' | 'optional';
  /** What holds when the key is left out, in words or as source text. */
  readonly otherwise: string;
}

export interface ObjectShape {
  readonly kind: 'object';
  readonly fields: Readonly<Record<string, FieldShape>>;
}

export interface MapShape {
  readonly kind: 'map';
  /** What the free names stand for, such as `data set`. */
  readonly noun: string;
  readonly item: Shape;
}

export interface VariantShape {
  readonly kind: 'variant';
  /** How a case is chosen, in words. */
  readonly chosenBy: string;
  readonly cases: Readonly<Record<string, ObjectShape>>;
}
