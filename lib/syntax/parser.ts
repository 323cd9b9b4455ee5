import type { Report, SourceFile } from '../diagnostics';
import { Brackets } from './brackets';
import type { Matching } from './brackets';
import { Cursor } from './cursor';
import { unquoted } from './syntax-report';
import type { Token } from './token';
import type { Entry, ListValue, ObjectValue, Value } from './tree';

const DEEPEST = 64;

/**
 * Recursive descent over tokens. It never throws and always comes to the end: after an error it goes on at the next
 * line, comma or closer, so that one mistake is one finding.
 */
export class Parser {
  readonly cursor: Cursor;
  readonly brackets: Brackets;

  constructor(
    file: SourceFile,
    start: number,
    end: number,
    matching: Matching,
    anchors: readonly string[],
    reporter: Report,
  ) {
    this.cursor = new Cursor(file, start, end, reporter);
    this.brackets = new Brackets(this.cursor, matching, anchors);
  }

  /** Skips a block of another concern, whatever it holds; it ends at a block of ours at the latest. */
  skipBlock(): void {
    const opener = this.cursor.current;
    if (!this.cursor.passBalanced(() => this.brackets.isAnchor())) this.brackets.reportUnclosed(opener);
  }

  // --- blocks ---------------------------------------------------------------------------------------------------

  parseObject(): ObjectValue {
    return this.parseEntries(this.brackets.open(this.cursor.advance()));
  }

  /** A line below a key, set in further than the key: entries of a block whose opening brace is missing. */
  isBodyOf(key: Token): boolean {
    const { cursor } = this;
    if (!cursor.isOnNewLine || !cursor.isKey() || this.brackets.depth >= DEEPEST) return false;
    return (
      cursor.layout.isFirstOnLine(cursor.current) &&
      cursor.layout.indentOf(cursor.current) > cursor.layout.indentOf(key)
    );
  }

  /** @param key the key or name whose opening brace is missing */
  parseBodyOf(key: Token): ObjectValue {
    return this.parseEntries(this.brackets.open(key));
  }

  private parseEntries(open: Token): ObjectValue {
    const { cursor, brackets } = this;
    const entries = new Map<string, Entry>();
    let damaged = false;
    let last: Entry | undefined;
    for (;;) {
      if (brackets.takeUnseenCloser()) break;
      if (cursor.is(',')) cursor.advance();
      else if (cursor.isAtEnd || brackets.isAnchor() || (cursor.is(']') && brackets.isInList)) {
        damaged = true;
        brackets.reportUnclosed(open);
        break;
      } else if (brackets.isOutside()) {
        damaged ||= entries.size === 0;
        brackets.reportUnclosed(open);
        break;
      } else if (cursor.is(']')) {
        if (!brackets.isMistaken()) brackets.reportStray();
        else {
          brackets.reportMistaken('}');
          break;
        }
      } else if (cursor.is('}')) {
        const verdict = brackets.judgeCloser();
        if (verdict === 'ours') {
          cursor.advance();
          break;
        }
        if (verdict === 'outer') {
          brackets.reportUnclosed(open);
          break;
        }
        brackets.reportStray();
      } else {
        last = this.parseEntry(entries, last);
        damaged ||= last === undefined;
      }
    }
    damaged = brackets.close() || damaged;
    return { kind: 'object', entries, span: cursor.spanOf(open, { start: 0, end: cursor.previousEnd }), damaged };
  }

  /** Reads one entry into `entries`; `undefined` when it was lost. */
  private parseEntry(entries: Map<string, Entry>, last: Entry | undefined): Entry | undefined {
    const { cursor } = this;
    if (last && this.hasBrokenQuotes(last.value)) {
      cursor.findings.about(last.key, () => this.reportBrokenQuotes(last.value));
      return this.spoil(entries, last);
    }
    if (last && this.isLooseItem()) {
      cursor.findings.about(last.key, () => this.reportLooseItem());
      return this.spoil(entries, last);
    }
    if (cursor.current.kind !== 'word' && cursor.current.kind !== 'string') {
      if (cursor.is('{')) this.brackets.unbalanced = true;
      cursor.reportUnexpected('a key');
      this.passBadKey();
      return undefined;
    }
    const key = cursor.advance();
    if (key.problem) {
      cursor.reportProblem(key);
      cursor.recover();
      return undefined;
    }
    const value = cursor.findings.about(key.text, () => this.parseAfterKey(key));
    return value && this.addEntry(entries, { key: key.text, keySpan: cursor.spanOf(key), value });
  }

