import type { TaskManifest } from '../../contract';
import { block, quoted } from './block';

const TOOLS = {
  mysql: { client: 'mysql', reader: 'mysqlbinlog', more: ['--skip-gtids'] },
  mariadb: { client: 'mariadb', reader: 'mariadb-binlog', more: [] },
} as const;

/** The dump, then all logs after it in one go, as `mysql-replay.ts` replays them: from where the dump was taken. */
export function mysqlSteps(family: 'mysql' | 'mariadb', { source }: TaskManifest): string {
  const { client, reader, more } = TOOLS[family];
  const only = source.kind === 'database' ? source.database : undefined;
  const database = only === undefined ? [] : [`--database=${quoted(only)}`];
  const options = ['--no-defaults', '--disable-log-bin', ...more, ...database].join(' ');
  return `Into an empty server; the client's option file says which. Switch the event scheduler off first, and look at events before it goes on.
Accounts lie in the stream \`accounts\`, and statements about accounts in the logs are not run but put into \`work/accounts-in-logs.sql\`:
look into both, and make the accounts that the new server should have. Views, routines and triggers that run as one that is not there
fail until it is.${only === undefined ? '' : NARROWED}

${block(`(
  set -euo pipefail
  load() { ${client} --binary-mode --default-character-set=utf8mb4 --max-allowed-packet=1G --init-command='SET SESSION sql_log_bin = 0'; }
  logs=()
  for part in work/parts/*/; do
    while IFS=$'\\t' read -r file format database; do
      case $format in
        binlog) logs+=("$file") ;;
        # Older clients take the first line of newer dumps for a command of theirs.
        *) [ "\${file##*/}" = accounts ] || LC_ALL=C sed '1{/999999.*enable the sandbox mode/d;}' "$file" | load ;;
      esac
    done < "$part/streams.tsv"
  done
  : > work/accounts-in-logs.sql
  start=$(jq -r '.source.position["binlog.position"] // "4"' work/parts/000001-*/manifest.json)
  [ \${#logs[@]} -eq 0 ] || ${reader} ${options} --start-position="$start" -- "\${logs[@]}" | LC_ALL=C awk '${WITHOUT_ACCOUNTS}' | load
  [ ! -s work/accounts-in-logs.sql ] || echo "statements about accounts were NOT run: see work/accounts-in-logs.sql" >&2
  echo "the dump and \${#logs[@]} logs are loaded"
)`)}`;
}

const NARROWED = ` The logs
are narrowed to the one database of the backup: what was written from another database into it by statements is not in it.`;

/** What `withoutAccounts` does. A statement ends with the tool's own delimiter, and begins after one, or after a comment. */
const WITHOUT_ACCOUNTS = String.raw`
      BEGIN { begins = 1 }
      {
        ends = $0 ~ /\/\*!\*\/;$/
        if (begins && !dropping && toupper(substr($0, 1, 200)) ~ /^[ \t\r\f\v]*((CREATE|ALTER|DROP|RENAME)([ \t]+OR[ \t]+REPLACE)?[ \t]+(USER|ROLE)([^A-Z0-9_]|$)|(GRANT|REVOKE)([ \t\r]|$)|SET[ \t]+(PASSWORD|DEFAULT[ \t]+ROLE)([^A-Z0-9_]|$))/) dropping = 1
        if (dropping) print > "work/accounts-in-logs.sql"; else print
        if (ends) dropping = 0
        begins = ends || /^#/
      }`;
