import type { Span } from '../diagnostics';
import type { Brackets } from './brackets';
import type { Cursor } from './cursor';
import type { Value } from './tree';

/** Text goes on right behind a string: a quote is missing before it, or stands unescaped in it. */
export function hasBrokenQuotes(cursor: Cursor, last: Value): boolean {
  if (last.kind !== 'string' || !cursor.isTouching) return false;
  if (cursor.isKey()) return last.value === '';
  return cursor.current.kind !== 'junk' || /^[^\n]*"/.test(cursor.layout.following(cursor.current));
}

export function passBrokenQuotes(cursor: Cursor, brackets: Brackets, last: Value): void {
  cursor.report({
    code: 'DR1002',
    span: last.span,
    message: 'the quotes of this line do not pair up',
    fix: 'put each text between two quotes; a quote inside of text is written \\"',
  });
  brackets.passLine(last.span.start);
}

/** A value or a block where a key is expected: the bracket of a list was forgotten, or its whole line. */
export function isLooseItem(cursor: Cursor, last: Value | undefined): boolean {
  const { current, layout } = cursor;
  if (cursor.is('{')) return layout.isFirstOnLine(current);
  const isValue = (current.kind === 'string' || current.kind === 'number') && !current.problem;
  if (!isValue || layout.looksLikeKey(current)) return false;
  return isScalar(last) || /^\s*[,\]]/.test(layout.following(current));
}

export function isScalar(value: Value | undefined): boolean {
  return value !== undefined && value.kind !== 'object' && value.kind !== 'list';
}

/** All values that follow, with the bracket that closes them. */
export function passLooseItems(cursor: Cursor): void {
  const { kind, text } = cursor.current;
  cursor.report({
    code: 'DR1001',
    span: cursor.spanOf(cursor.current),
    message: `found ${kind === 'string' ? JSON.stringify(text) : text} where a key is expected`,
    fix: 'several values stand in a list: [..., ...]',
  });
  for (;;) {
    const { kind: next } = cursor.current;
    if (cursor.is('{')) cursor.findings.quietly(() => cursor.passBalanced());
    else if (cursor.is(',') || ((next === 'string' || next === 'number') && !cursor.isKey())) cursor.advance();
    else break;
  }
  if (cursor.is(']')) cursor.advance();
  else if (!cursor.isOnNewLine) cursor.recover();
}

/** A path that starts with a placeholder and without its quote, such as {year}/, is no block. */
export function isBareText(cursor: Cursor): boolean {
  return cursor.is('{') && /^\w+\}[^\s,}\]]/.test(cursor.layout.following(cursor.current));
}

export function passBareText(cursor: Cursor, brackets: Brackets): Span {
  const first = cursor.current;
  const length = /^[^\s,"]*/.exec(cursor.layout.following(first))?.[0].length ?? 0;
  const span = cursor.spanOf(first, { start: first.start, end: first.end + length });
  cursor.report({
    code: 'DR1015',
    span,
    message: 'this is text without quotes',
    fix: 'put it in double quotes',
  });
  brackets.passLine(first.start);
  return span;
}
