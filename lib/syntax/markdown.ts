import type { SourceFile } from '../diagnostics';

const OPENING = /^( {0,3})(`{3,}|~{3,})[ \t]*([^\s`]*)[^`]*$/;

/**
 * The stretches of a file that hold the language: the whole of a `.hyp` file, each ```hyp fence of a `.md` file
 * (CommonMark's fenced code blocks: https://spec.commonmark.org/0.31.2/#fenced-code-blocks).
 */
export function fencesOf(file: SourceFile): readonly (readonly [start: number, end: number])[] {
  if (!/\.(md|markdown)$/i.test(file.name)) return [[0, file.text.length]];
  const fences: [number, number][] = [];
  let open: { fence: string; ours: boolean; start: number } | undefined;
  let at = 0;
  while (at < file.text.length) {
    const lineBreak = file.text.indexOf('\n', at);
    const next = lineBreak < 0 ? file.text.length : lineBreak + 1;
    const line = file.text.slice(at, next).replace(/\r?\n$/, '');
    if (open) {
      if (isClosing(line, open.fence)) {
        if (open.ours) fences.push([open.start, at]);
        open = undefined;
      }
    } else {
      const match = OPENING.exec(line);
      if (match) open = { fence: match[2] ?? '', ours: match[3]?.toLowerCase() === 'hyp', start: next };
    }
    at = next;
  }
  if (open?.ours) fences.push([open.start, file.text.length]);
  return fences;
}

function isClosing(line: string, fence: string): boolean {
  const text = line.trim();
  return text.length >= fence.length && /^(`+|~+)$/.test(text) && text[0] === fence[0] && /^ {0,3}\S/.test(line);
}
