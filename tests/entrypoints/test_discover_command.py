"""`sekisho discover`: text, files in two encodings, a folder, databases; what it loads; what the map doesn't know."""

import json
import os
import pathlib
import sqlite3
import subprocess
import sys
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from sekisho.entrypoints.cli.discover import command

MEMO = "連絡先 ０９０－１２３４－５６７８、山田太郎様\n"
ROWS = [(f"C{number:03d}", f"090-1234-{number:04d}", f"user{number}@example.jp") for number in range(30)]
MAP = """
sekisho_datamap: 1
map: {id: test}
systems:
  crm:
    label: 顧客管理
    kind: sqlite
    url: sqlite:///{home}/crm.sqlite3
    erase_order: 1
    tables:
      people:
        label: 契約者
        subject: customer
        key: [no]
        acquired: no
        owners: [{by: customer_no, column: no, role: contractor}]
        columns:
          no: {item: none, reason: 社内の番号}
          phone: identity.phone
"""


def _run(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(command, [*arguments], input=stdin)


def _told(*arguments: str, stdin: bytes | None = None) -> list[dict[str, Any]]:
    done = _run(*arguments, "--json", stdin=stdin)
    assert done.exit_code == 0, done.stderr
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told


@pytest.fixture
def crm(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "crm.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE people (no TEXT, phone TEXT, old_mail TEXT, photo BLOB)")
        connection.executemany("INSERT INTO people VALUES (?, ?, ?, x'00ff')", ROWS)
    connection.close()
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_text_on_standard_input_has_spans_in_characters(encoding: str) -> None:
    told = _told("-", stdin=MEMO.encode(encoding))
    assert [MEMO[one["start"] : one["end"]] for one in told] == ["０９０－１２３４－５６７８", "山田太郎"]
    assert {"source", "location", "start", "end", "type", "score", "why"} <= told[0].keys()


def test_the_value_is_printed_nowhere() -> None:
    done = _run("-", stdin=MEMO.encode())
    assert "携帯電話番号" in done.stdout
    assert "1234" not in done.output
    assert "山田" not in done.output


def test_english_is_spoken_when_asked() -> None:
    assert "stands near" in _told("-", "--language", "en", stdin=MEMO.encode())[0]["why"]


@pytest.mark.parametrize(("suffix", "mark"), [(".csv", ","), (".tsv", "\t")])
@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
@pytest.mark.parametrize("header", [True, False])
def test_tables_in_files(tmp_path: pathlib.Path, suffix: str, mark: str, encoding: str, *, header: bool) -> None:
    lines = [mark.join(("番号", "連絡先", "備考"))] * header + [mark.join(row) for row in ROWS]
    file = tmp_path / f"export{suffix}"
    file.write_bytes("\n".join(lines).encode(encoding))
    told = {one["location"].rpartition(".")[2]: one["type"] for one in _told(str(file))}
    assert told == (
        {"連絡先": "mobile_number", "備考": "mail_address"} if header else {"2": "mobile_number", "3": "mail_address"}
    )


def test_a_folder_is_read_file_by_file_and_what_cannot_be_is_said(tmp_path: pathlib.Path, crm: pathlib.Path) -> None:
    (tmp_path / "memo.txt").write_text(MEMO, encoding="cp932")
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "rows.jsonl").write_text(json.dumps({"mail": "a@example.jp"}), encoding="utf-8")
    pq.write_table(pa.table({"phone": [row[1] for row in ROWS]}), tmp_path / "lines.parquet")
    done = _run(str(tmp_path), "--json")
    assert done.exit_code == 1, "nobody knows what is in the file that was not read"
    assert "discover.damaged" in done.stderr
    assert "表3件と文章1件に6件。読めなかったもの1件" in done.stderr
    told = json.loads(done.stdout)
    assert [(one["location"], one["unread"]) for one in told if "unread" in one] == [("scan.pdf", "discover.damaged")]
    assert {(one["location"], one["type"]) for one in told if "unread" not in one} == {
        ("memo.txt", "mobile_number"),
        ("memo.txt", "person_name"),
        ("rows.jsonl.mail", "mail_address"),
        ("lines.parquet.phone", "mobile_number"),
        ("crm.sqlite3:people.phone", "mobile_number"),
        ("crm.sqlite3:people.old_mail", "mail_address"),
    }


