/**
 * The way back, at the old primary: what it accepted after the new one took over is kept and counted before anything is
 * rewound; then it follows the new one, and takes over again.
 */
export const FAILBACK = String.raw`failback() {
  local new_host=${'$'}{2:-} new_port=${'$'}{3:-5432}
  if [ "${'$'}{1:-}" != "$site" ] || [ -z "$new_host" ]; then
    fail 64 "to confirm, write the name of the site and where it is: failback $site HOST [PORT]"
  fi
  only_one failback
  if is_running && ! in_recovery; then
    fail 78 "this server accepts writes: stop it, or revoke its lease, before it may follow another"
  fi
  primary_host=$new_host primary_port=$new_port
  write_passfile
  local copy
  copy="$(kept_copy)"
  if [ -z "$copy" ]; then
    stop_in_order
    keep_copy
    copy="$(kept_copy)"
  fi
  server_stop
  divergence "$copy"
  rewind "$copy"
  touch "$data/standby.signal"
  [ "$(id -u)" != 0 ] || chown postgres: "$data/standby.signal"
  follow
  rm -f "$state/fenced.json"
  server_start
  say "it follows $new_host; what only it had is in $copy and counted in $state/divergence.json"
}
# Settings of the folder itself, so that the configuration of the machine's owner stays.
follow() {
  {
    grep -vE '^(primary_conninfo|primary_slot_name|recovery_target_timeline|restore_command) ' "$data/postgresql.auto.conf" 2>/dev/null || true
    printf "primary_conninfo = '%s'\nrecovery_target_timeline = 'latest'\n" "$(conninfo | sed "s/'/''/g")"
  } >"$state/auto.conf"
  cat "$state/auto.conf" >"$data/postgresql.auto.conf"
  [ "$(id -u)" != 0 ] || chown postgres: "$data/postgresql.auto.conf"
}
# The last thing that a server writes is the checkpoint of its own end, and it waits until whoever follows has that. Whoever was
# cut off before has another last record, and misses all that the site wrote after it.
has_the_end() {
  local timeline file last
  timeline="$(find "$data/pg_wal" -maxdepth 1 -type f -printf '%f\n' | grep -E '^[0-9A-F]{24}$' | cut -c 1-8 | sort | tail -n 1)"
  # The position is that of the byte after the last record.
  file="$(wal_file "(pg_last_wal_replay_lsn() - '0/1')")"
  # It ends with an error where the log ends.
  last="$(as_postgres "$pgbin/pg_waldump" "$data/pg_wal/$timeline$file" 2>/dev/null | tail -n 1)" || true
  [[ "$last" == *CHECKPOINT_SHUTDOWN* ]]
}
# Back to being the primary: the site's own server was stopped, and all of its log is here.
take_back() {
  [ "${'$'}{1:-}" = "$site" ] || fail 64 "to confirm, write the name of the site: take-back $site"
  only_one failback
  is_running || fail 75 "PostgreSQL does not run"
  in_recovery || { say 'it is the primary already'; return 0; }
  local answer word term last
  answer="$(lease_read)" || fail 75 "the lease can't be read"
  read -r word term _ <<<"$answer"
  [ "$word" = granted ] || fail 78 'the lease is revoked: grant it to this server again, when the site has stopped'
  last="$(sql "SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'")"
  [ "$last" = 0 ] || fail 78 'the server of the site still runs: stop it first, so that nothing is written there any more'
  [ "${'$'}{2:-}" = incomplete ] || has_the_end ||
    fail 78 "what the server of the site wrote last is not here: start PostgreSQL there once more, let this server follow until it has stopped again, or give up what lacks: take-back $site incomplete"
  # Before it writes: who looks after the lease compares with this.
  hold_term "$term"
  [ "$(sql 'SELECT pg_promote(true, 300)')" = t ] || fail 75 'it was not promoted within five minutes'
  rm -f "$state/kept" "$state/rewound" "$state/rewinding"
  # Without a lease it stands still, and follows nobody before a failback.
  sql 'ALTER SYSTEM RESET primary_conninfo'
  sql 'ALTER SYSTEM RESET recovery_target_timeline'
  sql 'SELECT pg_reload_conf()' >/dev/null
  say 'it is the primary again'
  # Nobody archived what the site wrote: from an older backup there is no way over that.
  [ "$method" != log_shipping ] ||
    say "make a backup now, the archive lacks what the site wrote: runuser -u postgres -- pgbackrest --config=$etc/pgbackrest.conf --stanza=$slot backup"
}`;
