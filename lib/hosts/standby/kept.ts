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

/** What only this server has is kept and counted before it is made to follow the other: on both ways, there and back. */
export const KEPT = String.raw`count_changes() {
  python3 -c '${COUNT}' "$@"
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
    # By itself: what it replayed of the other server's would look like its own, and from an archive it goes for the other's
    # timeline before its own end, which it never reaches then.
    stand_alone
    server_start
  fi
  local number name
  sql 'SELECT oid, datname FROM pg_database WHERE datallowconn' | while IFS='|' read -r number name; do
    sql_in "$name" "SELECT '$number/' || pg_relation_filenode(c.oid), format('%I.%I.%I', current_database(), n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE pg_relation_filenode(c.oid) IS NOT NULL"
  done | whole_file "$state/relations"
  server_stop
  stand_alone_no_more
}
stand_alone() {
  stand_alone_no_more
  printf "%s # hypdr alone\n" "restore_command = ''" "primary_conninfo = ''" "recovery_target_timeline = 'current'" >>"$data/postgresql.auto.conf"
}
stand_alone_no_more() { sed -i '/# hypdr alone$/d' "$data/postgresql.auto.conf"; }
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
# The log of a copy from a position on. A server without a slot gives away what it archived: that is read from the archive.
# Sets "lacking" to the segment at which it ends, where that is a segment that is not there.
read_log() {
  local copy=$1 lsn=$2 fetched='' code
  while true; do
    as_postgres "$pgbin/pg_waldump" -p "$copy/pg_wal" -t "$timeline" -s "$lsn" 2>"$state/divergence.log" >"$state/divergence.wal" || true
    lacking="$(sed -nE 's/.*could not (find|open) file "([0-9A-F]{24})".*/\2/p' "$state/divergence.log" | tail -n 1)"
    if [ -z "$lacking" ] || [ "$method" != log_shipping ]; then return 0; fi
    code=0
    as_postgres pgbackrest --config="$etc/pgbackrest.conf" --stanza="$slot" --pg1-path="$data" archive-get "$lacking" "$copy/pg_wal/$lacking" >/dev/null || code=$?
    # One says that the archive does not have it, which is so for the one after the last too.
    if [ "$code" = 1 ]; then return 0; fi
    if [ "$code" != 0 ]; then
      if [ -s "$state/divergence.wal" ] && [ -z "$fetched" ]; then return 0; fi
      fail 75 "segment $lacking of this server's log can't be read from the archive"
    fi
    fetched=yes
  done
}
# What came after that here.
divergence() {
  local copy=$1 lsn lacking
  [ ! -f "$state/divergence.json" ] || [ "$(field copy <"$state/divergence.json")" != "$copy" ] || return 0
  compare
  lsn=$apart
  if [ -z "$lsn" ]; then
    json "site=$site" "copy=$copy" diverged=no transactions=0 changes=0 | whole_file "$state/divergence.json"
    return 0
  fi
  read_log "$copy" "$lsn"
  # It ends with the log, which is an error to it; where the log ends just there, nothing came after.
  if [ ! -s "$state/divergence.wal" ] && ! grep -q 'could not find a valid record after' "$state/divergence.log"; then
    [ -n "$lacking" ] || fail 75 "the log of this server can't be read: $(tail -n 1 "$state/divergence.log")"
    json "site=$site" "copy=$copy" "diverged=$lsn" "timeline=$timeline" transactions=unknown changes=unknown "lacking=$lacking" |
      whole_file "$state/divergence.json"
    say "what only this server has can't be counted, since segment $lacking of its log is nowhere any more: it is in $copy"
    return 0
  fi
  count_changes "$site" "$copy" "$lsn" "$timeline" "$state/relations" <"$state/divergence.wal" | whole_file "$state/divergence.json"
  say "$(field transactions <"$state/divergence.json") transactions and $(field changes <"$state/divergence.json") changed rows are in this server and not in the new one"
}
rewind() {
  local copy=$1
  [ "$(cat "$state/rewound" 2>/dev/null || true)" != "$copy" ] || { say 'it was rewound before'; return 0; }
  # One that was killed in its middle can't be tried again: half of the folder is of the other server.
  local done_so='' from_archive=()
  printf 'an earlier one was interrupted\n' >"$state/rewind.log"
  if [ ! -f "$state/rewinding" ]; then
    printf '%s' "$copy" | whole_file "$state/rewinding"
    # Back to the last checkpoint of both: with an archive the server has given away the log of that.
    if [ "$method" = log_shipping ] && [ "$version" -ge 14 ]; then
      printf "restore_command = '%s'\n" "$(archive_get)" | whole_file "$state/rewind.conf"
      from_archive=(--restore-target-wal --config-file="$state/rewind.conf")
    fi
    as_postgres "$pgbin/pg_rewind" "${'$'}{from_archive[@]}" --target-pgdata="$data" --source-server="$(conninfo) dbname=postgres" >"$state/rewind.log" 2>&1 && done_so=yes
  fi
  if [ -n "$done_so" ]; then say 'rewound'; else
    say "a rewind is not possible ($(tail -n 1 "$state/rewind.log")): a new copy is made"
    rm -rf "$data.new"
    as_postgres "$pgbin/pg_basebackup" -d "$(conninfo)" -D "$data.new" -X stream -c fast --no-password || fail 75 'the new primary can not be copied'
    sync
    rm -rf "$data"
    mv -T "$data.new" "$data"
  fi
  keep_settings "$copy"
  printf '%s' "$copy" | whole_file "$state/rewound"
}
# Both ways take over whatever lies in the other server's folder, its settings too: those of this one (what it archives, who
# may come) are its owner's.
keep_settings() {
  local one
  for one in "$1"/*.conf "$1"/*.crt "$1"/*.key "$1"/*.crl "$1"/*.pem "$1"/conf.d; do
    [ ! -e "$one" ] || cp -a "$one" "$data/"
  done
}`;
