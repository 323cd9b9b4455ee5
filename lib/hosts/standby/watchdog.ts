/**
 * The lease, at the primary: who can't read it for as long as it lasts, or reads that it is over, stops being one. In
 * recovery no session can write, whatever it sets, and every connection has ended.
 *
 * What was read is kept in a file with the number of the boot: a watchdog that starts again has no more time than the one
 * before it, and a machine that boots has none at all. The lease has a term, which each revocation and each grant raises by
 * one: a server that finds a term further than one grant from its own (it slept, or was cut off, through an activation)
 * stays read-only, whoever holds the lease now. Where nobody was activated it goes on by itself. A server that never had
 * the lease is not guarded: it is one on which this was just installed.
 */
export const WATCHDOG = String.raw`poll="${'$'}{HYPDR_POLL:-5}"
export HYPDR_PATIENCE="${'$'}{HYPDR_PATIENCE:-3}"
boot_id() { printf '%s' "${'$'}{HYPDR_BOOT:-$(cat /proc/sys/kernel/random/boot_id)}"; }
# Second of this boot at which the lease was last known to hold; nothing where that is not known.
lease_seen() {
  local boot at
  read -r boot at 2>/dev/null <"$state/lease-seen" || return 0
  [ "$boot" != "$(boot_id)" ] || printf '%s' "$at"
}
term_held() { cat "$state/lease-term" 2>/dev/null || true; }
hold_term() { printf '%s\n' "$1" | whole_file "$state/lease-term"; }
# Reads the lease; sets "verdict" to one of held, lost (with "why"), or unknown.
judge_lease() {
  local asked answer word term held
  verdict=unknown why=''
  # It counts from before it was asked for.
  asked="$(uptime_seconds)"
  answer="$(lease_read 2>/dev/null)" || return 0
  read -r word term _ <<<"$answer"
  held="$(term_held)"
  if [ "$word" = revoked ]; then
    verdict=lost why="the lease was revoked with term $term"
  elif [ -n "$held" ] && [ "$term" != "$held" ] && [ "$term" != $((held + 1)) ]; then
    verdict=lost why="the lease has term $term, and this server had term $held"
  else
    [ "$term" = "$held" ] || hold_term "$term"
    # A gate and a watchdog may write it at once.
    printf '%s %s\n' "$(boot_id)" "$asked" >"$state/lease-seen.$$"
    mv "$state/lease-seen.$$" "$state/lease-seen"
    verdict=held
  fi
}
lease_is_fresh() {
  local seen
  seen="$(lease_seen)"
  [ -n "$seen" ] && [ $(($(uptime_seconds) - seen)) -lt "$lease_seconds" ]
}
mark_read_only() {
  [ -f "$data/standby.signal" ] || touch "$data/standby.signal"
  [ "$(id -u)" != 0 ] || chown postgres: "$data/standby.signal"
  [ -f "$state/fenced.json" ] || json "site=$site" "why=$1" "at=$(date +%s)" | whole_file "$state/fenced.json"
}
# By its own file, since one that still replays its log answers nothing: it is not stopped again and again.
started_read_only() {
  [ "$(sed -n 3p "$data/postmaster.pid")" -gt "$(stat -c %Y "$data/standby.signal")" ]
}
read_only() {
  if [ -f "$data/standby.signal" ] && is_running && { started_read_only || in_recovery; }; then return 0; fi
  say "$1: from now on this server only reads"
  mark_read_only "$1"
  server_stop
  server_start
}
# Nobody was activated meanwhile: the same server goes on, on the same timeline, with what it had.
go_on() {
  [ -f "$state/fenced.json" ] || return 0
  ! is_failing_back || return 0
  say 'the lease is there again with the same term: this server writes again'
  rm -f "$data/standby.signal"
  if is_running && in_recovery; then server_stop; fi
  server_start
  # Unless it was found without a lease just before it started.
  in_recovery || rm -f "$state/fenced.json"
}
# It follows the site, or a person is about to make it do so.
is_failing_back() {
  [ -f "$state/kept" ] || ! flock -n "$state/failback.lock" true
}
is_guarded() { [ -n "$(term_held)" ]; }
watch_once() {
  judge_lease
  if [ "$verdict" = unknown ] && ! is_guarded; then
    say "the lease can not be read at $lease_url, and never was: this server is not guarded yet"
    return 0
  fi
  case "$verdict" in
    held) go_on ;;
    lost) read_only "$why" ;;
    *) lease_is_fresh || read_only "the lease could not be read for $([ -n "$(lease_seen)" ] && printf '%s seconds' "$lease_seconds" || printf 'the first time since the boot')" ;;
  esac
}
watch_lease() {
  only_one watch
  while true; do
    watch_once
    [ -z "${'$'}{HYPDR_ONCE:-}" ] || return 0
    sleep "$poll"
  done
}
# Before the server starts, at each boot: without a lease it starts as one that only reads.
gate() {
  [ ! -f "$data/standby.signal" ] || return 0
  judge_lease
  [ "$verdict" != held ] || return 0
  [ "$verdict" = lost ] || is_guarded || return 0
  [ "$verdict" = lost ] || ! lease_is_fresh || return 0
  say "${'$'}{why:-the lease can not be read}: this server starts read-only"
  mark_read_only "${'$'}{why:-the lease could not be read before the start}"
}`;