  /** With the help of the indentation a brace too many is one character too many; without it, all that it opens is. */
  private passBadKey(): void {
    if (this.cursor.is('{') && this.brackets.matching === 'indentation') this.cursor.advance();
    else this.cursor.passOver();
  }

  private addEntry(entries: Map<string, Entry>, entry: Entry): Entry {
    const first = entries.get(entry.key);
    const lost = first?.value.kind === 'object' && first.value.damaged && first.value.entries.size === 0;
    if (!first || lost) {
      entries.set(entry.key, entry);
    } else {
      this.cursor.report({
        code: 'DR1009',
        span: entry.keySpan,
        message: `"${entry.key}" stands here for the second time`,
        fix: 'keep one of the two',
        related: [{ span: first.keySpan, message: `"${entry.key}" stands here first` }],
      });
    }
    return entry;
  }

  /** The value of an entry was misread, as the next token shows: nothing more is said about it. */
  private spoil(entries: Map<string, Entry>, entry: Entry): Entry {
    const spoilt: Entry = { ...entry, value: { kind: 'invalid', span: entry.value.span } };
    entries.set(entry.key, spoilt);
    return spoilt;
  }

  /** Answers `undefined` where the key itself is not one. */
  private parseAfterKey(key: Token): Value | undefined {
    const { cursor } = this;
    if (cursor.is('{')) return this.parseNested();
    if (cursor.is(':')) return this.parseValue(cursor.advance(), key);
    const sameLine = !cursor.isOnNewLine;
    if (sameLine && cursor.current.kind === 'word' && cursor.isKey()) {
      this.reportBrokenKey(key);
      return undefined;
    }
    cursor.report({
      code: 'DR1006',
      span: cursor.spanOf(key),
      message: `"${key.text}" is not followed by a colon`,
      fix: this.isBodyOf(key) ? `write ${key.text}: {` : `write ${key.text}: and its value`,
    });
    if (this.isBodyOf(key)) return this.parseBodyOf(key);
    const { kind } = cursor.current;
    if (sameLine && (kind === 'string' || kind === 'number' || kind === 'word' || cursor.is('['))) {
      const value = cursor.findings.quietly(() => this.parseValue(key, key));
      if (cursor.is(':') && !cursor.isOnNewLine) cursor.advance();
      return value;
    }
    if (sameLine) cursor.recover();
    return { kind: 'invalid', span: cursor.spanOf(key) };
  }

  /** Two words before a colon. */
  private reportBrokenKey(key: Token): void {
    const { cursor } = this;
    const second = cursor.advance();
    cursor.report({
      code: 'DR1006',
      span: cursor.spanOf(key, second),
      message: `"${key.text}" is not followed by a colon`,
      fix: `write ${key.text}: and its value; a key of two words is written ${key.text}_${second.text}`,
    });
    cursor.findings.quietly(() => this.parseAfterKey(second));
  }

  // --- values ---------------------------------------------------------------------------------------------------

  /** @param before what stands before the value: its colon, its key, or the place of an item of a list */
  private parseValue(before: Pick<Token, 'start' | 'end'>, key?: Token): Value {
    const { cursor } = this;
    const token = cursor.current;
    const onNewLine = cursor.layout.hasLineBreakBetween(before, token);
    if (cursor.is('{') || cursor.is('[')) return this.parseNested();
    const startsEntry = onNewLine && cursor.isKey();
    if ((token.kind === 'string' || token.kind === 'number') && !startsEntry) return this.parseScalar(cursor.advance());
    if (token.kind === 'word' && !startsEntry) return this.parseWord();
    if (key && this.isBodyOf(key)) {
      cursor.report({
        code: 'DR1005',
        span: cursor.spanOf(before),
        message: 'an opening brace is missing here',
        fix: `write ${key.text}: {`,
      });
      return this.parseBodyOf(key);
    }
    if (token.kind === 'end' || cursor.is('}') || cursor.is(']') || cursor.is(',') || onNewLine) {
      cursor.report({
        code: 'DR1005',
        span: cursor.spanOf(before),
        message: 'a value is missing here',
        fix: 'write a string, a number, true, false, env.NAME, a list or a block',
      });
    } else {
      cursor.reportUnexpected('a value');
      cursor.passOver();
    }
    return { kind: 'invalid', span: cursor.spanOf(before) };
  }

