/** Any text as a literal. */
export function literal(text: string): string {
  return `N'${text.replaceAll("'", "''")}'`;
}

/** Any name as an identifier: brackets need no session setting, and only the closing one is doubled. */
export function identifier(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}

/** Characters of a statement in one binary literal, and of an answer in one PRINT (at most 8,000 bytes). */
const PIECE = 200;
const PRINTED = 4000;

/**
 * A statement as a batch of one line and of ASCII alone: code pages, line breaks, `GO`, `:commands` and `$(variables)` in
 * names are all hexadecimal digits here, so that no kind of sqlcmd reads them as its own. The statement may set `@answer`
 * to JSON, which comes back in hexadecimal digits too, in pieces that no display width cuts, each after the marker; a
 * final dot says that the statement ended well.
 */
export function batchOf(statement: string, marker: string): string {
  const pieces = statement.match(new RegExp(`[^]{1,${PIECE}}`, 'g')) ?? [];
  return [
    'SET NOCOUNT ON; SET LANGUAGE us_english;',
    "DECLARE @statement nvarchar(max) = N'', @answer nvarchar(max), @result int, @error int, @hex varchar(max), @at int = 1;",
    ...pieces.map((piece) => `SET @statement += CONVERT(nvarchar(max), 0x${hexOf(piece)});`),
    "EXEC @result = sys.sp_executesql @statement, N'@answer nvarchar(max) OUTPUT', @answer OUTPUT; SET @error = @@ERROR;",
    'IF @result = 0 AND @error = 0 BEGIN',
    'SET @hex = CONVERT(varchar(max), CONVERT(varbinary(max), @answer), 2);',
    `WHILE @at <= LEN(@hex) BEGIN PRINT '${marker}' + SUBSTRING(@hex, @at, ${PRINTED}); SET @at += ${PRINTED}; END;`,
    `PRINT '${marker}.'; END`,
  ].join(' ');
}

function hexOf(text: string): string {
  return Buffer.from(text, 'utf16le').toString('hex');
}

/** Sorts a batch's answer out of the lines around it: prompts before it, messages, blank lines. */
export interface AnswerReader {
  /** @returns whether the statement ended well with this line */
  line(text: string): boolean;
  /** The JSON that the statement answered with; `undefined` where it set none. */
  json(): unknown;
  /** All other lines. */
  lines(): readonly string[];
  /** The same as a text. */
  talk(): string;
}

export function answerReader(marker: string): AnswerReader {
  const hex: string[] = [];
  const talk: string[] = [];
  return {
    line: (text) => {
      const at = text.indexOf(marker);
      if (at < 0) {
        talk.push(text);
        return false;
      }
      const rest = text.slice(at + marker.length).trim();
      if (rest === '.') return true;
      hex.push(rest);
      return false;
    },
    json: () => {
      const text = Buffer.from(hex.join(''), 'hex').toString('utf16le');
      return text === '' ? undefined : (JSON.parse(text) as unknown);
    },
    lines: () => talk,
    talk: () => talk.join('\n').trim(),
  };
}
