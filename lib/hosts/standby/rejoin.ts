/**
 * How a site is left again: once the primary has taken over, the server of the site follows it as before.
 */
export const REJOIN = String.raw`# The way out of a site: what was promoted is not written to any more. A standby follows on.
leave() {
  only_one promote
  if [ ! -f "$state/promotion.json" ]; then
    say 'it was not promoted: it follows on'
    return 0
  fi
  if has_systemd; then systemctl stop hypdr-lag.timer; fi
  server_stop
  ! is_running || fail 75 'PostgreSQL does not stop'
  say 'stopped'
}
measure_again() {
  if has_systemd; then systemctl start hypdr-lag.timer; fi
}
# A server of the site that was left again: it follows the primary as before. What only it has (nothing, where the primary
# was stopped last) is kept and counted too.
rejoin() {
  [ "${'$'}{1:-}" = "$site" ] || fail 64 "to confirm, write the name of the site: rejoin $site"
  only_one promote
  local answer word term apart timeline copy
  if [ ! -f "$state/promotion.json" ]; then
    # Whoever stopped it.
    server_start
    measure_again
    say 'it was not promoted: it follows the primary'
    return 0
  fi
  answer="$(lease_read)" || fail 75 "the lease can't be read"
  read -r word term _ <<<"$answer"
  if [ "$word" != granted ] || [ "$term" -le "$(field term <"$state/promotion.json")" ]; then
    fail 78 'the primary has no lease yet: it takes over first, by take-back'
  fi
  [ -n "$primary_host" ] || fail 78 'no host of the primary is known: name it in the spec, so that this server learns where the two went apart'
  write_passfile
  copy="$(kept_copy)"
  apart=unknown
  if [ -z "$copy" ]; then
    stop_in_order
    compare
    [ -z "$apart" ] || keep_copy
    copy="$(kept_copy)"
  fi
  server_stop
  if [ -n "$apart" ]; then
    divergence "$copy"
    rewind "$copy"
  fi
  touch "$data/standby.signal" "$data/hypdr-base"
  [ "$(id -u)" != 0 ] || chown postgres: "$data/standby.signal" "$data/hypdr-base"
  ensure_slot
  write_archive_config
  configure
  # Last of all, so that whoever comes back after a reboot begins again.
  server_start
  measure_again
  mv "$state/promotion.json" "$state/promotion.last.json"
  rm -f "$state/kept" "$state/rewound" "$state/rewinding"
  say "it follows the primary again${'$'}{apart:+; what only it had is in $copy and counted in $state/divergence.json}"
}`;
