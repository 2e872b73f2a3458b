"""Samples: drawn over the whole and the same again, files of many kinds, and nothing beside a foreign file."""

import csv
import sqlite3
from collections import Counter
from pathlib import Path

import duckdb
import openpyxl
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pypdfium2
import pytest
from sqlalchemy import create_engine, make_url, text

from sekisho.connectors.sample_drawing import places, reservoir
from sekisho.connectors.sample_tables import Passage, Sample, Unread
from sekisho.connectors.samples import Wish, samples
from sekisho.engine.errors import SekishoError

ROWS = 5_000
DRAW = Wish(rows=200)
# A page with one line of text, by hand: pypdfium2 writes none.
PDF = """%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj
4 0 obj<</Length 44>>stream
BT /F1 12 Tf 20 100 Td (tel 03-1234-5678) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
"""
# The same under a password nobody knows: its check value is no password's.
LOCKED_PDF = PDF.replace(
    "trailer<</Root 1 0 R>>",
    f"6 0 obj<</Filter/Standard/V 1/R 2/P -4/O<{'11' * 32}>/U<{'22' * 32}>>>endobj\n"
    "trailer<</Root 1 0 R/Encrypt 6 0 R/ID[<33><33>]>>",
)


def _only(path: Path | str, wish: Wish = DRAW) -> Sample:
    (one,) = samples(str(path), wish)
    assert isinstance(one, Sample)
    return one


def _numbers(sample: Sample) -> list[int]:
    return [int(value) for value in sample.columns["n"] or ()]


