import type { Child } from './child';
import { statusOf } from './child';
import { EngineError } from './engine';

type Kind = EngineError['kind'];

interface Cause {
  readonly codes: readonly number[];
  readonly words?: RegExp;
  readonly kind: Kind;
  readonly fix: string;
}

const RIGHTS =
  'grant the account what it needs: SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES, RELOAD, PROCESS, REPLICATION CLIENT (BINLOG MONITOR), SHOW_ROUTINE where there is one, and REPLICATION SLAVE for binary logs';

/** MariaDB's dump says nothing at times where its connection is killed between two statements. */
const SILENCE = ' and said nothing';

/** Numbers of https://mariadb.com/kb/en/mariadb-error-code-reference/; MySQL has the same ones below 1900. */
const CAUSES: readonly Cause[] = [
  { codes: [1044, 1142, 1143, 1227, 1370, 1345, 1290], kind: 'config', fix: RIGHTS },
  {
    codes: [1045, 1698, 1130, 1862, 1820, 4151],
    words: /Access denied for user '[^']*'@'[^']*' \(using password/,
    kind: 'config',
    fix: 'check user and password',
  },
  { codes: [1049], words: /Unknown database/, kind: 'config', fix: 'check the name of the database' },
  { codes: [2026], words: /(TLS|SSL)(\/SSL)? (connection )?error/, kind: 'config', fix: 'check ssl_mode and the CA' },
  {
    codes: [2002, 2003, 2005, 2006, 2013, 1053, 1927],
    kind: 'retry',
    fix: 'check that the server runs, that it can be reached, and that nobody ended the connection',
  },
  {
    codes: [],
    words: new RegExp(`${SILENCE}$`),
    kind: 'retry',
    fix: "look into the server's log: it may have ended the connection",
  },
  { codes: [1356], kind: 'source', fix: 'drop or repair the view: the tool cannot dump it, nor anything after it' },
  { codes: [1412], words: /Table definition has changed/, kind: 'retry', fix: '' },
  {
    codes: [],
    words: /Could not find first log file|log file .* (missing|not found)/,
    kind: 'retry',
    fix: 'keep binary logs for longer than the time between two log runs',
  },
  {
    codes: [],
    words: /Fatal error in defaults handling|unknown (variable|option) '/,
    kind: 'config',
    fix: 'correct the option file',
  },
  { codes: [3], words: /No space left on device/, kind: 'source', fix: 'make room in the folder for scratch files' },
];

/**
 * A failure by what a tool said. Tables that change or go away while they are dumped (1412, 1146), lost connections and
 * all that is not known are worth another try.
 */
export function errorOfTalk(what: string, talk: string): EngineError {
  const code = codeOf(talk);
  const known =
    CAUSES.find(({ codes }) => code !== undefined && codes.includes(code)) ??
    CAUSES.find(({ words }) => words?.test(talk) === true);
  const said = talk.replace(STATEMENT, '').replace(UNKNOWN_VARIABLE, "$1***'").trim().slice(-2000);
  return new EngineError(known?.kind ?? 'retry', `${what}: ${said}`, known?.fix ?? '');
}

/** A client that reads statements from its input shows the one that failed, before it says why. */
const STATEMENT = /^-+\n[^]*?\n-+\n\n?(?=ERROR )/m;

/** A client quotes the line of an option file that it does not know: `passwrd=...` is a password, too. */
const UNKNOWN_VARIABLE = /(unknown variable '[^=\n]*=).*'/g;

/** `ERROR 1045 (28000): ...`, `Got error: 1045: "..."`, `Error 1412: ...`, `Couldn't execute '...': ... (1356)`. */
export function codeOf(talk: string): number | undefined {
  const match = /\berror:? (\d{4})\b/i.exec(talk) ?? /\((\d{4})\)\s*$/m.exec(talk);
  return match ? Number(match[1]) : undefined;
}

/** Resolves when a tool ended well. What it wrote until then counts for nothing otherwise. */
export async function endedWell(child: Child, what: string): Promise<void> {
  const end = await child.ended;
  if (end.exitCode === 0) return;
  throw errorOfTalk(what, `ended with ${statusOf(end)}${end.stderr ? `: ${end.stderr}` : SILENCE}`);
}
