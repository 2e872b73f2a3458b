"""The child that runs queries: whatever gets past the list of parts finds one folder of copies, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from sekisho.connectors.sandbox import Limits, Ran, Sandbox, View
from sekisho.engine.errors import SekishoError

SECRET = "the base file"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    box = tmp_path / "box"
    box.mkdir()
    duckdb.sql(f"COPY (SELECT range AS __sekisho_person_0, range % 3 AS x FROM range(30)) TO '{box}/0.parquet'")
    duckdb.sql(f"COPY (SELECT '{SECRET}' AS secret) TO '{tmp_path}/base.parquet'")
    (box / "0.parquet").chmod(0o444)
    return box


def run(folder: Path, query: str, gone: tuple[int, ...] = (), limits: Limits | None = None) -> Ran:
    views = [View(system="crm", table="t", file="0.parquet", persons=("__sekisho_person_0",))]
    with Sandbox() as box:
        return box.run([query], folder=folder, views=views, gone=gone, limits=limits or Limits(seconds=20))


def test_the_answer_comes_through_the_pipe(folder: Path) -> None:
    ran = run(folder, "SELECT x, count(*) AS n FROM crm.t GROUP BY x ORDER BY x", gone=(0, 1))
    assert ran.answers[0].to_pylist() == [{"x": 0, "n": 9}, {"x": 1, "n": 9}, {"x": 2, "n": 10}]
    assert "limits" in ran.isolation


def test_as_root_all_walls_stand(folder: Path) -> None:
    ran = run(folder, "SELECT 1 AS one")
    expected = {"folder", "user", "limits"} if os.geteuid() == 0 else {"limits"}
    assert expected <= set(ran.isolation)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_parquet('{base}')",
        "SELECT * FROM read_parquet('../base.parquet')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/proc/self/environ')",
        "SELECT * FROM read_blob('/proc/1/environ')",
        "SELECT * FROM glob('/**')",
        "SELECT * FROM read_parquet('https://127.0.0.1/x.parquet')",
        "COPY (SELECT 1) TO 'out.csv'",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "ATTACH '{folder}/new.duckdb' AS x",
        "EXPORT DATABASE '{folder}/export'",
        "SET enable_external_access = true",
        "SET allowed_paths = ['/etc/passwd']",
        "SET lock_configuration = false",
        "RESET memory_limit",
        "INSTALL httpfs",
        "LOAD '{folder}/0.parquet'",
        "CREATE SECRET s (TYPE http)",
        "SELECT * FROM gone_in",
        "SELECT repeat('x', 10000000000) AS x",
    ],
)
def test_nothing_else_is_in_reach(folder: Path, query: str) -> None:
    before = sorted(folder.rglob("*"))
    with pytest.raises(SekishoError, match=r"sandbox\.(failed|timed-out)") as raised:
        run(folder, query.format(base=folder.parent / "base.parquet", folder=folder))
    assert SECRET not in str(raised.value)
    assert sorted(folder.rglob("*")) == before


def test_the_environment_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEKISHO_SECRET", "x")
    with Sandbox() as box:
        told = Path(f"/proc/{box._child.pid}/environ").read_bytes()
    assert b"SEKISHO" not in told
    assert b"PATH" not in told


def test_time_and_rows_have_an_end(folder: Path) -> None:
    with pytest.raises(SekishoError, match=r"sandbox\.too-many-rows"):
        run(folder, "SELECT * FROM range(200)", limits=Limits(rows=100))
    with pytest.raises(SekishoError, match=r"sandbox\.too-many-rows"):
        run(folder, "SELECT repeat('x', 1000000) AS x FROM range(100)", limits=Limits(megabytes=1))
    many = ", ".join(f"range(100000) AS t{n}" for n in range(4))
    with pytest.raises(SekishoError, match=r"sandbox\.timed-out"):
        run(
            folder,
            f"SELECT count(*) AS n FROM {many} WHERE hash(t0.range, t1.range, t2.range) = 1",
            limits=Limits(seconds=3),
        )


def test_the_child_imports_nothing_of_ours() -> None:
    from sekisho.connectors import sandbox_child

    source = Path(str(sandbox_child.__file__)).read_text(encoding="utf-8")
    assert "import sekisho" not in source
    assert "from sekisho" not in source


def test_where_the_root_cannot_change_the_kernel_closes_the_rest(folder: Path) -> None:
    program = (
        "import sys\n"
        "from sekisho.connectors.sandbox_child import _landlocked\n"
        "closed = _landlocked(sys.argv[1])\n"
        "open(sys.argv[1] + '/0.parquet', 'rb').close()\n"
        "for path, mode in ((sys.argv[2], 'rb'), (sys.argv[1] + '/new', 'wb')):\n"
        "    try:\n"
        "        open(path, mode).close()\n"
        "        print('open' if closed else 'closed')\n"
        "    except PermissionError:\n"
        "        print('closed')\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, str(folder), str(folder.parent / "base.parquet")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.split() == ["closed", "closed"]
