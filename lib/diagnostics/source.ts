/** One text that was read, with what is needed to turn offsets into lines and columns. */
export interface SourceFile {
  /** Name as it is shown to people, relative to the spec's root. */
  readonly name: string;
  readonly text: string;
}

/** A piece of a source file, by offsets into its text; `end` is exclusive. */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** Line and column, both from 1, as editors show them. Columns count UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const lineStartsOf = new WeakMap<SourceFile, readonly number[]>();

function lineStarts(file: SourceFile): readonly number[] {
  const known = lineStartsOf.get(file);
  if (known) return known;
  const starts = [0];
  for (let at = file.text.indexOf('\n'); at >= 0; at = file.text.indexOf('\n', at + 1)) starts.push(at + 1);
  lineStartsOf.set(file, starts);
  return starts;
}

/** Position of an offset; an offset past the end is the end. */
export function positionAt(file: SourceFile, offset: number): Position {
  const starts = lineStarts(file);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: Math.min(offset, file.text.length) - (starts[low] ?? 0) + 1 };
}

/** The text of a line (from 1) without its line break. */
export function lineText(file: SourceFile, line: number): string {
  const starts = lineStarts(file);
  const start = starts[line - 1] ?? file.text.length;
  const end = starts[line] ?? file.text.length + 1;
  return file.text.slice(start, end - 1).replace(/\r$/, '');
}

/** `file:line:column` of a span's start. */
export function placeOf(span: Span): string {
  const { line, column } = positionAt(span.file, span.start);
  return `${span.file.name}:${line}:${column}`;
}
