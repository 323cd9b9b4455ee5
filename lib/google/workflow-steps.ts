/** Steps of Google Workflows, as plain JSON: https://cloud.google.com/workflows/docs/reference/syntax */
export type Step = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A workflow that others of the same source call. */
export interface SubWorkflow {
  readonly params: readonly string[];
  readonly steps: readonly Step[];
}

/** Variables in the order in which they are written. */
export function assign(variables: Readonly<Record<string, unknown>>) {
  return { assign: Object.entries(variables).map(([name, value]) => ({ [name]: value })) };
}

/** The first case whose condition holds says which step is next. */
export function choose(cases: readonly (readonly [condition: string, next: string])[], otherwise: string) {
  return { switch: cases.map(([condition, next]) => ({ condition: `\${${condition}}`, next })), next: otherwise };
}
