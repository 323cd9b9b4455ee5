import { Readable } from 'node:stream';
import type { SourceStream } from './engine';
import { literal } from './sqlserver-statement';

/** A script that sqlcmd and other tools read: batches, each ended by GO, so that one that fails leaves the others alone. */
export interface Script {
  comment(text: string): void;
  batch(statement: string): void;
  text(): string;
}

export function newScript(): Script {
  const lines: string[] = [];
  return {
    comment: (text) => void lines.push(...text.split(/\r?\n/).map((line) => `-- ${line}`)),
    // A line of its own that says GO ends a batch, even within a literal: what has line breaks is put together from parts.
    batch: (statement) => {
      const folded = `DECLARE @statement nvarchar(max) = ${textOf(statement)}; EXEC (@statement);`;
      lines.push(/[\r\n]/.test(statement) ? folded : statement, 'GO');
    },
    text: () => `${lines.join('\r\n')}\r\n`,
  };
}

/** Any text as an expression of one line. */
export function textOf(text: string): string {
  if (!/[\r\n]/.test(text)) return literal(text);
  return text
    .split(/(\r|\n)/)
    .filter((part) => part !== '')
    .map((part) => (part === '\r' ? 'NCHAR(13)' : part === '\n' ? 'NCHAR(10)' : literal(part)))
    .join(' + ');
}

/** As every kind of sqlcmd reads it on every system, whatever its code page: UTF-16 with its mark. */
export function scriptStream(name: string, text: string): SourceStream {
  const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
  return {
    name,
    format: 'sql',
    compression: 'none',
    output: Readable.from([bytes], { objectMode: false }),
    ended: Promise.resolve(),
  };
}
