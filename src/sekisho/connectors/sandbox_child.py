"""The process that runs a checked query. It holds one folder of projections, read-only, and nothing else.

Started as `python -I -m sekisho.connectors.sandbox_child` with an empty environment. It imports nothing of Sekisho. It gives
up what it can before it reads the query: network, other users' files, the file system outside the folder, writing. What
was reached is the first line it answers; then each result follows as an Arrow stream. Errors leave as an exit code only:
an engine's message can quote a value. Source: DESIGN.md section 5.
"""

import contextlib
import ctypes
import json
import os
import resource
import stat
import struct
import sys
from typing import Any

CLONE = {"mount": 0x00020000, "ipc": 0x08000000, "network": 0x40000000}
CLONE_USER = 0x10000000
NO_NEW_PRIVILEGES = 38
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446  # system calls, the same on every architecture
LANDLOCK_EVERYTHING = (1 << 13) - 1  # every right over files that its first version knows
LANDLOCK_READ_FILE = 1 << 2
LANDLOCK_READ = LANDLOCK_READ_FILE | 1 << 3  # and list a folder
OF_THE_KERNEL = (
    "/proc/self",
    "/proc/meminfo",
    "/sys/fs/cgroup",
    "/sys/devices/system/cpu",
)  # how the engine counts memory
LANDLOCK_BENEATH = 1
NOBODY = 65534
WORD = 8
FAILED, NOT_READY = 3, 4  # exit codes
MEGABYTE = 1 << 20
ROWS_AT_ONCE = 50_000


def main() -> int:
    """Isolate, read one request from standard input, answer on standard output."""
    reached = _leave_network()
    import duckdb
    import pyarrow as pa

    # What the libraries load late must be loaded before the folder closes.
    with duckdb.connect(config={"threads": 1}) as warm:
        warm.execute("SELECT unnest(?::BIGINT[])", [[1]]).fetchall()
        warm.sql("SELECT 1 AS one, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS at").to_arrow_reader(1).read_all()
    request = json.loads(sys.stdin.buffer.readline())
    reached += _close_in(request["folder"], request["memory_mb"], request["seconds"])
    root = "" if "folder" in reached else request["folder"]
    try:
        engine = _engine(duckdb, request, root)
    except duckdb.Error:
        return NOT_READY
    os.write(1, (json.dumps({"isolation": reached}) + "\n").encode())
    try:
        with os.fdopen(1, "wb", closefd=False) as out:
            for query in request["queries"]:
                reader = engine.sql(query).to_arrow_reader(ROWS_AT_ONCE)
                with pa.ipc.new_stream(out, reader.schema) as stream:
                    for batch in reader:
                        stream.write_batch(batch)
    except (duckdb.Error, pa.ArrowException, MemoryError):
        return FAILED
    return 0


def _leave_network() -> list[str]:
    """Namespaces of its own. Must come before anything starts a thread."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    all_of = sum(CLONE.values())
    if os.getuid() == 0:
        return ["network"] if libc.unshare(all_of) == 0 else []
    return ["network", "namespace"] if libc.unshare(all_of | CLONE_USER) == 0 else []


def _close_in(folder: str, memory_mb: int, seconds: int) -> list[str]:
    """The folder becomes the whole file system; nothing can be written; memory and time are bounded."""
    reached = []
    os.chdir(folder)
    try:
        os.chroot(folder)
        os.chdir("/")
        reached.append("folder")
    except OSError:
        pass
    if "folder" not in reached and _landlocked(folder):
        reached.append("landlock")
    if os.getuid() == 0:
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            reached.append("user")
    for what, most in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CPU, seconds * 4),
        (resource.RLIMIT_AS, (memory_mb * 2 + 4096) * MEGABYTE),
    ):
        resource.setrlimit(what, (most, most))
    return [*reached, "limits"]


def _landlocked(folder: str) -> bool:
    """Where the root can't be changed: the kernel lets this process read beneath the folder, and touch no other file."""
    libc = ctypes.CDLL(None, use_errno=True)
    handled = ctypes.c_uint64(LANDLOCK_EVERYTHING)
    rules = libc.syscall(LANDLOCK_CREATE, ctypes.byref(handled), ctypes.c_size_t(8), ctypes.c_uint32(0))
    if rules < 0:
        return False
    for place in (folder, *OF_THE_KERNEL):
        with contextlib.suppress(OSError):
            beneath = os.open(place, os.O_PATH)
            rights = LANDLOCK_READ if stat.S_ISDIR(os.fstat(beneath).st_mode) else LANDLOCK_READ_FILE
            rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, beneath))
            if libc.syscall(LANDLOCK_ADD, ctypes.c_int(rules), LANDLOCK_BENEATH, rule, ctypes.c_uint32(0)) != 0:
                return False
    restricted: int = libc.syscall(LANDLOCK_RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0))
    return restricted == 0


def _engine(duckdb: Any, request: Any, root: str) -> Any:
    """DuckDB over the folder's files, then locked: no other file, no setting, no extension."""
    engine = duckdb.connect(
        config={
            "threads": request["threads"],
            "memory_limit": f"{request['memory_mb']}MB",
            "temp_directory": "",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    engine.execute("SET python_enable_replacements = false")
    engine.execute("SET TimeZone = 'Asia/Tokyo'")
    paths = [f"{root}/{view['file']}" for view in request["views"]]
    engine.execute(f"SET allowed_paths = [{', '.join(_text(path) for path in paths)}]")
    engine.execute("SET enable_external_access = false")
    engine.execute(
        "CREATE TABLE main.__sekisho_gone AS SELECT DISTINCT unnest(?::BIGINT[]) AS person", [request["gone"]]
    )
    for view, path in zip(request["views"], paths, strict=True):
        engine.execute(f"CREATE SCHEMA IF NOT EXISTS {_name(view['system'])}")
        without = [
            f"({_name(column)} IS NULL OR {_name(column)} NOT IN (SELECT person FROM main.__sekisho_gone))"
            for column in (view["persons"] if request["gone"] else [])
        ]
        where = f" WHERE {' AND '.join(without)}" if without else ""
        engine.execute(
            f"CREATE VIEW {_name(view['system'])}.{_name(view['table'])} AS "
            f"SELECT * FROM read_parquet({_text(path)}, hive_partitioning = false){where}"
        )
    engine.execute("SET lock_configuration = true")
    return engine


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


if __name__ == "__main__":
    sys.exit(main())
