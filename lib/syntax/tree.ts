import type { Span } from '../diagnostics';

/** A value of the language with the text that it was read from. */
export type Value =
  | { readonly kind: 'string'; readonly value: string; readonly span: Span }
  | { readonly kind: 'number'; readonly value: number; readonly span: Span }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly span: Span }
  | { readonly kind: 'env'; readonly name: string; readonly span: Span }
  | ListValue
  | ObjectValue
  /** Something that could not be read and was reported: later stages stay silent about it. */
  | { readonly kind: 'invalid'; readonly span: Span };

export interface ListValue {
  readonly kind: 'list';
  readonly items: readonly Value[];
  readonly span: Span;
}

export interface ObjectValue {
  readonly kind: 'object';
  readonly entries: ReadonlyMap<string, Entry>;
  readonly span: Span;
  /** True where a piece of the block was lost to a reported error, so that a missing key proves nothing. */
  readonly damaged: boolean;
  /** True where brackets do not add up and nothing tells which keys belong to the block. */
  readonly unplaced?: true;
}

export interface Entry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: Value;
}

/** All blocks of ours in a spec, merged over its files. */
export type Tree = ReadonlyMap<string, Entry>;
