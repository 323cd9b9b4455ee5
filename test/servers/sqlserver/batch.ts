import { ServerError } from './server-error';

/** What a batch asks to be executed, and how its answer is marked. */
export interface Batch {
  readonly statement: string;
  readonly marker: string;
}

const PIECE = /SET @statement \+= CONVERT\(nvarchar\(max\), 0x([0-9a-f]+)\);/g;

/**
 * Reads the batch around a statement: plain characters only, one print of the answer in pieces and one of its end, both
 * only where the statement went well.
 */
export function readBatch(text: string): Batch {
  if (/[^\n\x20-\x7e]/.test(text)) throw new ServerError(102, 15, 'a character that a code page may change');
  if (text.includes('$(')) throw new ServerError(102, 15, 'a scripting variable');
  const pieces = [...text.matchAll(PIECE)].map(([, hex = '']) => hex);
  if (pieces.length === 0) throw new ServerError(102, 15, "Incorrect syntax near 'SET'.");
  const rest = text.replace(PIECE, '').replace(/\s+/g, ' ').trim();
  const marker = /PRINT '([^']+)' \+ SUBSTRING/.exec(rest)?.[1] ?? '';
  const expected = [
    'SET NOCOUNT ON; SET LANGUAGE us_english;',
    "DECLARE @statement nvarchar(max) = N'', @answer nvarchar(max), @result int, @error int, @hex varchar(max), @at int = 1;",
    "EXEC @result = sys.sp_executesql @statement, N'@answer nvarchar(max) OUTPUT', @answer OUTPUT; SET @error = @@ERROR;",
    'IF @result = 0 AND @error = 0 BEGIN SET @hex = CONVERT(varchar(max), CONVERT(varbinary(max), @answer), 2);',
    `WHILE @at <= LEN(@hex) BEGIN PRINT '${marker}' + SUBSTRING(@hex, @at, 4000); SET @at += 4000; END;`,
    `PRINT '${marker}.'; END`,
  ].join(' ');
  if (marker === '' || rest !== expected) throw new ServerError(102, 15, `another batch than is known here: ${rest}`);
  return { statement: Buffer.from(pieces.join(''), 'hex').toString('utf16le'), marker };
}

/** The lines that a batch prints for its answer. */
export function printed({ marker }: Batch, answer: string | undefined): readonly string[] {
  const hex = Buffer.from(answer ?? '', 'utf16le')
    .toString('hex')
    .toUpperCase();
  const lines = (hex.match(/.{1,4000}/g) ?? []).map((piece) => `${marker}${piece}`);
  return [...lines, `${marker}.`];
}
