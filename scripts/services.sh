# Sourced by `test` (bash) after bootstrap.sh: PostgreSQL, MariaDB, Chromium and Japanese fonts.
# PostgreSQL must run before pytest starts: pytest-django reads the settings before any conftest.py.

find_postgres() {
    for pg_bin in "$(command -v pg_config >/dev/null 2>&1 && pg_config --bindir 2>/dev/null)" \
        $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -rn) \
        "$(dirname -- "$(readlink -f -- "$(command -v pg_ctl || echo /nowhere/x)")")"; do
        [ -x "$pg_bin/initdb" ] && [ -x "$pg_bin/postgres" ] && [ -x "$pg_bin/pg_ctl" ] && return 0
    done
    pg_bin=''
    return 1
}

find_mariadb() {
    mariadbd=$(command -v mariadbd || ls /usr/sbin/mariadbd /usr/local/sbin/mariadbd 2>/dev/null | head -n 1)
    [ -n "$mariadbd" ] && command -v mariadb-install-db >/dev/null 2>&1
}

find_chromium() {
    for chromium in ${SEKISHO_CHROMIUM:+"$SEKISHO_CHROMIUM"} chromium chromium-browser google-chrome google-chrome-stable; do
        chromium=$(command -v "$chromium") && return 0
    done
    chromium=''
    return 1
}

find_fonts() { [ -n "$(fc-list :lang=ja file 2>/dev/null | grep -i cjk)" ]; }

# The packages that this machine lacks; each is a hard requirement of the whole suite.
lacking() {
    find_postgres || printf 'postgresql '
    find_mariadb || printf 'mariadb-server '
    find_chromium || printf 'chromium '
    find_fonts || printf 'fontconfig fonts-noto-cjk '
}

need_services() {
    missing=$(lacking)
    if [ -n "$missing" ] && can_apt; then
        # shellcheck disable=SC2086 # a list of names
        apt_install $missing || say "apt-get failed"
        missing=$(lacking)
    fi
    if [ -n "$missing" ]; then
        say "The whole suite needs: $missing"
        say "  Debian, Ubuntu:  apt-get update && apt-get install $missing"
        say "  without them:    ./test --quick"
        exit 1
    fi
    find_postgres
    find_mariadb
    find_chromium
    export SEKISHO_CHROMIUM="$chromium"
}

# Database servers refuse to run as root, so root hands them to an ordinary user: as_user NAME COMMAND…
as_user() {
    server_user=$1
    shift
    if [ "$(id -u)" != 0 ]; then
        "$@"
    elif command -v setpriv >/dev/null 2>&1; then
        setpriv --reuid="$server_user" --regid="$(id -g "$server_user")" --clear-groups -- "$@"
    else
        runuser -u "$server_user" -- "$@"
    fi
}

as_postgres() { as_user "$pg_user" "$@"; }

new_password() { "$root/.venv/bin/python" -c 'import secrets; print(secrets.token_hex(16))'; }