def test_a_sparse_column_is_read_where_it_is_filled(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "sparse.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a TEXT, rare TEXT)")
        connection.executemany("INSERT INTO t VALUES (?, NULL)", [("x",)] * 500)
        connection.executemany("INSERT INTO t VALUES ('x', ?)", [(row[1],) for row in ROWS])
    connection.close()
    assert [one["location"] for one in _told(str(path), "--rows", "100")] == ["t.rare"]


def test_schema_only_reads_no_data(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "bad.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (birth_date TEXT, x TEXT)")
        connection.executemany("INSERT INTO t VALUES ('x', ?)", [(row[1],) for row in ROWS])
    connection.close()
    (one,) = _told(f"sqlite:///{path}", "--schema-only")
    assert (one["location"], one["type"], one["score"], one["sampled"]) == ("t.birth_date", "birth_date", 0.5, 0)


def test_a_duckdb_file(tmp_path: pathlib.Path) -> None:
    with duckdb.connect(str(tmp_path / "lines.duckdb")) as connection:
        connection.execute("CREATE TABLE t (mail VARCHAR, seen TIMESTAMP, big HUGEINT)")
        connection.executemany("INSERT INTO t VALUES (?, now()::TIMESTAMP, 1)", [(row[2],) for row in ROWS])
    assert [(one["location"], one["type"]) for one in _told(str(tmp_path / "lines.duckdb"))] == [
        ("t.mail", "mail_address")
    ]


def test_a_postgresql_database_and_its_password_is_not_told(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS discover_people")
        connection.execute("CREATE TABLE discover_people (phone TEXT)")
        connection.cursor().executemany("INSERT INTO discover_people VALUES (%s)", [(row[1],) for row in ROWS])
        try:
            told = [one for one in _told(postgres_url) if one["location"].startswith("discover_people")]
        finally:
            connection.execute("DROP TABLE discover_people")
    assert [(one["location"], one["type"]) for one in told] == [("discover_people.phone", "mobile_number")]
    assert "@" not in told[0]["source"]


def test_what_the_map_does_not_know_is_an_alarm(tmp_path: pathlib.Path, crm: pathlib.Path) -> None:
    folder = tmp_path / "policy"
    folder.mkdir()
    (folder / "datamap.yaml").write_text(MAP, encoding="utf-8")
    done = _run(str(crm), "--map", str(folder), "--json")
    assert done.exit_code == 1
    assert {one["location"]: one["undeclared"] for one in json.loads(done.stdout)} == {
        "people.phone": False,
        "people.old_mail": True,
    }
    assert "うちデータマップにないもの1件" in done.stderr
    assert "データマップ" not in _run(str(crm)).stderr, "no map was given"
    (folder / "datamap.yaml").write_text(MAP + "          old_mail: identity.mail\n", encoding="utf-8")
    assert _run(str(crm), "--map", str(folder)).exit_code == 0
    assert "discover.unknown-system" in _run(str(crm), "--map", str(folder), "--system", "hr").stderr


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("none.txt", None, "discover.no-such-source"),
        ("bytes.txt", b"\x00\x01\xff", "discover.not-text"),
        ("book.xlsx", b"PK", "discover.damaged"),
        ("all.zip", b"PK", "discover.unread-format"),
        ("broken.parquet", b"PAR1", "discover.damaged"),
        ("broken.jsonl", b"{", "discover.damaged"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_code(
    tmp_path: pathlib.Path, name: str, content: bytes | None, code: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    done = _run(str(file))
    assert done.exit_code == 1
    assert code in done.stderr


def test_neither_django_nor_a_database_s_library_is_loaded_for_text() -> None:
    program = (
        "import sys; from sekisho.entrypoints.cli import main\n"
        "try: main(['discover', '-'])\nexcept SystemExit: pass\n"
        "heavy = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(heavy & {'django', 'ninja', 'dbos', 'duckdb', 'psycopg', 'deltalake'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=MEMO.encode(),
        capture_output=True,
        check=True,
        env=os.environ | {"LANG": "C.UTF-8"},
    )
    assert done.stdout.decode().splitlines()[-1] == "[]"
