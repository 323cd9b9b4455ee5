/**
 * What the primary has to run for a site: who replicates, a slot that can't fill its disk, the archive, the heartbeat.
 * Nothing is changed with `--dry-run`; what needs a restart is said and left to its owner.
 */
export const PRIMARY = String.raw`setting() { sql "SELECT setting FROM pg_settings WHERE name = '$1'"; }
restarts=''
# name, value, and "restart" where a running server does not take it.
wants() {
  [ "$(setting "$1")" = "$2" ] && return 0
  say "$1 = $2 (it is $(setting "$1"))${'$'}{3:+, needs a restart}"
  [ -n "$dry" ] || sql "ALTER SYSTEM SET $1 = '$2'" >/dev/null
  [ -z "${'$'}{3:-}" ] || restarts=yes
}
wants_at_least() {
  [ "$(setting "$1")" -ge "$2" ] || wants "$1" "$2" restart
}
setup() {
  dry=''
  [ "${'$'}{1:-}" != --dry-run ] || dry=yes
  only_one setup
  is_running || fail 75 "PostgreSQL does not run in $data"
  case "$(setting wal_level)" in replica | logical) ;; *) wants wal_level replica restart ;; esac
  wants_at_least max_wal_senders 10
  wants_at_least max_replication_slots 10
  # One of the two is the way back: a rewind needs to know each page that was changed.
  [ "$(setting data_checksums)" = on ] || wants wal_log_hints on restart
  wants max_slot_wal_keep_size "$((slot_keeps_gb * 1000))"
  if [ "$method" = log_shipping ]; then
    wants archive_mode on restart
    wants archive_timeout 60
    wants archive_command "pgbackrest --config=$etc/pgbackrest.conf --stanza=$slot archive-push \"%p\""
    [ -n "$dry" ] || write_archive_config
  fi
  if [ -n "$dry" ]; then
    say "dry run: a role that replicates, lines of pg_hba.conf for $standby_range, the slot $slot and the heartbeat would be made where they lack"
    return
  fi
  sql 'SELECT pg_reload_conf()' >/dev/null
  make_role
  make_heartbeat
  allow_standby
  [ "$method" != streaming_replication ] || [ "$(sql "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '$slot'")" = 1 ] ||
    sql "SELECT pg_create_physical_replication_slot('$slot', true)" >/dev/null
  [ -z "$restarts" ] || fail 3 "restart PostgreSQL, then run this again"
  if [ "$method" = log_shipping ]; then
    as_postgres pgbackrest --config="$etc/pgbackrest.conf" --stanza="$slot" --log-level-console=warn stanza-create
    as_postgres pgbackrest --config="$etc/pgbackrest.conf" --stanza="$slot" --log-level-console=warn check
  fi
  judge_lease
  case "$verdict" in
    held) say "ready for $site" ;;
    lost) fail 78 "$why: this server will only read as soon as its watchdog looks" ;;
    *) fail 75 "the lease can't be read at $lease_url: until it was read once nothing guards this server. The deployment of $site writes it (on AWS the output FirstLeaseCommand does it again); this machine's identity needs the rights that the stack names" ;;
  esac
}
# The password goes by standard input, and is hashed before it is written to any log.
# shellcheck disable=SC2016
make_role() {
  local answer
  answer="$(cloud_secret)" || fail 75 "the secret $secret can't be read: make it with username and password"
  replication_user="$(printf '%s' "$answer" | field username)"
  printf '%s' "$answer" | python3 -c 'import json,sys
secret = json.load(sys.stdin)
name = "\"" + secret["username"].replace("\"", "\"\"") + "\""
word = "\x27" + secret["password"].replace("\x27", "\x27\x27") + "\x27"
print("SET log_statement = \x27none\x27; SET log_min_error_statement = \x27panic\x27; SET password_encryption = \x27scram-sha-256\x27; SET standard_conforming_strings = on;")
print("DO $body$ BEGIN CREATE ROLE %s LOGIN REPLICATION; EXCEPTION WHEN duplicate_object THEN NULL; END $body$;" % name)
print("ALTER ROLE %s LOGIN REPLICATION PASSWORD %s;" % (name, word))
for function in ("pg_ls_dir(text, boolean, boolean)", "pg_stat_file(text, boolean)", "pg_read_binary_file(text)", "pg_read_binary_file(text, bigint, bigint, boolean)"):
    print("GRANT EXECUTE ON FUNCTION pg_catalog.%s TO %s;" % (function, name))' |
    as_postgres "$pgbin/psql" -XAtq -v ON_ERROR_STOP=1 -h "$sockets" -p "$port" -U postgres -d postgres -f - >/dev/null
}
make_heartbeat() {
  local grantee
  grantee="$(sql "SELECT quote_ident(rolname) FROM pg_roles WHERE rolname = '$(printf '%s' "$replication_user" | sed "s/'/''/g")'")"
  sql_in "$heartbeat_database" "
    CREATE SCHEMA IF NOT EXISTS hypdr;
    CREATE TABLE IF NOT EXISTS hypdr.heartbeat (one boolean PRIMARY KEY DEFAULT true CHECK (one), at timestamptz NOT NULL);
    GRANT USAGE ON SCHEMA hypdr TO $grantee; GRANT SELECT ON hypdr.heartbeat TO $grantee;" >/dev/null 2>&1
  heartbeat
}
heartbeat() {
  if ! is_running || in_recovery; then
    say 'no primary: no heartbeat'
    return
  fi
  sql_in "$heartbeat_database" "INSERT INTO hypdr.heartbeat (at) VALUES (clock_timestamp()) ON CONFLICT (one) DO UPDATE SET at = excluded.at" >/dev/null
}
# Ours are two lines between two marks; what else is in the file is somebody else's.
allow_standby() {
  local hba
  hba="$(setting hba_file)"
  {
    sed '/^# hypdr begin/,/^# hypdr end/d' "$hba"
    printf '# hypdr begin\nhost replication "%s" %s scram-sha-256\nhost "%s" "%s" %s scram-sha-256\nhost postgres "%s" %s scram-sha-256\n# hypdr end\n' \
      "$replication_user" "$standby_range" "$heartbeat_database" "$replication_user" "$standby_range" "$replication_user" "$standby_range"
  } >"$state/pg_hba.conf"
  cmp -s "$state/pg_hba.conf" "$hba" && return
  # Into the file as it is, so that owner and rights stay.
  cat "$state/pg_hba.conf" >"$hba"
  sql 'SELECT pg_reload_conf()' >/dev/null
}
# What a slot keeps, of what it may: it is given up before it fills the disk, and this is said before.
slots() {
  sql "SELECT slot_name || ' keeps ' || (pg_current_wal_lsn() - restart_lsn)::bigint || ' bytes of ' || $slot_keeps_gb || '000000000, ' || coalesce(wal_status, 'unknown') FROM pg_replication_slots WHERE restart_lsn IS NOT NULL" |
    while IFS= read -r line; do say "$line"; done
  local part
  part="$(sql "SELECT coalesce(max(100 * (pg_current_wal_lsn() - restart_lsn) / ($slot_keeps_gb * 1000000000.0)), 0)::int FROM pg_replication_slots WHERE slot_name = '$slot'")"
  [ "$part" -lt 50 ] || fail 3 "the slot of $site keeps $part % of the log that it may: look why the standby is behind"
}`;
