import { EngineError } from './engine';

type Kind = EngineError['kind'];

/** `server`: nothing else would go better; `database`: the others may. */
export type Scope = 'server' | 'database';

interface Cause {
  readonly numbers: readonly number[];
  readonly words?: RegExp;
  readonly kind: Kind;
  readonly scope?: Scope;
  /** A right is missing. */
  readonly denied?: true;
  readonly fix: string;
}

const RIGHTS = 'make the login a member of sysadmin, or grant it the rights that docs/runner.md lists';
const FOLDER =
  'the account that SQL Server runs under must be able to write there: create the folder on the host of the server and grant it, or name another one in HYPDR_SQLSERVER_FOLDER';
const ROOM = 'make room on the disk of that folder';

/** https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors; the first that fits. */
const CAUSES: readonly Cause[] = [
  {
    numbers: [18452, 18456, 18470, 18486, 18487, 18488, 4060],
    words:
      /Login failed|Cannot open database .* requested by the login|(password|account) .*(expired|locked|disabled)/i,
    kind: 'config',
    fix: 'check user and password',
  },
  {
    numbers: [],
    words: /certificate verify failed|SSL Provider|x509:|TLS Handshake|certificate chain/i,
    kind: 'config',
    fix: 'check ssl_mode, and that the certificate of the server is trusted here',
  },
  { numbers: [], words: /There is not enough space|error 112\b|No space left/i, kind: 'source', fix: ROOM },
  { numbers: [3201, 3634, 5133], words: /Cannot open backup device/i, kind: 'config', fix: FOLDER },
  {
    // Read on "..." failed: 38(Reached the end of the file.), whose words are of the system's language.
    numbers: [3254, 3256, 3266],
    words: /Reached the end of the file|failed: 38\(/i,
    kind: 'source',
    scope: 'database',
    fix: 'SQL Server did not write that file to its end: see its error log',
  },
  { numbers: [3202, 3203, 3271], kind: 'source', fix: 'see the error log of the server and its disk' },
  { numbers: [262, 916], kind: 'config', scope: 'database', denied: true, fix: RIGHTS },
  { numbers: [229, 230, 297, 300, 2571, 7983, 15247], kind: 'config', denied: true, fix: RIGHTS },
  { numbers: [911], kind: 'config', scope: 'database', fix: 'check the name of the database' },
  {
    numbers: [4208],
    kind: 'config',
    scope: 'database',
    fix: 'ALTER DATABASE ... SET RECOVERY FULL and take a full backup, or leave its logs out',
  },
  { numbers: [3059], kind: 'config', scope: 'database', fix: 'run this on the primary replica' },
  { numbers: [3035, 4214], kind: 'retry', scope: 'database', fix: 'the next run takes a full backup of it' },
  { numbers: [1844], kind: 'config', fix: 'set compression: false for this edition' },
  {
    numbers: [823, 824, 825, 3043],
    kind: 'source',
    scope: 'database',
    fix: 'the database is damaged: run DBCC CHECKDB, and restore what it names from an older backup',
  },
  {
    numbers: [3183, 3187, 3189, 3241, 3242, 3243, 3270],
    kind: 'source',
    scope: 'database',
    fix: 'the file that SQL Server wrote is not readable: look at the disk of that folder',
  },
  { numbers: [33111], kind: 'config', fix: 'the server has no certificate of that thumbprint: restore it first' },
  { numbers: [922, 924, 927, 942, 945, 3036, 3023], kind: 'retry', scope: 'database', fix: '' },
  {
    numbers: [102, 156],
    words: /Incorrect syntax near .*JSON/i,
    kind: 'config',
    fix: 'SQL Server 2016 or newer is needed',
  },
  {
    numbers: [],
    words: /Login timeout expired|network-related|unable to open tcp connection|connection refused|no such host/i,
    kind: 'retry',
    fix: 'check host and port, and that the server is up',
  },
];

export interface ServerMessage {
  readonly number: number;
  readonly level: number;
  readonly text: string;
}

/** `Msg 3201, Level 16, State 1, Server DB1, Line 1` and the line after it. */
export function messagesOf(talk: string): readonly ServerMessage[] {
  return [...talk.matchAll(/^.*?Msg (\d+), Level (\d+), State \d+[^\n]*\n([^\n]*)/gm)].map(
    ([, number, level, text = '']) => ({ number: Number(number), level: Number(level), text: text.trim() }),
  );
}

/** "BACKUP DATABASE is terminating abnormally": says only that something before it went wrong. */
const AFTERMATH = 3013;

/**
 * A failure by what sqlcmd said. Deadlocks, timeouts, restarts, lost connections and all that is not known are worth
 * another try.
 */
export function errorOfTalk(what: string, talk: string): EngineError {
  const messages = messagesOf(talk).filter(({ level }) => level > 10);
  const numbers = messages.map(({ number }) => number);
  const known =
    CAUSES.find(({ words }) => words?.test(talk) === true) ??
    CAUSES.find((cause) => cause.numbers.some((number) => numbers.includes(number)));
  const causes = messages.filter(({ number }) => number !== AFTERMATH);
  const said = causes.map(({ number, text }) => `${text} (${number})`).join(' ') || talk.trim().slice(-2000);
  const facts: Facts = { scope: known?.scope ?? 'server', denied: known?.denied ?? false, numbers };
  return new EngineError(known?.kind ?? 'retry', `${what}: ${said}`, known?.fix ?? '', { cause: facts });
}

interface Facts {
  readonly scope: Scope;
  readonly denied: boolean;
  readonly numbers: readonly number[];
}

function factsOf({ cause }: EngineError): Facts | undefined {
  return typeof cause === 'object' && cause !== null && 'scope' in cause ? (cause as Facts) : undefined;
}

/** What an error concerns; errors of other origins concern all. */
export function scopeOf(error: EngineError): Scope {
  return factsOf(error)?.scope ?? 'server';
}

/** A question that the login may not ask. */
export function isDenied(error: EngineError): boolean {
  return factsOf(error)?.denied ?? false;
}

/** Numbers of what the server said; none for errors of other origins. */
export function numbersOf(error: EngineError): readonly number[] {
  return factsOf(error)?.numbers ?? [];
}
