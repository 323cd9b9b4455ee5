import { unquoted } from './postgresql-quote';

/** What of pg_dumpall's globals goes to the target. */
export interface RoleStatements {
  readonly sql: string;
  /** Roles that are there already, and stay as they are. */
  readonly kept: readonly string[];
  /** Tablespaces, which lie in folders of the old host. */
  readonly tablespaces: number;
}

const ID = String.raw`("(?:[^"]|"")*"|[^\s;]+)`;
const OF_ROLE = new RegExp(`^(?:CREATE ROLE|ALTER ROLE|COMMENT ON ROLE|SECURITY LABEL FOR \\S+ ON ROLE) ${ID}`);
const MEMBERSHIP = new RegExp(`^GRANT ${ID} TO ${ID}`);
const OF_TABLESPACE = /^(CREATE|ALTER|COMMENT ON|SECURITY LABEL .* ON) TABLESPACE |^(GRANT|REVOKE) .* ON TABLESPACE /;

/** Statements of `pg_dumpall --globals-only`, without those about roles that are there: their passwords are the target's. */
export function roleStatements(text: string, there: ReadonlySet<string>): RoleStatements {
  const kept = new Set<string>();
  const sql: string[] = [];
  let tablespaces = 0;
  for (const statement of statementsIn(text)) {
    if (OF_TABLESPACE.test(statement)) {
      if (statement.startsWith('CREATE')) tablespaces += 1;
      continue;
    }
    const role = OF_ROLE.exec(statement)?.[1] ?? MEMBERSHIP.exec(statement)?.[2];
    if (role !== undefined && there.has(unquoted(role))) kept.add(unquoted(role));
    else sql.push(statement);
  }
  return { sql: `${sql.join('\n')}\n`, kept: [...kept], tablespaces };
}

/** Comments of the tool and its own commands are lines; a statement ends with a line that ends with a semicolon. */
function* statementsIn(text: string): Generator<string> {
  let open: string[] = [];
  for (const line of text.split('\n')) {
    if (open.length === 0 && (line === '' || line.startsWith('--') || line.startsWith('\\'))) continue;
    open.push(line);
    const statement = open.join('\n');
    // Within a literal the number of quotes is odd.
    if (!line.endsWith(';') || (statement.match(/'/g) ?? []).length % 2 === 1) continue;
    yield statement;
    open = [];
  }
}
