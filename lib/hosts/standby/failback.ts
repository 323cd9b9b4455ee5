/** Counts what a dump of the log says: committed transactions, and changed rows by relation (its file, where that has no name). */
const COUNT = String.raw`import collections, json, os, re, sys
site, copy, lsn, timeline, names = sys.argv[1:]
names = dict(line.rstrip().split("|", 1) for line in open(names)) if os.path.exists(names) else {}
transactions, rows = 0, collections.Counter()
for line in sys.stdin:
    said = re.match(r"rmgr: (\S+) .*?desc: (\S+)(.*)", line)
    if not said: continue
    manager, what, rest = said.groups()
    if manager == "Transaction" and what.startswith("COMMIT"): transactions += 1
    relation = re.search(r"rel \d+/(\d+)/(\d+)", rest)
    if not relation or manager not in ("Heap", "Heap2"): continue
    file = "/".join(relation.groups())
    of = names.get(file, file)
    several = re.search(r"(\d+) tuples", rest) or re.search(r"ntuples: (\d+)", rest)
    if re.match(r"(INSERT|DELETE|UPDATE|HOT_UPDATE)", what): rows[of] += 1
    elif what.startswith("MULTI_INSERT"): rows[of] += int(several.group(1)) if several else 1
print(json.dumps(dict(site=site, copy=copy, diverged=lsn, timeline=int(timeline), transactions=transactions,
    changes=sum(rows.values()), relations=dict(sorted(rows.items())))))`;

/**
 * The way back: what the old primary accepted after the new one took over is kept and counted before anything is rewound;
 * then the old one follows the new.
 */
export const FAILBACK = String.raw`count_changes() {
  python3 -c '${COUNT}' "$@"
}
failback() {
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
keep_copy() {
  local copy room used
  copy="$data.kept-$(date -u +%Y%m%dT%H%M%SZ)"
  used="$(du -sk "$data" | cut -f 1)"
  room="$(df -Pk "$(dirname "$data")" | awk 'NR == 2 { print $4 }')"
  [ "$room" -gt "$used" ] || fail 78 "the copy of what only this server has needs $used kB beside $data, and $room are free"
  rm -rf "$data".kept-*.new
  cp -a "$data" "$copy.new"
  touch "$copy.new/hypdr-kept"
  sync
  mv -T "$copy.new" "$copy"
  printf '%s' "$copy" | whole_file "$state/kept"
}
# The copy that an attempt before this one made.
kept_copy() {
  local copy
  copy="$(cat "$state/kept" 2>/dev/null || true)"
  [ -z "$copy" ] || [ ! -f "$copy/hypdr-kept" ] || printf '%s' "$copy"
}
# A rewind needs a server that was stopped in order: one that crashed is brought to the end of its log, and writes nothing
# more. While it runs it says what its files are called.
stop_in_order() {
  if ! is_running; then
    touch "$data/standby.signal"
    [ "$(id -u)" != 0 ] || chown postgres: "$data/standby.signal"
    server_start
  fi
  local number name
  sql 'SELECT oid, datname FROM pg_database WHERE datallowconn' | while IFS='|' read -r number name; do
    sql_in "$name" "SELECT '$number/' || pg_relation_filenode(c.oid), format('%I.%I.%I', current_database(), n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE pg_relation_filenode(c.oid) IS NOT NULL"
  done | whole_file "$state/relations"
  server_stop
}
# Where the two went apart, by pg_rewind itself, which knows the timelines of both: sets "apart" (empty: nothing is only
# here) and "timeline".
compare() {
  local said
  said="$(as_postgres "$pgbin/pg_rewind" --dry-run --target-pgdata="$data" --source-server="$(conninfo) dbname=postgres" 2>&1)" || true
  apart="$(printf '%s' "$said" | sed -n 's/.*servers diverged at WAL location \([0-9A-F/]*\) on timeline \([0-9]*\).*/\1/p')"
  timeline="$(printf '%s' "$said" | sed -n 's/.*servers diverged at WAL location \([0-9A-F/]*\) on timeline \([0-9]*\).*/\2/p')"
  case "$said" in
    *'no rewind required'*) apart='' ;;
    *) [ -n "$apart" ] || fail 75 "nobody knows where the two went apart: $said" ;;
  esac
}
# What came after that here.
divergence() {
  local copy=$1 lsn
  [ ! -f "$state/divergence.json" ] || [ "$(field copy <"$state/divergence.json")" != "$copy" ] || return 0
  compare
  lsn=$apart
  if [ -z "$lsn" ]; then
    json "site=$site" "copy=$copy" diverged=no transactions=0 changes=0 | whole_file "$state/divergence.json"
    return 0
  fi
  as_postgres "$pgbin/pg_waldump" -p "$copy/pg_wal" -t "$timeline" -s "$lsn" 2>"$state/divergence.log" >"$state/divergence.wal" || true
  # It ends with the log, which is an error to it; where the log ends just there, nothing came after.
  [ -s "$state/divergence.wal" ] || grep -q 'could not find a valid record after' "$state/divergence.log" ||
    fail 75 "the log of this server can't be read: $(tail -n 1 "$state/divergence.log")"
  count_changes "$site" "$copy" "$lsn" "$timeline" "$state/relations" <"$state/divergence.wal" | whole_file "$state/divergence.json"
  say "$(field transactions <"$state/divergence.json") transactions and $(field changes <"$state/divergence.json") changed rows are in this server and not in the new one"
}
rewind() {
  local copy=$1
  [ "$(cat "$state/rewound" 2>/dev/null || true)" != "$copy" ] || { say 'it was rewound before'; return 0; }
  # One that was killed in its middle can't be tried again: half of the folder is of the other server.
  local done_so=''
  printf 'an earlier one was interrupted\n' >"$state/rewind.log"
  if [ ! -f "$state/rewinding" ]; then
    printf '%s' "$copy" | whole_file "$state/rewinding"
    as_postgres "$pgbin/pg_rewind" --target-pgdata="$data" --source-server="$(conninfo) dbname=postgres" >"$state/rewind.log" 2>&1 && done_so=yes
  fi
  if [ -n "$done_so" ]; then say 'rewound'; else
    say "a rewind is not possible ($(tail -n 1 "$state/rewind.log")): a new copy is made"
    rm -rf "$data.new"
    as_postgres "$pgbin/pg_basebackup" -d "$(conninfo)" -D "$data.new" -X stream -c fast --no-password || fail 75 'the new primary can not be copied'
    sync
    rm -rf "$data"
    mv -T "$data.new" "$data"
  fi
  printf '%s' "$copy" | whole_file "$state/rewound"
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
  say 'it is the primary again'
}`;
