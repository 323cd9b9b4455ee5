/**
 * Makes the database machine of a site: disk, packages, a copy of the primary, and a server that follows it. It may be
 * killed at any moment and run again: a copy counts once it is whole and in its place.
 */
export const BOOTSTRAP = String.raw`# The one disk of the volume's size without a file system, or the one that this made before.
prepare_disk() {
  [ -n "${'$'}{HYPDR_NO_DISK:-}" ] && { mkdir -p "$mount"; return; }
  mkdir -p "$mount"
  mountpoint -q "$mount" && return
  local disk
  disk="$(blkid -L hypdr-data || true)"
  if [ -z "$disk" ]; then
    disk="$(lsblk -dnbpo NAME,TYPE,SIZE,FSTYPE | awk -v want="$((volume_gib * 1073741824))" '$2 == "disk" && $3 == want && $4 == "" { print $1 }')"
    [ "$(printf '%s' "$disk" | grep -c .)" = 1 ] || fail 75 "needs one empty disk of $volume_gib GiB, found: ${'$'}{disk:-none}"
    [ -z "$(lsblk -nro NAME "$disk" | tail -n +2)" ] || fail 78 "$disk has partitions: it is not taken"
    mkfs.ext4 -q -L hypdr-data "$disk"
  fi
  grep -q '^LABEL=hypdr-data ' /etc/fstab || printf 'LABEL=hypdr-data %s ext4 defaults,nofail 0 2\n' "$mount" >>/etc/fstab
  mount "$mount"
  chmod 755 "$mount"
}
# PostgreSQL's own packages have each major version, and a pgBackRest that knows the identities of all three clouds.
install_packages() {
  [ -n "${'$'}{HYPDR_NO_PACKAGES:-}" ] && return
  export DEBIAN_FRONTEND=noninteractive
  mkdir -p /etc/postgresql-common
  printf 'create_main_cluster = false\n' >/etc/postgresql-common/createcluster.conf
  local apt=(-o DPkg::Lock::Timeout=300 -o Acquire::Retries=5 -y -q)
  if [ ! -x "$pgbin/postgres" ] || ! command -v pgbackrest >/dev/null; then
    dpkg --configure -a
    apt-get "${'$'}{apt[@]}" update || fail 75 "packages can't be reached"
    apt-get "${'$'}{apt[@]}" install postgresql-common curl python3 || fail 75 "packages can't be installed"
    /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y || fail 75 "PostgreSQL's packages can't be reached"
    apt-get "${'$'}{apt[@]}" install "postgresql-$version" pgbackrest || fail 75 "PostgreSQL $version can't be installed"
  fi
}
write_passfile() {
  local answer
  if ! answer="$(cloud_secret)"; then
    # A machine that follows already goes on with what it was told before.
    if ! is_whole || [ ! -s "$PGPASSFILE" ] || [ ! -s "$state/replication-user" ]; then
      fail 75 "the secret $secret can't be read: the operator makes it, with username and password"
    fi
    say "the secret $secret can't be read: what it said before is used"
    replication_user="$(cat "$state/replication-user")"
    return 0
  fi
  replication_user="$(printf '%s' "$answer" | field username)"
  printf '%s' "$replication_user" | whole_file "$state/replication-user"
  printf '%s' "$answer" | python3 -c 'import json,sys
secret = json.load(sys.stdin)
escaped = [secret[name].replace("\\", "\\\\").replace(":", "\\:") for name in ("username", "password")]
print("*:*:*:" + ":".join(escaped))' >"$PGPASSFILE.new"
  chmod 600 "$PGPASSFILE.new"
  [ "$(id -u)" != 0 ] || chown postgres: "$PGPASSFILE.new"
  mv "$PGPASSFILE.new" "$PGPASSFILE"
}
conninfo() { printf "host='%s' port=%s user='%s' passfile='%s' application_name='%s' connect_timeout=10" "$primary_host" "$primary_port" "$replication_user" "$PGPASSFILE" "$slot"; }
at_primary() { as_postgres "$pgbin/psql" -XAtq -v ON_ERROR_STOP=1 -d "$(conninfo) dbname='$1'" -c "$2"; }
# Order of text is what indexes are built by: another version of the C library may order otherwise. That of ICU only a server
# of this system can tell, so it is compared once the copy runs.
compare_collations() {
  local here differing
  [ "$version" -ge 15 ] || return 0
  # Who reads only the first line ends who writes the others, which counts as a failure.
  here="$(ldd --version | sed -nE '1s/.* ([0-9]+\.[0-9]+)$/\1/p')"
  differing="$(at_primary "$heartbeat_database" "SELECT string_agg(quote_ident(datname) || ' ' || datcollversion, ', ' ORDER BY datname) FROM pg_database WHERE datlocprovider = 'c' AND datcollversion IS NOT NULL AND datcollversion <> '$here'")" ||
    fail 75 "the primary $primary_host can't be asked"
  [ -z "$differing" ] || [ -n "${'$'}{HYPDR_REINDEX:-}" ] ||
    fail 78 "order of text differs: here it is that of glibc $here, at the primary $differing. Take a system with the same, or set HYPDR_REINDEX=yes and plan the time of a REINDEX before use"
}
ensure_slot() {
  [ "$method" = streaming_replication ] || return 0
  [ "$(at_primary "$heartbeat_database" "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '$slot'")" = 1 ] ||
    at_primary "$heartbeat_database" "SELECT pg_create_physical_replication_slot('$slot', true)" >/dev/null ||
    fail 75 "the slot $slot can't be made at the primary"
}
is_whole() { [ -f "$data/hypdr-base" ]; }
base_backup() {
  local new="$data.new"
  if [ -e "$data" ] && [ -n "$(ls -A "$data")" ]; then fail 78 "$data holds something that this did not make"; fi
  rm -rf "$new"
  if [ "$method" = log_shipping ]; then
    mkdir -p "$new"
    [ "$(id -u)" != 0 ] || chown postgres: "$new"
    as_postgres pgbackrest --config="$etc/pgbackrest.conf" --stanza="$slot" --pg1-path="$new" --type=standby --log-level-console=warn restore ||
      fail 75 "no backup can be restored from the archive: the primary makes one with pgbackrest backup"
    # The settings of the primary's own folder are not ours.
    : >"$new/postgresql.auto.conf"
  else
    ensure_slot
    as_postgres "$pgbin/pg_basebackup" -d "$(conninfo)" -D "$new" -X stream -S "$slot" -c fast --no-password ||
      fail 75 "the primary $primary_host can't be copied"
    : >"$new/postgresql.auto.conf"
  fi
  touch "$new/standby.signal" "$new/hypdr-base"
  [ "$(id -u)" != 0 ] || chown postgres: "$new/standby.signal" "$new/hypdr-base" "$new/postgresql.auto.conf"
  chmod 700 "$new"
  sync
  rm -rf "$data"
  mv -T "$new" "$data"
  sync
}
# A standby refuses to start with less of these than its primary has; its own folder says what that is.
at_least() { as_postgres "$pgbin/pg_controldata" -D "$data" | sed -n "s/^$1 setting: *//p"; }
archive_get() { printf 'pgbackrest --config=%s --stanza=%s --pg1-path=%s archive-get %%f "%%p"' "$etc/pgbackrest.conf" "$slot" "$data"; }
configure() {
  {
    printf "listen_addresses = '*'\nhot_standby = on\nwal_log_hints = on\nwal_level = replica\nmax_wal_senders = 10\nmax_replication_slots = 10\n"
    # A second machine that is away is given up before the disk is full.
    printf 'max_slot_wal_keep_size = %sMB\n' "$((volume_gib * 256))"
    printf 'max_connections = %s\nmax_worker_processes = %s\nmax_prepared_transactions = %s\nmax_locks_per_transaction = %s\n' \
      "$(at_least max_connections)" "$(at_least max_worker_processes)" "$(at_least max_prepared_xacts)" "$(at_least max_locks_per_xact)"
    printf "recovery_target_timeline = 'latest'\npassword_encryption = 'scram-sha-256'\n"
    if [ "$method" = log_shipping ]; then
      printf "restore_command = '%s'\n" "$(archive_get)"
    else
      printf "primary_conninfo = '%s'\nprimary_slot_name = '%s'\n" "$(conninfo | sed "s/'/''/g")" "$slot"
    fi
  } | whole_file "$etc/postgresql.conf"
  {
    # Security groups decide who reaches this machine at all: the application, a second machine, a primary that comes back.
    printf 'local all postgres %s\nlocal all all scram-sha-256\nhost all all all scram-sha-256\nhost replication all all scram-sha-256\n' "${'$'}{HYPDR_AUTH:-peer}"
  } | whole_file "$etc/pg_hba.conf"
  : >"$etc/pg_ident.conf"
}
write_archive_config() {
  [ "$method" = log_shipping ] || return 0
  # The server's own user archives; at the primary the folder above is root's.
  mkdir -p "$state/lock" "$state/spool"
  [ "$(id -u)" != 0 ] || chown postgres: "$state/lock" "$state/spool"
  {
    printf '[global]\nlog-path=%s\nlock-path=%s/lock\nspool-path=%s/spool\nlog-level-file=off\nrepo1-path=%s\n' "$state" "$state" "$state" "$archive_path"
    if [ -n "${'$'}{HYPDR_ARCHIVE:-}" ]; then printf '%s\n' "$HYPDR_ARCHIVE"; else case "$archive_cloud" in
      aws) printf 'repo1-type=s3\nrepo1-s3-bucket=%s\nrepo1-s3-region=%s\nrepo1-s3-endpoint=s3.%s.amazonaws.com\n%s\n' "$archive_store" "$archive_region" "$archive_region" "$archive_key" ;;
      azure) printf 'repo1-type=azure\nrepo1-azure-account=%s\nrepo1-azure-container=%s\n%s\n' "$archive_store" "$archive_container" "$archive_key" ;;
      google) printf 'repo1-type=gcs\nrepo1-gcs-bucket=%s\n%s\n' "$archive_store" "$archive_key" ;;
    esac; fi
    printf '[%s]\npg1-path=%s\npg1-port=%s\npg1-socket-path=%s\npg1-user=postgres\n' "$slot" "$data" "$port" "$sockets"
  } | whole_file "$etc/pgbackrest.conf"
  chmod 640 "$etc/pgbackrest.conf"
  [ "$(id -u)" != 0 ] || chown root:postgres "$etc/pgbackrest.conf"
}
bootstrap() {
  only_one bootstrap
  prepare_disk
  install_packages
  [ "$(id -u)" != 0 ] || chown postgres: "$state" "$mount"
  # Who was promoted is no standby any more, stays as it is, and needs nobody to start.
  if [ ! -f "$state/promotion.json" ]; then
    replication_user=''
    if [ "$method" = streaming_replication ] || [ -n "$primary_host" ]; then write_passfile; fi
    write_archive_config
    if ! is_whole; then
      if [ -n "$primary_host" ]; then compare_collations; fi
      base_backup
      say "the copy of the primary is whole"
    fi
    configure
  fi
  if was_left; then
    say "the primary has taken over again: this server is not started, rejoin $site makes it follow"
    return 0
  fi
  server_start
  if in_recovery; then mark_orders || fail 75 "the orders of text of each database can't be compared with those of this system"; fi
  say "it runs, $(status_line)"
}
# It was promoted, and the primary had the lease since: two would accept writes, or what was written there would be missing
# here. A term is raised by each grant and each revocation, and by nothing else.
was_left() {
  local answer term
  [ -f "$state/promotion.json" ] && [ ! -f "$data/standby.signal" ] || return 1
  ! is_running || return 1
  # Who can't read the lease serves on: the site is what is left.
  answer="$(lease_read)" || return 1
  read -r _ term _ <<<"$answer"
  [ "$term" -gt "$(field term <"$state/promotion.json")" ]
}
status_line() {
  if [ "$(sql 'SELECT pg_is_in_recovery()')" = t ]; then printf 'following'; else printf 'promoted'; fi
  reindex_line
}
# Whether it could be promoted now. What a deactivation or a crash stopped is started for that.
able() {
  only_one promote
  ! was_left || fail 78 "the primary had the lease since this server was promoted, and wrote: rejoin $site first"
  is_running || is_whole || fail 78 'there is no copy of the primary that could be promoted'
  server_start
  say "$(status_line)"
}
status() {
  is_running || fail 75 "PostgreSQL does not run"
  say "$(status_line)"
}`;
