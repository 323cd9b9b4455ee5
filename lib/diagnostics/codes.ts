import type { Severity } from './diagnostic';

/** What is known about a code: shown by `hypdr explain` and in docs/diagnostics.md. Codes are never reused. */
interface CodePage {
  readonly severity: Severity;
  /** A few words, lower case. */
  readonly title: string;
  /** What it means, why it matters, and the way out, in whole sentences. */
  readonly explain: string;
}

const syntax = {
  DR1001: {
    severity: 'error',
    title: 'unexpected text',
    explain:
      'The parser met something that no entry can start with. An entry is `key: value` or `key { ... }`; commas between entries are optional. Everything after the next line break is read as usual, so that one mistake is one finding.',
  },
  DR1002: {
    severity: 'error',
    title: 'string without an end',
    explain:
      'A string starts with a quote and the line ends before the closing one. Close it on the same line, or use """...""" for text over several lines.',
  },
  DR1003: {
    severity: 'error',
    title: 'unknown escape in a string',
    explain:
      'Known escapes are \\\\ \\" \\n \\t and \\uXXXX with four hexadecimal digits. A Windows path needs doubled backslashes: "C:\\\\Backups".',
  },
  DR1004: {
    severity: 'error',
    title: 'comment without an end',
    explain: 'A comment that starts with /* ends with */. Comments do not nest.',
  },
  DR1005: {
    severity: 'error',
    title: 'value missing',
    explain: 'A key is followed by a colon but no value: a string, a number, true, false, env.NAME, a list or a block.',
  },
  DR1006: {
    severity: 'error',
    title: 'colon missing',
    explain: 'Between a key and its value stands a colon; only a block may follow its key directly: `key { ... }`.',
  },
  DR1007: {
    severity: 'error',
    title: 'block or list without an end',
    explain:
      'An opening brace or bracket has no closing partner. Where the file is indented, the indentation tells which one is missing, and the rest is read as if it were there.',
  },
  DR1008: {
    severity: 'error',
    title: 'closing brace or bracket without a partner',
    explain:
      'A closing brace or bracket closes nothing. Where the file is indented, the indentation tells which one is too many.',
  },
  DR1009: {
    severity: 'error',
    title: 'the same key twice',
    explain:
      'A key may stand once in its block. Both lines are named; nothing guesses which one counts. This holds over several files too: blocks are merged, and the same leaf twice is an error that names both places.',
  },
  DR1010: {
    severity: 'error',
    title: 'nested too deeply',
    explain: 'Blocks and lists may be nested 64 levels deep. No spec needs more; such a text is usually not a spec.',
  },
  DR1011: {
    severity: 'error',
    title: 'misspelt block name',
    explain:
      'A top-level block has a name within two letters of one of ours, or equal but for case. It is an error rather than a foreign block, because protection must never be lost to a typing mistake.',
  },
  DR1012: {
    severity: 'error',
    title: 'no block of ours',
    explain:
      'The spec holds none of the blocks backup, disaster_recovery, business_continuity, backup_monitoring, database or deployment. In Markdown only ```hyp fences are read.',
  },
  DR1013: {
    severity: 'note',
    title: 'block of another concern skipped',
    explain:
      'HypnoScript files hold blocks of other concerns too. A top-level block with a name that is not ours is skipped as a whole and said once.',
  },
  DR1014: {
    severity: 'error',
    title: 'malformed number',
    explain:
      'Numbers are integers or decimals such as 30 or 0.5. An amount with a unit is a string: "15m", "100GB", "50%".',
  },
  DR1015: {
    severity: 'error',
    title: 'text without quotes',
    explain: 'Text stands in double quotes. Without quotes only true, false, numbers and env.NAME are values.',
  },
  DR1016: {
    severity: 'error',
    title: 'file that cannot be read',
    explain:
      'A spec path does not exist, is not readable, is not UTF-8 text, or is a folder without .hyp or .md files.',
  },
  DR1017: {
    severity: 'error',
    title: 'too many syntax errors',
    explain: 'After 100 syntax errors a file is probably not a spec. The first ones are shown.',
  },
  DR1018: {
    severity: 'error',
    title: 'text outside of a block',
    explain: 'At the top level of a file stand only blocks: `backup { ... }`, without a colon after the name.',
  },
} as const satisfies Record<string, CodePage>;

const spec = {
  DR2001: {
    severity: 'error',
    title: 'unknown key',
    explain: 'The block has no such key. Nothing is silently ignored; the message names the nearest known one.',
  },
  DR2002: {
    severity: 'error',
    title: 'wrong type or value',
    explain: 'The value is of another kind than its key takes. The message says what was found and what is allowed.',
  },
  DR2003: {
    severity: 'error',
    title: 'key missing',
    explain: 'The block needs a key that is not there.',
  },
  DR2004: {
    severity: 'error',
    title: 'environment variable that is not set',
    explain:
      'A value is taken from env.NAME and the environment has no such variable. Key ids and URLs have a safe default and are a warning instead (DR3010); everything else has none.',
  },
  DR2005: {
    severity: 'error',
    title: 'engine and type that do not agree',
    explain: 'The engine of a database follows from `type`. Where `engine` is given too, both must say the same.',
  },
} as const satisfies Record<string, CodePage>;

/** Every diagnostic of the program. The first digit is the stage: 1 syntax, 2 spec, 3 plan and feasibility, 4 review, 5 runner. */
export const CODES = { ...syntax, ...spec } as const satisfies Record<string, CodePage>;
