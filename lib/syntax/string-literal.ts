import type { Token, TokenProblem } from './token';

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\', '"': '"', n: '\n', t: '\t' };
const TRAILING_CLOSERS = /[\s,}\]]+$/;

/** Reads the string that starts at `start`, raw (`"""`) or ordinary. */
export function readString(text: string, start: number, limit: number): Token {
  return text.startsWith('"""', start) && start + 3 <= limit
    ? readRaw(text, start, limit)
    : readQuoted(text, start, limit);
}

function readRaw(text: string, start: number, limit: number): Token {
  const close = text.indexOf('"""', start + 3);
  if (close >= 0 && close + 3 <= limit) {
    const value = text.slice(start + 3, close).replace(/\r\n/g, '\n');
    return { kind: 'string', text: value, start, end: close + 3 };
  }
  const problem = unclosed(start, start + 3, 'close it with """');
  return { kind: 'string', text: '', start, end: limit, problem };
}

function readQuoted(text: string, start: number, limit: number): Token {
  let value = '';
  let problem: TokenProblem | undefined;
  let from = start + 1;
  for (let at = from; at < limit; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      return { kind: 'string', text: value + text.slice(from, at), start, end: at + 1, ...(problem && { problem }) };
    }
    if (code === 10) return withoutEnd(text, start, at);
    if (code === 92) {
      value += text.slice(from, at);
      const escape = readEscape(text, at, limit);
      value += escape.value;
      problem ??= escape.problem;
      from = escape.end;
      at = escape.end - 1;
    }
  }
  return withoutEnd(text, start, limit);
}

function readEscape(text: string, at: number, limit: number): { value: string; end: number; problem?: TokenProblem } {
  const letter = text.charAt(at + 1);
  const known = ESCAPES[letter];
  if (known !== undefined && at + 1 < limit) return { value: known, end: at + 2 };
  const hex = letter === 'u' ? /^[0-9a-fA-F]{4}/.exec(text.slice(at + 2, Math.min(at + 6, limit)))?.[0] : undefined;
  if (hex) return { value: String.fromCharCode(parseInt(hex, 16)), end: at + 6 };
  const wellFormed = letter !== '' && letter !== '\n' && letter !== '\r' && at + 1 < limit;
  const end = wellFormed ? at + 2 : at + 1;
  const problem: TokenProblem = {
    code: 'DR1003',
    start: at,
    end,
    message: `unknown escape ${text.slice(at, end)}`,
    fix: `a backslash itself is written \\\\; known escapes are \\\\ \\" \\n \\t and \\uXXXX`,
  };
  return { value: text.slice(at, end), end, problem };
}

/** The string ends with its line, but closers at the line's end are left to the block that they close. */
function withoutEnd(text: string, start: number, lineEnd: number): Token {
  const line = text.slice(start, lineEnd);
  const kept = line.replace(TRAILING_CLOSERS, '') || '"';
  const end = start + kept.length;
  return { kind: 'string', text: kept.slice(1), start, end, problem: unclosed(start, end, 'add the closing quote') };
}

function unclosed(start: number, end: number, fix: string): TokenProblem {
  return { code: 'DR1002', start, end, message: 'this string has no closing quote', fix };
}
