import { block } from './block';

/** Statements of `pg_dumpall --globals-only` without roles that are there and tablespaces: of those everything is one line. */
const ROLES = String.raw`
      FILENAME == ARGV[1] { there[$0]; next }
      /^(CREATE|ALTER) TABLESPACE / || /^(GRANT|REVOKE) .* ON TABLESPACE / { next }
      match($0, /^(CREATE|ALTER) ROLE ("([^"]|"")*"|[^ ;]+)/) {
        name = substr($0, RSTART, RLENGTH)
        sub(/^(CREATE|ALTER) ROLE /, "", name)
        if (name in there) next
      }
      { print }`;

/** A foreign key as manifests name it, `schema.table: name` of identifiers: see `postgresql-quote.ts`. */
const KEYS = String.raw`
      "(?:\"(?:[^\"]|\"\")*\"|[^\".:\\s]+)" as $id
      | def unquoted: if startswith("\"") then .[1:-1] | gsub("\"\""; "\"") else . end;
      .source.position["not_valid.\($database)"] // "[]" | fromjson[]
      | capture("^(?<schema>\($id))\\.(?<table>\($id)): (?<name>\($id))$") | map_values(unquoted)`;

/** What `changedPlain` does to a plain dump; what is of pg_cron goes into a file of its own. */
const PLAIN = String.raw`
      FILENAME == ARGV[1] { meant[$0]; next }
      rows {
        if (ours) print > cron; else print
        if ($0 == "\\.") rows = 0
        next
      }
      /^COPY .* FROM stdin;$/ {
        rows = 1
        ours = extension && /^COPY cron\.(job|job_run_details) \(/
        if (ours) { behind = 1; print > cron } else print
        next
      }
      !extension && /^CREATE EXTENSION IF NOT EXISTS pg_cron / { extension = 1; print > cron; next }
      extension && /^COMMENT ON EXTENSION pg_cron IS / { print > cron; next }
      behind && /^SELECT pg_catalog\.setval\(.cron\.(jobid|runid)_seq.,/ { print > cron; next }
      behind && /^(GRANT|REVOKE) .* ON (SCHEMA cron|(FUNCTION|TABLE|SEQUENCE) cron\..*) (TO|FROM) / { print > cron; next }
      /^    ADD CONSTRAINT .* FOREIGN KEY .*;$/ {
        name = $0
        sub(/^    ADD CONSTRAINT /, "", name)
        sub(/ FOREIGN KEY .*/, "", name)
        if (name ~ /^"/) { name = substr(name, 2, length(name) - 2); gsub(/""/, "\"", name) }
        if (name in meant) sub(/;$/, " NOT VALID;")
      }
      { print }`;

/**
 * Each database by itself, as `postgresql.ts` restores it: what fails is remembered and told at the end, and the next
 * database is restored all the same. Foreign keys whose rows are not in the backup come back as NOT VALID.
 */