  private parseScalar(token: Token): Value {
    const span = this.cursor.spanOf(token);
    if (token.problem) {
      this.cursor.reportProblem(token);
      if (this.cursor.isTouching) this.brackets.passLine(token.start);
      return { kind: 'invalid', span };
    }
    if (token.kind === 'number') return { kind: 'number', value: Number(token.text), span };
    return { kind: 'string', value: token.text, span };
  }

  private parseWord(): Value {
    const token = this.cursor.advance();
    const span = this.cursor.spanOf(token);
    if (token.text === 'true' || token.text === 'false') return { kind: 'boolean', value: token.text === 'true', span };
    const name = /^env\.([A-Za-z_][A-Za-z0-9_]*)$/.exec(token.text)?.[1];
    if (name) return { kind: 'env', name, span };
    this.cursor.report({ ...unquoted(token.text), span });
    this.cursor.recover();
    return { kind: 'invalid', span };
  }

  private parseNested(): Value {
    const { cursor } = this;
    if (this.brackets.depth < DEEPEST) return cursor.is('{') ? this.parseObject() : this.parseList();
    const opener = cursor.current;
    cursor.report({
      code: 'DR1010',
      span: cursor.spanOf(opener),
      message: `blocks and lists are nested more than ${DEEPEST} levels deep`,
      fix: 'remove levels; no key of the spec needs that many',
    });
    cursor.passBalanced();
    return { kind: 'invalid', span: cursor.spanOf(opener) };
  }

  private parseList(): ListValue {
    const { cursor, brackets } = this;
    const open = brackets.open(cursor.advance());
    const items: Value[] = [];
    for (;;) {
      const last = items[items.length - 1];
      if (brackets.takeUnseenCloser()) break;
      if (cursor.is(',')) cursor.advance();
      else if (cursor.is(']')) {
        cursor.advance();
        break;
      } else if (cursor.is('}') && brackets.isMistaken()) {
        brackets.reportMistaken(']');
        break;
      } else if (cursor.isAtEnd || cursor.is('}') || brackets.isAnchor() || this.isEntryInList()) {
        brackets.reportUnclosed(open);
        break;
      } else if (last && this.hasBrokenQuotes(last)) {
        this.reportBrokenQuotes(last);
        items[items.length - 1] = { kind: 'invalid', span: last.span };
      } else {
        items.push(this.parseValue({ start: cursor.current.start, end: cursor.current.start }));
      }
    }
    brackets.close();
    return { kind: 'list', items, span: cursor.spanOf(open, { start: 0, end: cursor.previousEnd }) };
  }

  private isEntryInList(): boolean {
    const { cursor } = this;
    return cursor.current.kind === 'word' && cursor.isKey() && cursor.layout.isFirstOnLine(cursor.current);
  }

  // --- strings and items out of place ---------------------------------------------------------------------------

  /** Text goes on right behind a string: a quote is missing before it, or stands unescaped in it. */
  private hasBrokenQuotes(last: Value): boolean {
    const { current, layout, isTouching } = this.cursor;
    if (last.kind !== 'string' || !isTouching || this.cursor.isKey()) return false;
    return current.kind !== 'junk' || /^[^\n]*"/.test(layout.following(current));
  }

  private reportBrokenQuotes(last: Value): void {
    this.cursor.report({
      code: 'DR1002',
      span: last.span,
      message: 'the quotes of this line do not pair up',
      fix: 'put each text between two quotes; a quote inside of text is written \\"',
    });
    this.brackets.passLine(last.span.start);
  }

  /** A second value on the line of the first, where the list's bracket was forgotten. */
  private isLooseItem(): boolean {
    const { cursor } = this;
    const { kind } = cursor.current;
    return (
      (kind === 'string' || kind === 'number') && !cursor.isOnNewLine && !cursor.layout.looksLikeKey(cursor.current)
    );
  }

  private reportLooseItem(): void {
    const { cursor } = this;
    cursor.report({
      code: 'DR1001',
      span: cursor.spanOf(cursor.current),
      message: `found ${cursor.current.kind === 'string' ? JSON.stringify(cursor.current.text) : cursor.current.text} where a key is expected`,
      fix: 'several values stand in a list: ["...", "..."]',
    });
    while (cursor.current.kind !== 'end' && !cursor.isOnNewLine && !cursor.is('}')) cursor.advance();
  }
}
