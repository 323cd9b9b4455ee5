import { SEED, compileFiles, errorsOf } from './spec-text';

interface Change {
  /** What was changed, and on which line. */
  readonly what: string;
  readonly text: string;
}

/** Offsets of the seed's fences, each without its marks. */
export function fences(): readonly (readonly [start: number, end: number])[] {
  return [...SEED.text.matchAll(/^```hyp\n([^]*?)^```$/gm)].map((one) => [
    one.index + '```hyp\n'.length,
    one.index + one[0].length - '```'.length,
  ]);
}

const lineOf = (offset: number) => SEED.text.slice(0, offset).split('\n').length;

/** Each brace, bracket, quote and colon of a stretch, once left out and once written twice. */
export function* signChanges(start: number, end: number): Generator<Change> {
  for (let at = start; at < end; at += 1) {
    const sign = SEED.text.charAt(at);
    if (!'{}[]":'.includes(sign)) continue;
    const [before, after] = [SEED.text.slice(0, at), SEED.text.slice(at + 1)];
    yield { what: `${lineOf(at)}: no ${sign}`, text: before + after };
    yield { what: `${lineOf(at)}: two ${sign}`, text: before + sign + sign + after };
  }
}

/** Each line of a stretch, once left out and once written twice; each key with a letter more and two letters swapped. */
export function* lineChanges(start: number, end: number): Generator<Change> {
  let at = start;
  for (const line of SEED.text.slice(start, end).split('\n')) {
    const number = lineOf(at);
    const [before, after] = [SEED.text.slice(0, at), SEED.text.slice(at + line.length)];
    at += line.length + 1;
    if (/^\s*(\/\/|$)/.test(line)) continue;
    yield { what: `${number}: left out`, text: before + after };
    yield { what: `${number}: twice`, text: `${before}${line}\n${line}${after}` };
    const word = /^(\s*)(\w)(\w)(?=\w)/.exec(line);
    if (!word || word[2] === word[3]) continue;
    const rest = line.slice(word[0].length);
    const [, margin = '', first = '', second = ''] = word;
    yield { what: `${number}: a letter twice`, text: before + margin + first + first + second + rest + after };
    yield { what: `${number}: letters swapped`, text: before + margin + second + first + rest + after };
  }
}

/** The changes that have more than one error. */
export function cascades(changes: Iterable<Change>): { readonly count: number; readonly cascades: readonly string[] } {
  const found: string[] = [];
  let count = 0;
  for (const { what, text } of changes) {
    count += 1;
    const errors = errorsOf(compileFiles([{ ...SEED, text }]).diagnostics);
    if (errors.length > 1) found.push(`${what}: ${errors.map((one) => `${one.code} ${one.path}`).join(', ')}`);
  }
  return { count, cascades: found };
}