export const POSTGRESQL_STEPS = `Into a server without databases of these names (\`postgres\` must be empty); \`PGHOST\` and the like say which, as a superuser. Roles that
are there stay as they are, and tablespaces are not made. A foreign key onto rows that were excluded from the backup cannot come back as
valid: it is told, comes back as NOT VALID, and is no failure. What is of pg_cron stays out, and is told with the file that brings it
back. Everything else that fails is named at the end, after NOT EVERYTHING CAME
BACK: its cause stands above it, from \`pg_restore\` or \`psql\`.

${block(`(
  set +e -uo pipefail
  part=$(echo work/parts/000001-*) failed=() restored=0
  [ -s "$part/streams.tsv" ] || { echo 'NOTHING CAME BACK: there is no backup in work/parts, fetch it first' >&2; exit 1; }
  conninfo() { printf "dbname='%s'" "$(printf %s "$1" | sed "s/[\\\\\\\\']/\\\\\\\\&/g")"; }
  strict() { psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -d "$(conninfo "$1")"; }

  roles() { # FILE: whatever the server says is a failure, since psql goes on after it
    psql -X -Atq -d postgres -c 'SELECT quote_ident(rolname) FROM pg_roles' > work/roles || return
    LC_ALL=C awk '${ROLES}' work/roles "$1" > work/globals.sql
    PGOPTIONS='-c client_min_messages=error' psql -X -q -o /dev/null -d postgres -f work/globals.sql 2> work/globals.errors || return
    cat work/globals.errors >&2
    [ ! -s work/globals.errors ]
  }

  keys() { # DATABASE FILTER: of each foreign key that cannot be valid
    jq -r --arg database "$1" '${KEYS} | '"$2" "$part/manifest.json"
  }

  absent() { # DATABASE
    [ "$1" = postgres ] && return
    psql -X -q -d "$(conninfo "$1")" -c '' 2> /dev/null || return 0
    echo "there is a database $1 already" >&2
    return 1
  }

  cron() { # FILE DATABASE
    [ ! -s "$1" ] || printf 'pg_cron of %s stays out, with its jobs: it can be made only in the database that cron.database_name names, and they run at once. When they may: psql -d %s -f %s\\n' "$2" "$(printf %q "$(conninfo "$2")")" "$PWD/$1" >&2
  }

  plain() { # FILE DATABASE: up to the first thing that fails
    absent "$2" || return
    [ "$2" = postgres ] || createdb --template=template0 "$2" || return
    keys "$2" .name > "$1.keys" || return
    LC_ALL=C awk -v cron="$1.cron.sql" '${PLAIN}' "$1.keys" "$1" | strict "$2" || return
    cron "$1.cron.sql" "$2"
  }

  archive() { # ARCHIVE DATABASE: goes on where something fails
    local wrong=0
    absent "$2" || return
    keys "$2" '" FK CONSTRAINT \\(.schema) \\(.table) \\(.name) "' > "$1.keys" || return
    pg_restore --list --create "$1" > "$1.all" || return
    # The database itself: owner, encoding, settings, rights.
    grep -E '^[0-9]+; [0-9]+ [0-9]+ (DATABASE|(ACL|COMMENT|SECURITY LABEL) - DATABASE) ' "$1.all" > "$1.own"
    [ "$2" = postgres ] || pg_restore --create --no-tablespaces --use-list="$1.own" --file=- "$1" | strict postgres || wrong=1
    grep -E '^[0-9]+; [0-9]+ [0-9]+ (EXTENSION - pg_cron |COMMENT - EXTENSION pg_cron |ACL - SCHEMA cron |ACL cron |TABLE DATA cron (job|job_run_details) |SEQUENCE SET cron (jobid_seq|runid_seq) )' "$1.all" > "$1.cron"
    grep -q ' EXTENSION - pg_cron ' "$1.cron" || : > "$1.cron"
    [ ! -s "$1.cron" ] || pg_restore --use-list="$1.cron" --file="$1.cron.sql" "$1" || wrong=1
    grep -v -F -x -f "$1.own" "$1.all" | grep -v -F -x -f "$1.cron" | grep -v -F -f "$1.keys" > "$1.most"
    pg_restore --no-tablespaces --use-list="$1.most" -d "$(conninfo "$2")" "$1" || wrong=1
    grep -F -f "$1.keys" "$1.all" > "$1.later" &&
      pg_restore --use-list="$1.later" --file=- "$1" | sed '/^    ADD CONSTRAINT .*;$/s/;$/ NOT VALID;/' | psql -X -q -o /dev/null -d "$(conninfo "$2")"
    cron "$1.cron.sql" "$2"
    return $wrong
  }

  while IFS=$'\\t' read -r file format database; do
    [ "$database" != - ] || roles "$file" || failed+=("roles")
  done < "$part/streams.tsv"
  while IFS=$'\\t' read -r file format database; do
    [ "$database" != - ] || continue
    case $format in
      pg_plain) plain "$file" "$database" ;;
      pg_directory_tar) rm -rf "$file.folder" && mkdir "$file.folder" && tar -x --force-local -C "$file.folder" -f "$file" && archive "$file.folder" "$database" ;;
      *) archive "$file" "$database" ;;
    esac && restored=$((restored + 1)) || failed+=("$database")
    invalid=$(keys "$database" '"\\(.schema).\\(.table): \\(.name)"')
    [ -z "$invalid" ] || printf 'foreign keys of %s that are NOT VALID, since rows are not in the backup:\\n%s\\n' "$database" "$invalid" >&2
    psql -X -q -d "$(conninfo "$database")" -c ANALYZE || failed+=("ANALYZE of $database")
  done < "$part/streams.tsv"
  [ \${#failed[@]} -eq 0 ] || { printf 'NOT EVERYTHING CAME BACK: %s\\n' "\${failed[@]}" >&2; exit 1; }
  [ $restored -gt 0 ] || { echo 'NOTHING CAME BACK: the backup holds no database' >&2; exit 1; }
  echo "everything came back: $restored databases"
)`)}`;
