/**
 * PostgreSQL for a restore: a new server beside the one that is there, reached by its socket alone, and the server that
 * the site uses once it is activated. Databases come back with the order of text that they had: the system has to know it.
 */
export const POSTGRESQL = String.raw`auth="${'$'}{HYPDR_AUTH:-peer}"
engine_packages() {
  install_packages
  [ -n "${'$'}{HYPDR_NO_PACKAGES:-}" ] || apt-get -o DPkg::Lock::Timeout=300 -y -q install locales-all || fail 75 "the locales can't be installed"
}
engine_make() {
  [ "$(id -u)" != 0 ] || chown postgres: "$1" "$state"
  as_postgres "$pgbin/initdb" -D "$1/data" -U postgres -k -E UTF8 --locale=C.UTF-8 --auth-local="$auth" --auth-host=scram-sha-256 >/dev/null ||
    fail 75 'a new server can not be made'
}
# In the folder FOLDER, reached by nobody but this machine.
engine_start() {
  as_postgres "$pgbin/pg_ctl" -D "$1/data" -w -t 300 -l "$1/server.log" \
    -o "-p $port -c listen_addresses= -c unix_socket_directories=$1 -c fsync=off -c full_page_writes=off -c max_wal_size=4GB" start >/dev/null 9>&- ||
    fail 75 "PostgreSQL does not start: $(tail -n 3 "$1/server.log" | tr '\n' ' ')"
}
engine_stop() {
  [ ! -f "$1/data/postmaster.pid" ] || as_postgres "$pgbin/pg_ctl" -D "$1/data" -w -t 300 -m fast stop >/dev/null
}
# What was written without fsync is written out before anybody relies on it.
engine_seal() { sync; }
engine_target() { printf 'postgresql://postgres@localhost:%s/?host=%s' "$port" "$(printf '%s' "$1" | sed 's|/|%2F|g')"; }
engine_runner() { as_postgres "$@"; }
engine_owner() { [ "$(id -u)" != 0 ] || chown postgres: "$@"; }
main_configure() {
  printf "listen_addresses = '*'\nwal_level = replica\npassword_encryption = 'scram-sha-256'\n" | whole_file "$etc/postgresql.conf"
  # Security groups decide who reaches this machine at all.
  printf 'local all postgres %s\nlocal all all scram-sha-256\nhost all all all scram-sha-256\n' "$auth" |
    whole_file "$etc/pg_hba.conf"
  : >"$etc/pg_ident.conf"
}
main_start() {
  main_configure
  server_start
}
main_stop() { server_stop; }
main_runs() { is_running; }`;
