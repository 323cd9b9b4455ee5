import { editDistance } from '../diagnostics';
import type { Finding, Report, SourceFile } from '../diagnostics';
import { fencesOf } from './markdown';
import { mergeBlock } from './merge';
import { Parser } from './parser';
import type { Matching } from './brackets';
import type { Entry, Tree } from './tree';

/** Letters by which a name may differ from one of ours and is still taken for a slip. */
const SLIP = 2;

/**
 * Reads the blocks of `blockNames` from all files and merges them. Never throws: what could not be read was reported
 * and is missing or `invalid` in the tree.
 */
export function parseFiles(files: readonly SourceFile[], blockNames: readonly string[], report: Report): Tree {
  const tree = new Map<string, Entry>();
  let failed = false;
  const watch: Report = (finding) => {
    failed ||= finding.code !== 'DR1013';
    report(finding);
  };
  for (const file of files) {
    for (const [start, end] of fencesOf(file)) {
      for (const entry of parseStretch(file, start, end, blockNames, watch)) mergeBlock(tree, entry, watch);
    }
  }
  if (tree.size === 0 && !failed && files.length > 0) reportNoBlock(files, blockNames, report);
  return tree;
}

/** Parses strictly first; only when brackets do not add up, once more with the help of the indentation. */
function parseStretch(file: SourceFile, start: number, end: number, names: readonly string[], report: Report): Entry[] {
  const attempt = (matching: Matching) => {
    const findings: Finding[] = [];
    const parser = new Parser(file, start, end, matching, names, (finding) => findings.push(finding));
    const entries = parseBlocks(parser, names);
    return { entries, findings, brackets: parser.brackets };
  };
  let best = attempt('brackets');
  if (best.brackets.unbalanced) {
    const second = attempt('indentation');
    if (second.findings.length <= best.findings.length) best = second;
  }
  best.findings.forEach(report);
  return best.brackets.unplaced ? best.entries.map(unplace) : best.entries;
}

function unplace(entry: Entry): Entry {
  const { value } = entry;
  if (value.kind !== 'object') return entry;
  const entries = new Map([...value.entries].map(([key, one]) => [key, unplace(one)]));
  return { ...entry, value: { ...value, entries, damaged: true, unplaced: true } };
}

function parseBlocks(parser: Parser, names: readonly string[]): Entry[] {
  const { cursor, brackets } = parser;
  const blocks: Entry[] = [];
  let lostIndented = false;
  while (!cursor.isAtEnd) {
    if (cursor.is('}') && lostIndented && cursor.layout.indentOf(cursor.current) === 0) {
      // The end of the block whose entries stood outside of it.
      lostIndented = false;
      brackets.unbalanced = true;
      cursor.advance();
    } else if (cursor.is('}') || cursor.is(']')) {
      brackets.reportStray();
    } else if (cursor.current.kind !== 'word' && cursor.current.kind !== 'string') {
      cursor.reportUnexpected('a block');
      cursor.passOver();
    } else {
      // Entries that an early closing brace has thrown out of their block are one finding, not one each.
      const indented = cursor.layout.indentOf(cursor.current) > 0;
      const parse = () => parseBlock(parser, names, indented);
      const block: Entry | undefined = indented && lostIndented ? cursor.findings.quietly(parse) : parse();
      lostIndented ||= indented && block === undefined;
      if (block) blocks.push(block);
    }
  }
  return blocks;
}

function parseBlock(parser: Parser, names: readonly string[], indented: boolean): Entry | undefined {
  const { cursor } = parser;
  const name = cursor.advance();
  const span = cursor.spanOf(name);
  const ours = names.includes(name.text) ? name.text : undefined;
  if (!cursor.is('{')) {
    cursor.report({
      code: 'DR1018',
      span,
      message: `"${name.text}" stands outside of any block`,
      fix: `at the top level of a file stand only blocks: ${name.text} { ... }`,
    });
    if (ours && parser.isBodyOf(name)) return { key: ours, keySpan: span, value: parser.parseBodyOf(name) };
    if (cursor.is(':')) cursor.advance();
    if (!cursor.is('{') || indented) {
      cursor.recover();
      return undefined;
    }
  }
  const meant = ours ?? slipOf(name.text, names);
  if (meant === undefined) {
    parser.skipBlock();
    cursor.report({
      code: 'DR1013',
      span,
      message: `block "${name.text}" is of another concern and was skipped`,
      fix: '',
    });
    return undefined;
  }
  if (!ours) {
    cursor.report({
      code: 'DR1011',
      span,
      message: `"${name.text}" is no block of ours, but nearly one`,
      fix: `write ${meant}, or a name that cannot be mistaken for it`,
    });
  }
  const value = parser.parseObject();
  // What a slip's block lacks may be in another one, so nothing in it counts as missing.
  return { key: meant, keySpan: span, value: ours ? value : { ...value, damaged: true } };
}

function slipOf(name: string, names: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  return names.find((one) => Math.abs(one.length - name.length) <= SLIP && editDistance(lower, one) <= SLIP);
}

function reportNoBlock(files: readonly SourceFile[], names: readonly string[], report: Report): void {
  const file = files[0];
  report({
    code: 'DR1012',
    ...(file && { span: { file, start: 0, end: 1 } }),
    message: `no block of ours in ${files.map((one) => one.name).join(', ') || 'the spec'}`,
    fix: `write at least one of ${names.join(', ')}; in Markdown, inside of a \`\`\`hyp fence`,
  });
}
