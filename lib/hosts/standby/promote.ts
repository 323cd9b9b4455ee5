/** Seconds beyond the lease: two clocks, and a server that needs a moment to stop. */
export const MARGIN_SECONDS = 30;

/**
 * Makes a standby the primary: confirmed by name, and only when the old one has no lease any more, so that there are never
 * two that accept writes. Written down is what was there and what was not.
 */
export const PROMOTE = String.raw`margin="${'$'}{HYPDR_MARGIN:-${MARGIN_SECONDS}}"
lease_is_over() {
  local answer word term at now
  answer="$(lease_read)" || fail 75 "the lease can't be read: nobody knows whether the primary still has it"
  read -r word term at <<<"$answer"
  [ "$word" = revoked ] || fail 78 "the primary has the lease: revoke it first, which stops the primary"
  now="$(date +%s)"
  [ "$now" -ge $((at + lease_seconds + margin)) ] ||
    fail 75 "the lease was revoked $((now - at)) seconds ago: a primary that can't be reached stops writing after $lease_seconds, try again $((lease_seconds + margin)) seconds after it"
  lease_term=$term
}
# What is known before is written down before: whoever is killed in between, or promoted later than expected, is known to
# have been told to.
complete_promotion() {
  # Who rewinds against this server reads its timeline from its last checkpoint.
  sql CHECKPOINT
  python3 -c 'import json,sys
record = json.load(open(sys.argv[1]))
record.update(ended=int(sys.argv[2]), timeline=int(sys.argv[3]))
print(json.dumps(record))' "$state/promotion.json" "$(date +%s)" "$(sql 'SELECT timeline_id FROM pg_control_checkpoint()')" |
    whole_file "$state/promotion.json"
  touch "$state/backup-due"
}
# Timers come at their hours only, and what is written here is nowhere else. It would hold up who makes indexes anew.
first_backup() {
  [ -f "$state/backup-due" ] || return 0
  rm -f "$state/backup-due"
  if has_systemd && [ -x /usr/local/sbin/hypdr-site-backup ]; then
    systemctl start --no-block hypdr-site-backup@first.service || say 'the first backup was not started: its timer starts the next'
  fi
}
promote() {
  [ "${'$'}{1:-}" = "$site" ] || fail 64 "to confirm, write the name of the site: promote $site"
  only_one promote
  is_running || is_whole || fail 78 "there is no copy of the primary that could be promoted"
  ! was_left || fail 78 "the primary had the lease since this server was promoted, and wrote: nothing of that is here, rejoin $site first"
  # A deactivation may have stopped it.
  server_start
  if ! in_recovery; then
    if [ ! -f "$state/promotion.json" ] || grep -q '"ended"' "$state/promotion.json"; then sql CHECKPOINT; else complete_promotion; fi
    reindex
    first_backup
    say "it is the primary already"
    return
  fi
  lease_is_over
  # What was made since the last start is compared too. Nobody is kept from a takeover by it.
  mark_orders || say "the orders of text can't be compared with those of this system: what was found at the last start counts"
  local received replayed heartbeat
  received="$(sql 'SELECT pg_last_wal_receive_lsn()')"
  replayed="$(sql 'SELECT pg_last_wal_replay_lsn()')"
  heartbeat="$(sql_in "$heartbeat_database" 'SELECT extract(epoch FROM at)::bigint FROM hypdr.heartbeat' 2>/dev/null)" || heartbeat=''
  json "site=$site" "received=$received" "replayed=$replayed" "heartbeat=$heartbeat" "started=$(date +%s)" "term=$lease_term" |
    whole_file "$state/promotion.json"
  [ "$(sql 'SELECT pg_promote(true, 300)')" = t ] || fail 75 "it was not promoted within five minutes"
  complete_promotion
  reindex
  first_backup
  # What comes after this counts as written here; the record of a failback begins at what was replayed.
  say "promoted: it accepts writes since $replayed"
}`;
