/**
 * What every script of a site begins with. Variables of `site.conf` have small letters; those of the environment, which
 * tests and unusual machines set, large ones.
 */
export const COMMON = String.raw`set -euo pipefail
export PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" LC_ALL=C
etc="${'$'}{HYPDR_ETC:-/etc/hypnoscript-dr}"
# shellcheck source=/dev/null
. "$etc/site.conf"
# What only the machine's owner knows, for root only. It is not exported: no child inherits it.
# shellcheck source=/dev/null
[ ! -r "$etc/environment" ] || . "$etc/environment"
state="${'$'}{HYPDR_STATE:-/var/lib/hypnoscript-dr}"
mount="${'$'}{HYPDR_MOUNT:-/srv/database}"
data="${'$'}{HYPDR_DATA:-${'$'}{database_folder:-$mount/postgresql}}"
unit="${'$'}{database_unit:-hypdr-postgresql.service}"
pgbin="${'$'}{HYPDR_PGBIN:-/usr/lib/postgresql/$version/bin}"
port="${'$'}{HYPDR_PGPORT:-${'$'}{database_port:-5432}}"
sockets="${'$'}{HYPDR_SOCKETS:-/var/run/postgresql}"
export PGPASSFILE="$etc/passfile"

say() { printf 'hypdr-site: %s\n' "$*"; }
fail() {
  code=$1
  shift
  say "$*" >&2
  exit "$code"
}
has_systemd() { [ -d /run/systemd/system ] && [ -z "${'$'}{HYPDR_NO_SYSTEMD:-}" ]; }
as_postgres() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}
sql() { sql_in postgres "$1"; }
sql_in() {
  as_postgres "$pgbin/psql" -XAtq -v ON_ERROR_STOP=1 -h "$sockets" -p "$port" -U postgres -d "$1" -c "$2"
}
# Name of the log's file, without its timeline, that has a position: a number of bytes from 0/0, as an expression. Casts round, and div does not.
wal_file() {
  sql "SELECT upper(lpad(to_hex(div($1, 4294967296)::bigint), 8, '0') || lpad(to_hex(div(mod($1, 4294967296), (SELECT setting::numeric FROM pg_settings WHERE name = 'wal_segment_size'))::bigint), 8, '0'))"
}
uptime_seconds() { cut -d . -f 1 /proc/uptime; }
is_running() { as_postgres "$pgbin/pg_ctl" -D "$data" status >/dev/null 2>&1; }
server_options() {
  local options="-p $port -c unix_socket_directories=$sockets"
  [ ! -f "$etc/postgresql.conf" ] || options="$options -c config_file=$etc/postgresql.conf -c hba_file=$etc/pg_hba.conf -c ident_file=$etc/pg_ident.conf"
  printf '%s' "$options"
}
server_start() {
  is_running && return 0
  # A server that kept the lock of who started it would keep it for good.
  if [ -n "${'$'}{HYPDR_START:-}" ]; then bash -c "$HYPDR_START" 9>&-
  elif has_systemd; then systemctl start "$unit"
  else
    as_postgres "$pgbin/pg_ctl" -D "$data" -w -t 300 -l "$state/postgresql.log" -o "$(server_options)" start >/dev/null 9>&- ||
      fail 75 "PostgreSQL does not start: $(tail -n 3 "$state/postgresql.log" | tr '\n' ' ')"
  fi
}
server_stop() {
  is_running || return 0
  if [ -n "${'$'}{HYPDR_STOP:-}" ]; then bash -c "$HYPDR_STOP"
  elif has_systemd; then systemctl stop "$unit"
  else
    as_postgres "$pgbin/pg_ctl" -D "$data" -w -t 20 -m fast stop >/dev/null ||
      as_postgres "$pgbin/pg_ctl" -D "$data" -w -t 60 -m immediate stop >/dev/null
  fi
}
in_recovery() { [ "$(sql 'SELECT pg_is_in_recovery()')" = t ]; }
# One of these at a time: a timer, a person and a workflow may all come at once.
only_one() {
  mkdir -p "$state"
  exec 9>"$state/$1.lock"
  flock -n 9 || fail 75 "another $1 is under way"
}
field() { python3 -c 'import json,sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
# name=value pairs as one object of JSON; values that are numbers stay numbers.
json() {
  python3 -c 'import json,sys
def value(text):
    try: return int(text)
    except ValueError: return text
print(json.dumps(dict((name, value(text)) for name, text in (pair.split("=", 1) for pair in sys.argv[1:]))))' "$@"
}
whole_file() {
  cat >"$1.new"
  sync "$1.new"
  mv "$1.new" "$1"
}`;