def _is_spread(numbers: list[int]) -> bool:
    """Some of every tenth of the rows, each at most once."""
    tenths = Counter(number * 10 // ROWS for number in numbers)
    return len(set(numbers)) == len(numbers) == DRAW.rows and min(tenths[one] for one in range(10)) > DRAW.rows // 40


def test_a_reservoir_takes_each_as_often() -> None:
    counts = Counter(one for seed in range(2_000) for one in reservoir(range(20), 5, seed))
    assert set(counts) == set(range(20))
    assert all(400 < count < 600 for count in counts.values())  # 500 each; six deviations are 117
    assert reservoir(range(3), 5, 1) == [0, 1, 2]
    assert reservoir(range(100), 7, 3) == sorted(reservoir(iter(range(100)), 7, 3))
    assert list(places(3, 5, 1)) == [0, 1, 2]
    assert list(places(100, 5, 1)) == sorted(set(places(100, 5, 1)))


@pytest.fixture(params=["sqlite", "sqlite-without-rowid", "duckdb", "csv", "jsonl", "parquet", "xlsx", "delta"])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    kind, rows = request.param, [(f"{number}", f"x{number}") for number in range(ROWS)]
    path = tmp_path / f"table.{kind.split('-')[0]}"
    if kind.startswith("sqlite"):
        with sqlite3.connect(path) as connection:
            end = "n TEXT PRIMARY KEY, x TEXT) WITHOUT ROWID" if "without" in kind else "n TEXT, x TEXT)"
            connection.execute(f"CREATE TABLE t ({end}")
            connection.executemany("INSERT INTO t VALUES (?, ?)", rows)
        connection.close()
    elif kind == "duckdb":
        with duckdb.connect(str(path)) as opened:
            opened.execute("CREATE TABLE t AS SELECT CAST(range AS VARCHAR) AS n, 'x' AS x FROM range(5000)")
    elif kind == "csv":
        with path.open("w", encoding="cp932", newline="") as file:
            csv.writer(file).writerows([("n", "氏名"), *rows])
    elif kind == "jsonl":
        path.write_text("".join(f'{{"n": "{n}", "x": "{x}"}}\n' for n, x in rows), encoding="utf-8")
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        for row in [("n", "x"), *rows]:
            book.worksheets[0].append(row)
        book.save(path)
    else:
        arrow = pa.table({"n": [n for n, _ in rows], "x": [x for _, x in rows]})
        if kind == "parquet":
            pq.write_table(arrow, path, row_group_size=700)
        else:
            import deltalake

            path = tmp_path / "lake" / "t"
            deltalake.write_deltalake(str(path), arrow)
            return path.parent
    return path


def test_rows_are_drawn_over_the_whole_and_the_same_again(table: Path) -> None:
    first = _numbers(_only(table))
    assert _numbers(_only(table)) == first
    assert _is_spread(first)
    other = _numbers(_only(table, Wish(rows=DRAW.rows, seed=7)))
    assert _is_spread(other)
    assert other != first


def test_rows_of_postgresql_are_drawn(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS drawn_from")
        connection.execute("CREATE TABLE drawn_from AS SELECT n::text AS n FROM generate_series(0, 4999) AS n")
        try:
            found = {one.table: one for one in samples(postgres_url, DRAW) if isinstance(one, Sample)}
            assert _is_spread(_numbers(found["drawn_from"]))
        finally:
            connection.execute("DROP TABLE drawn_from")


def test_rows_of_mariadb_are_drawn(mariadb_url: str) -> None:
    engine = create_engine(make_url(mariadb_url).set(drivername="mariadb+pymysql", database=None))
    url = make_url(mariadb_url).set(database="drawn_from").render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS drawn_from"))
        connection.execute(text("CREATE DATABASE drawn_from"))
        connection.execute(text("CREATE TABLE drawn_from.t (n VARCHAR(9))"))
        connection.execute(text("INSERT INTO drawn_from.t SELECT seq FROM seq_0_to_4999"))
    try:
        assert _is_spread(first := _numbers(_only(url)))
        assert _numbers(_only(url)) == first
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP DATABASE drawn_from"))
        engine.dispose()


def test_schema_only_reads_the_names_of_every_kind(table: Path) -> None:
    sample = _only(table, Wish(schema_only=True))
    assert next(iter(sample.columns)) == "n"
    assert set(sample.columns.values()) == {None}


@pytest.mark.parametrize("log", [False, True], ids=["rollback", "wal"])
def test_a_foreign_sqlite_file_is_left_as_it_is(tmp_path: Path, log: bool) -> None:
    path = tmp_path / "theirs.db"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA journal_mode={'WAL' if log else 'DELETE'}")
    connection.execute("CREATE TABLE t (n TEXT)")
    connection.execute("INSERT INTO t VALUES ('1')")
    connection.commit()
    connection.close()
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert _numbers(_only(path)) == [1]
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [one.name for one in tmp_path.iterdir()] == ["theirs.db"]


def test_a_foreign_duckdb_file_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "theirs.duckdb"
    with duckdb.connect(str(path)) as opened:
        opened.execute("CREATE TABLE t AS SELECT '1' AS n")
    before = path.read_bytes()
    assert _numbers(_only(path)) == [1]
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["theirs.duckdb"]


def test_pages_of_a_pdf_are_texts_and_pictures_are_said_to_be_unread(tmp_path: Path) -> None:
    (tmp_path / "letter.pdf").write_text(PDF, encoding="ascii")
    (page,) = samples(str(tmp_path / "letter.pdf"), DRAW)
    assert isinstance(page, Passage)
    assert (page.location, page.text) == ("letter.pdf:p1", "tel 03-1234-5678")
    scan = pypdfium2.PdfDocument.new()
    scan.new_page(200, 200)
    scan.save(tmp_path / "scan.pdf")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    told = {one.location: one for one in samples(str(tmp_path), DRAW) if isinstance(one, Unread)}
    assert {name: one.error.code for name, one in told.items()} == {
        "scan.pdf": "discover.no-text",
        "broken.pdf": "discover.damaged",
    }


def test_sheets_are_tables_and_a_broken_book_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["氏名", "電話番号"])
    book.worksheets[0].append(["山田太郎", "090-1234-5678"])
    book.create_sheet("空")
    book.save(tmp_path / "list.xlsx")
    (sheet,) = samples(str(tmp_path / "list.xlsx"), DRAW)
    assert isinstance(sheet, Sample)
    assert sheet.table == "list.xlsx:Sheet"
    assert sheet.columns["電話番号"] == ["090-1234-5678"]
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(SekishoError) as refused:
        list(samples(str(tmp_path / "broken.xlsx"), DRAW))
    assert refused.value.code == "discover.damaged"


def test_what_has_a_password_is_said_to_have_one(tmp_path: Path) -> None:
    (tmp_path / "locked.xlsx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504))
    (tmp_path / "locked.pdf").write_text(LOCKED_PDF, encoding="ascii")
    told = {one.location: one for one in samples(str(tmp_path), DRAW) if isinstance(one, Unread)}
    assert {one.error.code for one in told.values()} == {"discover.locked"}
    assert len(told) == 2


def test_archives_are_named_not_searched(tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    (told,) = samples(str(tmp_path), DRAW)
    assert isinstance(told, Unread)
    assert told.error.code == "discover.unread-format"
