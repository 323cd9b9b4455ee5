/** What of the accounts of a backup goes to the target. */
export interface AccountStatements {
  readonly sql: string;
  /** Accounts that are there already, and stay as they are: one of them is who restores. */
  readonly kept: readonly string[];
}

const NAME = String.raw`(\`(?:[^\`]|\`\`)*\`|'(?:[^'\\]|\\.|'')*')`;
const WHOM = new RegExp(` (?:TO|FOR|EXISTS) ${NAME}(?:@${NAME})?`);

/** @param there - `user@host` of each account of the target, and `role@` of MariaDB's roles */
export function accountStatements(text: string, there: ReadonlySet<string>): AccountStatements {
  const kept = new Set<string>();
  const lines = text.split('\n').filter((line) => {
    const [, user, host = '``'] = WHOM.exec(line) ?? [];
    if (line.startsWith('--') || user === undefined) return false;
    const name = `${plain(user)}@${plain(host)}`;
    if (!there.has(name)) return true;
    kept.add(name.replace(/@$/, ''));
    return false;
  });
  return { sql: `${lines.join('\n')}\n`, kept: [...kept] };
}

function plain(quoted: string): string {
  const sign = quoted.slice(0, 1);
  return quoted.slice(1, -1).replaceAll(`${sign}${sign}`, sign);
}
