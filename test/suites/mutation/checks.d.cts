/** The types of `checks.cjs`, which jest's transform loads as it is. */
export const SWITCH: string;
export function checksIn(root: string, file: string): readonly string[];
export function filesMatching(root: string, patterns: readonly RegExp[]): readonly string[];
export function instrument(name: string, source: string): { readonly checks: readonly string[]; readonly code: string };
