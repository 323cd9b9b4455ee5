const NAME = /pass?w|pwd|secret|token|credential/i;
const WORD = /[\w.$-]+/g;
/** Between a key and its value: a quoted key needs its colon here, since text may end with such a word too. */
const BETWEEN = /(?:"\s*:|\s*:|\s)\s*/y;
/**
 * A value that may be a secret: raw text, a string with whatever touches it, a bare word; no block, no list, no
 * env.NAME, and not the next key.
 */
const VALUE = /(?!env\.|[\w.$-]+"?\s*[:{])(?:"""[^]*|"(?:[^"\\]|\\.)*"?[^\s,}\]]*|[^\s,"{}[\]:]+)/y;

/** True for a key or variable that by its name holds a secret, slips such as "pasword" included. */
export function namesSecret(name: string): boolean {
  return NAME.test(name);
}

/** A source line as it may be shown: what follows a key that names a secret is starred, at the same width. */
export function maskSecrets(line: string): string {
  let masked = '';
  let done = 0;
  for (const word of line.matchAll(WORD)) {
    if (word.index < done || !namesSecret(word[0]) || word[0].startsWith('env.')) continue;
    const gap = matchAt(BETWEEN, line, word.index + word[0].length);
    if (gap === '') continue;
    const start = word.index + word[0].length + gap.length;
    const value = matchAt(VALUE, line, start);
    masked += line.slice(done, start) + '*'.repeat(value.length);
    done = start + value.length;
  }
  return masked + line.slice(done);
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
