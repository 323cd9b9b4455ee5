import { NODE_FLAGS } from '../node-release';

/**
 * What a machine of a site that sleeps does. At each boot it asks whether the site is active. Asleep: the newest verified
 * backup of each task is restored into a new server beside the last one, takes its place once all of it is there, and
 * the machine goes off. Active: the same once, and from then on the server runs; it is never restored over again, since
 * people write to it.
 */
export const RESTORE = String.raw`new="$mount/restoring"
marker="$mount/activated"
# There while the site was left and its primary has no lease yet.
left="$mount/left"
patience="${'$'}{HYPDR_PATIENCE:-900}"
# asleep or active; nobody guesses where the lease can't be read.
site_state() {
  local answer
  answer="$(lease_read)" || fail 75 "the lease can't be read: nobody knows whether the site is active"
  case "$answer" in
    granted*) echo asleep ;;
    revoked*) echo active ;;
  esac
}
restore_newest() {
  local started code file worst=0
  started="$(date +%s)"
  prepare_disk
  engine_packages
  with_runner
  # Of a restore that was interrupted: its server may still run.
  [ ! -d "$new" ] || engine_stop "$new" || true
  rm -rf "$new" "$mount/scratch"
  mkdir -p "$new" "$mount/scratch" "$state/runner"
  engine_owner "$mount" "$mount/scratch" "$state/runner"
  engine_make "$new"
  engine_start "$new"
  for file in "$etc"/tasks/*.json; do
    code=0
    engine_runner env "HYPDR_STATE=$state/runner" "HYPDR_SECRETS=$cloud" "AWS_REGION=${'$'}{AWS_REGION:-$region}" \
      "$node_folder/bin/node" ${NODE_FLAGS.join(' ')} "$runner" restore --task "$file" --from latest --target "$(engine_target "$new")" \
      --globals --scratch "$mount/scratch" || code=$?
    case "$code" in
      0) ;;
      # Somebody should look, and it is the newest there is.
      3) worst=3 ;;
      *)
        engine_stop "$new"
        cloud_metric RestoreFailed 1 || true
        fail "$code" "$(field name <"$file") was not restored ($code); what was restored before stays"
        ;;
    esac
  done
  engine_seal "$new"
  engine_stop "$new"
  main_stop
  rm -rf "$data"
  mv -T "$new/data" "$data"
  rm -rf "$new" "$mount/scratch"
  json "at=$started" "seconds=$(($(date +%s) - started))" "code=$worst" | whole_file "$mount/restored.json"
  sync
  cloud_metric RestoreSucceeded 1 || true
  cloud_metric RestoreSeconds "$(($(date +%s) - started))" || true
  [ "$worst" = 0 ] || cloud_metric RestoreFailed 1 || true
  say "restored within $(($(date +%s) - started)) seconds"
}
one_restore() {
  mkdir -p "$state"
  exec 9>"$state/restore.lock"
  # An activation waits for a restore that is under way: it may be its own.
  flock -w 86400 9 || fail 75 'another restore is under way'
}
go_off() {
  say 'it goes off until the next restore'
  if [ -n "${'$'}{HYPDR_POWEROFF:-}" ]; then bash -c "$HYPDR_POWEROFF"; else systemctl poweroff; fi
}
# The site was active: what people wrote to it is nobody's to remove but its owner's.
keep_written() {
  if [ -e "$data" ]; then
    mv -T "$data" "$mount/kept-$(date -u +%Y%m%dT%H%M%SZ)"
    say "what was written while the site was active is in $mount/kept-*: remove it when it is no longer needed"
  fi
  rm -f "$marker" "$mount/restored.json"
  sync
}
boot() {
  local word code=0
  prepare_disk
  word="$(site_state)"
  if [ "$word" = active ]; then
    active_boot
    return
  fi
  if [ -f "$marker" ]; then keep_written; fi
  rm -f "$left"
  set +e
  (
    set -e
    one_restore
    restore_newest
  )
  code=$?
  set -e
  # It may have been activated meanwhile.
  if [ "$(site_state)" = active ]; then
    active_boot
    return
  fi
  [ "$code" = 0 ] || say "the restore ended with $code" >&2
  go_off
}
# A site that was left wakes by an activation and by nothing else, though nobody has the lease.
active_boot() {
  local until=$(($(date +%s) + patience))
  while [ -f "$left" ]; do
    if [ "$(date +%s)" -ge "$until" ]; then
      say 'the site was left: it serves again once it is activated'
      go_off
      return
    fi
    # An activation may have switched this machine on, and takes the mark away in a moment.
    sleep 5
  done
  activate "$site"
}
# The way out: nothing is written here any more, also after the next boot.
leave() {
  prepare_disk
  date +%s | whole_file "$left"
  # A restore that is under way for an activation would start the database when it is done.
  if has_systemd; then systemctl stop hypdr-site-restore; fi
  main_stop
  ! main_runs || fail 75 'the database does not stop'
  say 'stopped'
}
# SITE, and "last" to take what was restored last instead of the newest that is stored.
activate() {
  [ "${'$'}{1:-}" = "$site" ] || fail 64 "to confirm, write the name of the site: activate $site"
  [ "$(site_state)" = active ] || fail 78 'the primary has the lease: the workflow of the activation revokes it first'
  one_restore
  prepare_disk
  rm -f "$left"
  if [ ! -f "$marker" ]; then
    if [ "${'$'}{2:-}" = last ]; then
      [ -f "$mount/restored.json" ] || fail 78 'nothing was restored before'
    else
      restore_newest
    fi
    date +%s | whole_file "$marker"
  fi
  engine_packages
  [ ! -f "$left" ] || fail 78 'the site was left meanwhile'
  main_start
  say "active, with what was restored: $(cat "$mount/restored.json")"
}
ready() {
  local word='503 Service Unavailable' text=asleep line
  if [ -f "$marker" ] && main_runs; then
    word='200 OK'
    text=primary
  fi
  while IFS= read -r -t 2 line && [ -n "${'$'}{line%$'\r'}" ]; do :; done
  printf 'HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s\n' "$word" $((${'$'}{#text} + 1)) "$text"
}
site_status() {
  say "$(cat "$mount/restored.json" 2>/dev/null || echo 'nothing was restored yet'), $(if [ -f "$marker" ]; then echo active; else echo asleep; fi)"
}`;
