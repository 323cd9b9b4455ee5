/**
 * MySQL and MariaDB for a restore, from Ubuntu's packages: a new server beside the one that is there, reached by its
 * socket alone. Root has no password while it restores, and is the system's own root afterwards.
 */
export const MYSQL = String.raw`data="${'$'}{HYPDR_DATA:-$mount/mysql}"
main_socket="${'$'}{HYPDR_MYSQL_SOCKET:-/run/hypdr-mysql/mysqld.sock}"
server_of() { if [ "$engine" = mariadb ]; then command -v mariadbd; else command -v mysqld; fi; }
as_mysql() {
  if [ "$(id -u)" = 0 ]; then runuser -u mysql -- "$@"; else "$@"; fi
}
engine_packages() {
  [ -n "${'$'}{HYPDR_NO_PACKAGES:-}" ] && return
  export DEBIAN_FRONTEND=noninteractive
  local apt=(-o DPkg::Lock::Timeout=300 -o Acquire::Retries=5 -y -q) package="$engine-server"
  if ! server_of >/dev/null; then
    dpkg --configure -a
    apt-get "${'$'}{apt[@]}" update || fail 75 "packages can't be reached"
    apt-get "${'$'}{apt[@]}" install "$package" || fail 75 "$package can't be installed"
    systemctl disable --now "$engine"
  fi
  "$(server_of)" --version | grep -qE "Ver $version([.]|-)" ||
    fail 78 "Ubuntu's packages have no $engine $version, but: $("$(server_of)" --version)"
  # What confines MySQL's server knows its usual folder only.
  if [ -d /etc/apparmor.d/local ] && [ "$engine" = mysql ]; then
    printf '%s/ r,\n%s/** rwk,\n/run/hypdr-mysql/** rwk,\n' "$mount" "$mount" >/etc/apparmor.d/local/usr.sbin.mysqld
    apparmor_parser -r /etc/apparmor.d/usr.sbin.mysqld
  fi
}
engine_make() {
  [ "$(id -u)" != 0 ] || chown mysql: "$1"
  if [ "$engine" = mariadb ]; then
    as_mysql mariadb-install-db --no-defaults --datadir="$1/data" --auth-root-authentication-method=normal --skip-test-db >"$1/make.log" 2>&1 ||
      fail 75 "a new server can not be made: $(tail -n 2 "$1/make.log" | tr '\n' ' ')"
  else
    as_mysql "$(server_of)" --no-defaults --initialize-insecure --datadir="$1/data" --log-error="$1/make.log" ||
      fail 75 "a new server can not be made: $(tail -n 2 "$1/make.log" | tr '\n' ' ')"
  fi
}
client() {
  printf '[client]\nuser="root"\nsocket="%s/server.sock"\n' "$1" >"$1/client.cnf"
  chmod 600 "$1/client.cnf"
}
# With the socket of a folder, SQL.
ask_folder() {
  local program=mysql
  [ "$engine" != mariadb ] || program=mariadb
  "$program" --defaults-file="$1/client.cnf" -N -e "$2"
}
engine_start() {
  client "$1"
  as_mysql "$(server_of)" --no-defaults --datadir="$1/data" --socket="$1/server.sock" --pid-file="$1/server.pid" --skip-networking \
    --event-scheduler=OFF --skip-log-bin --log-error="$1/server.log" --max-allowed-packet=1G >/dev/null 2>&1 9>&- &
  server=$!
  local tries=0
  until ask_folder "$1" 'SELECT 1' >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || fail 75 "$engine does not start: $(tail -n 3 "$1/server.log" | tr '\n' ' ')"
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || fail 75 "$engine is not there after five minutes"
    sleep 1
  done
}
engine_stop() {
  [ -f "$1/server.pid" ] || return 0
  ask_folder "$1" SHUTDOWN >/dev/null 2>&1 || kill "$(cat "$1/server.pid")" 2>/dev/null || true
  while [ -f "$1/server.pid" ] && kill -0 "$(cat "$1/server.pid")" 2>/dev/null; do sleep 1; done
}
engine_seal() {
  if [ "$engine" = mariadb ]; then
    ask_folder "$1" "ALTER USER root@localhost IDENTIFIED VIA unix_socket"
  else
    ask_folder "$1" "INSTALL PLUGIN auth_socket SONAME 'auth_socket.so'" 2>/dev/null || true
    ask_folder "$1" "ALTER USER root@localhost IDENTIFIED WITH auth_socket"
  fi
  sync
}
engine_target() { printf '%s/client.cnf' "$1"; }
engine_runner() { "$@"; }
engine_owner() { :; }
main_start() {
  main_runs && return 0
  printf '[mysqld]\ndatadir=%s\nsocket=%s\nbind-address=*\nport=3306\nmax_allowed_packet=1G\n' "$data" "$main_socket" | whole_file "$etc/my.cnf"
  chmod 644 "$etc/my.cnf"
  if [ -n "${'$'}{HYPDR_START:-}" ]; then bash -c "$HYPDR_START" 9>&-; else systemctl start hypdr-mysql; fi
}
main_stop() {
  main_runs || return 0
  if [ -n "${'$'}{HYPDR_STOP:-}" ]; then bash -c "$HYPDR_STOP"; else systemctl stop hypdr-mysql; fi
}
main_runs() { [ -S "$main_socket" ] && [ -e "$data" ]; }`;
