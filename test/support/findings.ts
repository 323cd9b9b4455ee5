import { compileText } from './spec-text';

/** `code path: message` of the findings with these codes, as the whole pipeline reports them. */
export function findingsOf(text: string, ...codes: readonly string[]): readonly string[] {
  return compileText(text)
    .diagnostics.filter((one) => codes.includes(one.code))
    .map((one) => `${one.code} ${one.path}: ${one.message}`);
}

/** `code path` alone. */
export function placesOf(text: string, ...codes: readonly string[]): readonly string[] {
  return findingsOf(text, ...codes).map((one) => one.slice(0, one.indexOf(':')));
}