free_port() {
    "$root/.venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# A private cluster that dies with this run: its own folder, socket, port and password, and no care for durability.
start_postgres() {
    pg_user=nobody
    id postgres >/dev/null 2>&1 && pg_user=postgres
    pg_dir=$(mktemp -d "${TMPDIR:-/tmp}/sekisho-pg.XXXXXX")
    password=$(new_password)
    (umask 077 && printf '%s\n' "$password" >"$pg_dir/password")
    [ "$(id -u)" != 0 ] || chown -R "$pg_user" "$pg_dir"
    (
        cd "$pg_dir"
        as_postgres "$pg_bin/initdb" --pgdata="$pg_dir/data" --username=sekisho --pwfile="$pg_dir/password" \
            --auth=scram-sha-256 --no-locale --encoding=UTF8 --no-sync >"$1/initdb.log" 2>&1
    ) || { cat "$1/initdb.log" >&2; die "initdb failed"; }
    for _ in 1 2 3; do  # the free port may be taken before PostgreSQL has it
        port=$(free_port)
        if (
            cd "$pg_dir"
            as_postgres "$pg_bin/pg_ctl" start --wait --silent --pgdata="$pg_dir/data" --log="$pg_dir/log" --options="-p $port \
-k $pg_dir -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off" >/dev/null
        ); then
            export SEKISHO_TEST_POSTGRES_URL="postgresql://sekisho:$password@127.0.0.1:$port/postgres"
            return 0
        fi
    done
    cat "$pg_dir/log" >&2
    die "PostgreSQL did not start"
}

stop_postgres() {
    [ -n "${pg_dir:-}" ] || return 0
    (cd / && as_postgres "$pg_bin/pg_ctl" stop --silent --mode=immediate --pgdata="$pg_dir/data" >/dev/null 2>&1) || true
    rm -rf -- "$pg_dir"
}

# A private server that dies with this run, like PostgreSQL's. Values reach it through LOAD DATA LOCAL only (local-infile).
start_mariadb() {
    maria_user=nobody
    id mysql >/dev/null 2>&1 && maria_user=mysql
    maria_dir=$(mktemp -d "${TMPDIR:-/tmp}/sekisho-maria.XXXXXX")
    password=$(new_password)
    (umask 077 && printf '%s\n' "CREATE USER sekisho@'127.0.0.1' IDENTIFIED BY '$password';" \
        "GRANT ALL ON *.* TO sekisho@'127.0.0.1' WITH GRANT OPTION;" >"$maria_dir/init.sql")
    [ "$(id -u)" != 0 ] || chown -R "$maria_user" "$maria_dir"
    (
        cd "$maria_dir"
        as_user "$maria_user" mariadb-install-db --no-defaults --datadir="$maria_dir/data" --skip-test-db \
            --auth-root-authentication-method=socket >"$1/mariadb-install.log" 2>&1
    ) || { cat "$1/mariadb-install.log" >&2; die "mariadb-install-db failed"; }
    for _ in 1 2 3; do
        port=$(free_port)
        (
            cd "$maria_dir"
            as_user "$maria_user" "$mariadbd" --no-defaults --datadir="$maria_dir/data" --tmpdir="$maria_dir" \
                --socket="$maria_dir/s" --pid-file="$maria_dir/pid" --port="$port" --bind-address=127.0.0.1 \
                --init-file="$maria_dir/init.sql" --skip-name-resolve --skip-log-bin --local-infile=1 \
                --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 --innodb-buffer-pool-size=64M \
                --performance-schema=0 >"$maria_dir/log" 2>&1 &
            echo $! >"$1/mariadb.pid"
        )
        maria_pid=$(cat "$1/mariadb.pid")
        for _ in $(seq 100); do
            kill -0 "$maria_pid" 2>/dev/null || break
            if [ -s "$maria_dir/pid" ] && grep -q "ready for connections" "$maria_dir/log"; then
                rm -f -- "$maria_dir/init.sql"
                maria_pid=$(cat "$maria_dir/pid")  # the server's own: the other is the shell that runs it as another user
                export SEKISHO_TEST_MARIADB_URL="mariadb://sekisho:$password@127.0.0.1:$port/mysql"
                return 0
            fi
            sleep 0.2
        done
        stop_mariadb_process
    done
    cat "$maria_dir/log" >&2
    die "MariaDB did not start"
}

stop_mariadb_process() {
    kill -9 "$maria_pid" 2>/dev/null || true
    for _ in $(seq 30); do  # bounded: where nobody reaps it, a dead process still answers
        kill -0 "$maria_pid" 2>/dev/null || break
        sleep 0.1
    done
}

stop_mariadb() {
    [ -n "${maria_dir:-}" ] || return 0
    [ -z "${maria_pid:-}" ] || stop_mariadb_process
    rm -rf -- "$maria_dir"
}

versions() {
    "$root/.venv/bin/python" - <<'PY'
import os, platform, sqlite3, subprocess
import deltalake, duckdb, psycopg, pymysql
from urllib.parse import urlsplit
with psycopg.connect(os.environ["SEKISHO_TEST_POSTGRES_URL"]) as connection:
    postgres = connection.execute("SHOW server_version").fetchone()[0]
maria = urlsplit(os.environ["SEKISHO_TEST_MARIADB_URL"])
with pymysql.connect(host=maria.hostname, port=maria.port, user=maria.username, password=maria.password) as connection:
    mariadb = connection.get_server_info().removeprefix("5.5.5-")  # for clients of long ago
chromium = subprocess.run([os.environ["SEKISHO_CHROMIUM"], "--version"], capture_output=True, text=True).stdout.strip()
for name, version in [
    ("PostgreSQL", postgres), ("MariaDB", mariadb), ("Chromium", chromium.removeprefix("Chromium ")), ("Python", platform.python_version()),
    ("SQLite", sqlite3.sqlite_version), ("DuckDB", duckdb.__version__), ("deltalake", deltalake.__version__),
]:
    print(f"{name:<11} {version}")
PY
}
