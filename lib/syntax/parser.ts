import type { Report, SourceFile } from '../diagnostics';
import { Body } from './body';
import { Brackets, DEEPEST } from './brackets';
import type { Matching } from './brackets';
import { Cursor } from './cursor';
import {
  hasBrokenQuotes,
  isBareText,
  isLooseItem,
  isScalar,
  passBareText,
  passBrokenQuotes,
  passLooseItems,
} from './mistakes';
import { unquoted } from './syntax-report';
import type { Token } from './token';
import type { ObjectValue, Value } from './tree';

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
    const body = new Body();
    while (this.parseNext(body, open));
    const damaged = brackets.close() || body.damaged;
    const entries = body.finish((finding) => cursor.report(finding));
    return { kind: 'object', entries, span: cursor.spanOf(open, { start: 0, end: cursor.previousEnd }), damaged };
  }

  /** Reads one entry, comma or closer; false at the end of the block. */
  private parseNext(body: Body, open: Token): boolean {
    const { cursor, brackets } = this;
    if (brackets.takeUnseenCloser()) return false;
    if (cursor.is(',')) return cursor.advance() !== undefined;
    const lost = cursor.isAtEnd || brackets.isAnchor() || (cursor.is(']') && brackets.isInList);
    if (lost || brackets.isOutside()) {
      body.damaged ||= lost || body.isEmpty;
      brackets.reportUnclosed(open);
      return false;
    }
    if (cursor.is(']')) {
      if (!brackets.isMistaken()) {
        // Most likely the end of a list whose opening bracket is missing.
        body.spoilLast();
        return brackets.reportStray();
      }
      brackets.reportMistaken('}');
      return false;
    }
    if (!cursor.is('}')) {
      this.parseEntry(body);
      return true;
    }
    const verdict = brackets.judgeCloser();
    if (verdict === 'ours') cursor.advance();
    else if (verdict === 'outer') brackets.reportUnclosed(open);
    else {
      body.dropFurtherIn(cursor.layout.indentOf(cursor.current));
      return brackets.reportStray();
    }
    return false;
  }

  private parseEntry(body: Body): void {
    const { cursor, brackets } = this;
    const { last } = body;
    if (last && hasBrokenQuotes(cursor, last.value)) {
      cursor.findings.about(last.key, () => passBrokenQuotes(cursor, brackets, last.value));
      return body.spoilLast();
    }
    if (isLooseItem(cursor, last?.value)) {
      brackets.unbalanced ||= cursor.is('{');
      if (cursor.is('{') || isScalar(last?.value)) body.spoilLast();
      cursor.findings.about(last?.key ?? '', () => passLooseItems(cursor));
      body.damaged = true;
      return;
    }
    if (cursor.current.kind !== 'word' && cursor.current.kind !== 'string') {
      if (cursor.is('{')) brackets.unbalanced = true;
      cursor.reportUnexpected('a key');
      body.damaged = true;
      return this.passBadKey();
    }
    const key = cursor.advance();
    if (key.problem) {
      cursor.reportProblem(key);
      body.damaged = true;
      return cursor.recover();
    }
    const indent = cursor.layout.indentOf(key);
    const value = cursor.findings.about(key.text, () => this.parseAfterKey(key));
    if (value) body.add({ key: key.text, keySpan: cursor.spanOf(key), value }, indent);
    else body.damaged = true;
  }

  /** With the help of the indentation a brace too many is one character too many; without it, all that it opens is. */
  private passBadKey(): void {
    if (this.cursor.is('{') && this.brackets.matching === 'indentation') this.cursor.advance();
    else this.cursor.passOver();
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
    if (isBareText(cursor)) return { kind: 'invalid', span: passBareText(cursor, this.brackets) };
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

  private parseList(): Value {
    const { cursor, brackets } = this;
    const open = brackets.open(cursor.advance());
    const items: Value[] = [];
    let unclosed = false;
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
      } else if (cursor.is('}') && brackets.judgeCloser() === 'stray') {
        brackets.reportStray();
      } else if (brackets.isHeadless()) {
        items.push(this.parseHeadless());
      } else if (cursor.isAtEnd || cursor.is('}') || brackets.isAnchor() || this.isEntryInList()) {
        unclosed = true;
        brackets.reportUnclosed(open);
        break;
      } else if (last && hasBrokenQuotes(cursor, last)) {
        passBrokenQuotes(cursor, brackets, last);
        items[items.length - 1] = { kind: 'invalid', span: last.span };
      } else {
        items.push(this.parseValue({ start: cursor.current.start, end: cursor.current.start }));
      }
    }
    brackets.close();
    const [inner] = items;
    // The same bracket twice: the list is the inner one.
    if (unclosed && inner?.kind === 'list' && inner.span.start === open.end) return inner;
    if (unclosed && inner === undefined) return { kind: 'invalid', span: cursor.spanOf(open) };
    return { kind: 'list', items, span: cursor.spanOf(open, { start: 0, end: cursor.previousEnd }) };
  }

  /** A block of a list whose opening brace is missing. */
  private parseHeadless(): Value {
    const first = this.cursor.current;
    this.cursor.report({
      code: 'DR1005',
      span: this.cursor.spanOf(first),
      message: 'an opening brace is missing before this',
      fix: 'write { on the line before',
    });
    return this.parseEntries(this.brackets.openBefore(first));
  }

  private isEntryInList(): boolean {
    const { cursor } = this;
    return cursor.current.kind === 'word' && cursor.isKey() && cursor.layout.isFirstOnLine(cursor.current);
  }
}
