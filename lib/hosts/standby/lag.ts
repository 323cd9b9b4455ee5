/**
 * How far a standby is behind, by the heartbeat that the primary writes: an idle primary does not look behind, and a
 * broken one does. Nothing is published where nothing can be measured, so that an alarm sees missing data.
 */
export const LAG = String.raw`lag() {
  local seconds follows
  # A server that does not answer is not one that is up to date.
  follows="$(sql 'SELECT pg_is_in_recovery()')" || fail 75 "PostgreSQL does not answer: nothing is published"
  if [ "$follows" = f ]; then
    # It follows nothing any more.
    cloud_metric "$metric_name" 0
    return
  fi
  seconds="$(sql_in "$heartbeat_database" "SELECT greatest(0, ceil(extract(epoch FROM clock_timestamp() - at)))::bigint FROM hypdr.heartbeat")" ||
    fail 75 "there is no heartbeat: the primary's script makes and writes it"
  [ -n "$seconds" ] || fail 75 "the heartbeat is empty"
  [ "$method" != log_shipping ] || archive_gap || fail 4 "$gap"
  cloud_metric "$metric_name" "$seconds"
  say "$seconds seconds behind"
}
# A segment that the standby needs next and that is not in the archive, while later ones are.
archive_gap() {
  gap=''
  local next names
  # A standby can't name a file of the log: the name is made of timeline and position.
  next="$(sql "SELECT upper(lpad(to_hex((pg_control_checkpoint()).timeline_id), 8, '0'))")$(wal_file "(pg_last_wal_replay_lsn() - '0/0')")"
  names="$(as_postgres pgbackrest --config="$etc/pgbackrest.conf" --stanza="$slot" repo-ls --recurse "archive/$slot" | grep -oE '[0-9A-F]{24}-[0-9a-f]{40}' | cut -c 1-24 | sort -u)" || return 0
  # No pipes: who stops reading early ends who writes, which counts as a failure.
  grep -qx "$next" <<<"$names" && return 0
  local later
  later="$(awk -v next_one="$next" 'substr($0, 1, 8) == substr(next_one, 1, 8) && $0 > next_one { print; exit }' <<<"$names")"
  [ -n "$later" ] || return 0
  gap="the archive lacks segment $next, and has $later after it: this standby can't go on, and has to be made anew from a backup"
  return 1
}`;

/** Whether this server is the one to write to, as HTTP on standard output: 200 only once it is promoted, and its indexes are those of this system. */
export const READY = String.raw`ready() {
  local word='503 Service Unavailable' text=standby
  if [ -f "$state/reindex" ]; then
    text=reindexing
  elif is_running && [ "$(sql 'SELECT pg_is_in_recovery()' 2>/dev/null)" = f ]; then
    word='200 OK'
    text=primary
  fi
  # What is asked does not matter; an answer before the end of the question would be lost.
  local line
  while IFS= read -r -t 2 line && [ -n "${'$'}{line%$'\r'}" ]; do :; done
  printf 'HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s\n' "$word" $((${'$'}{#text} + 1)) "$text"
}`;
