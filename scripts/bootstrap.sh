# Sourced by `run` and `test` (POSIX sh). Makes $root/.venv from the hashed locks.
# Everything it says goes to standard error: `./run decide` owns standard output.
# The index is whatever pip is configured with on this machine, handed to uv through the environment and
# written to no file. uv alone would read neither pip.conf nor PIP_INDEX_URL.

say() { printf '%s\n' "$*" >&2; }
die() { say "$0: $*"; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_apt() {
    command -v apt-get >/dev/null 2>&1 || return 1
    [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null 2>&1 && sudo -n true >/dev/null 2>&1; }
}

apt_install() {
    say "installing by apt-get: $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 \
        && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# An interpreter counts when it runs (a version manager's shim may exist for a version it lacks) and has venv and pip.
python_works() {
    "$1" -c 'import sys, venv, ensurepip, ssl, sqlite3; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

find_python() {
    for candidate in ${SEKISHO_PYTHON:+"$SEKISHO_PYTHON"} python3.13 python3.12 python3.11 python3 python /usr/bin/python3; do
        if python_works "$candidate"; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    return 1
}

choose_python() {
    find_python && return 0
    if can_apt && apt_install python3 python3-venv && find_python; then return 0; fi
    say "Sekisho needs Python 3.11, 3.12 or 3.13 with the venv module, and found none that runs."
    say "  Debian, Ubuntu:  apt-get update && apt-get install python3 python3-venv"
    say "  elsewhere:       install Python 3.11-3.13, or name one: SEKISHO_PYTHON=/path/to/python ./run"
    exit 1
}

checksum() {
    if command -v sha256sum >/dev/null 2>&1; then
        cat -- "$@" | sha256sum | cut -d' ' -f1
    elif command -v shasum >/dev/null 2>&1; then
        cat -- "$@" | shasum -a 256 | cut -d' ' -f1
    else
        cat -- "$@" | cksum
    fi
}

# Shell assignments that make uv look where pip looks. What the caller set for uv himself stays.
uv_settings() {
    "$venv/bin/python" -m pip config list 2>/dev/null | "$venv/bin/python" -c '
import ast, os, shlex, sys
found = {}
for line in sys.stdin:
    key, _, value = line.strip().partition("=")
    scope, _, name = key.rpartition(".")
    rank = {"global": 1, "install": 2, ":env:": 3}.get(scope)
    if rank and rank >= found.get(name, (0, ""))[0]:
        found[name] = (rank, ast.literal_eval(value))
wanted = {
    "index-url": ("UV_DEFAULT_INDEX", " "), "extra-index-url": ("UV_INDEX", " "), "find-links": ("UV_FIND_LINKS", ","),
    "cert": ("SSL_CERT_FILE", " "), "default-timeout": ("UV_HTTP_TIMEOUT", " "), "timeout": ("UV_HTTP_TIMEOUT", " "),
    "trusted-host": ("UV_INSECURE_HOST", " "), "no-index": ("UV_NO_INDEX", " "),
}
for name, (variable, separator) in wanted.items():
    if name in found and variable not in os.environ:
        print("export %s=%s" % (variable, shlex.quote(separator.join(found[name][1].split()))))
'
}

# One package of the lock with its hashes, so that uv itself is pinned too.
locked() {
    awk -v name="$1" '/^[^ #]/ { on = (index($0, name "==") == 1) } on' "$2"
}

install_lock() {
    lock=$1
    export UV_PYTHON_DOWNLOADS=never UV_INDEX_STRATEGY=unsafe-best-match
    if locked uv "$root/requirements.txt" >"$venv/uv-lock.txt" \
        && "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$venv/uv-lock.txt" >&2 \
        && (eval "$(uv_settings)" \
            && "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --require-hashes -r "$lock" >&2); then
        return 0
    fi
    say "uv could not install the lock; trying pip (slower)"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" >&2
}

# bootstrap run|dev: afterwards $venv holds the lock and the project itself, editable.
bootstrap() {
    venv=$root/.venv
    case $1 in
        dev) lock=$root/requirements-dev.txt ;;
        *) lock=$root/requirements.txt ;;
    esac
    stamp=$venv/sekisho-$1.stamp
    wanted="$root $(checksum "$root/pyproject.toml" "$lock")"
    bootstrap_is_current && return 0
    if command -v flock >/dev/null 2>&1; then  # two starts at once must not build one environment together
        mkdir -p "$root/var"
        exec 9>"$root/var/bootstrap.lock"
        flock 9
        bootstrap_now "$1"
        exec 9>&-
    else
        bootstrap_now "$1"
    fi
}

bootstrap_is_current() {
    [ -r "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && [ -x "$venv/bin/sekisho" ] \
        && "$venv/bin/python" -c '' >/dev/null 2>&1
}

bootstrap_now() {
    bootstrap_is_current && return 0
    if ! python_works "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        python=$(choose_python) || exit 1
        say "making the environment .venv with $("$python" --version 2>&1)"
        rm -rf -- "$venv"
        "$python" -m venv "$venv" >&2 || die "cannot make $venv"
    fi
    say "installing $(basename -- "$lock")"
    rm -f -- "$venv"/sekisho-*.stamp
    install_lock "$lock" || die "the packages of $(basename -- "$lock") could not be installed (see above)"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation \
        --editable "$root" >&2 || die "the project itself could not be installed"
    if [ "$1" = dev ]; then  # the larger lock contains the smaller one
        printf '%s\n' "$root $(checksum "$root/pyproject.toml" "$root/requirements.txt")" >"$venv/sekisho-run.stamp"
    fi
    printf '%s\n' "$wanted" >"$stamp"
}
