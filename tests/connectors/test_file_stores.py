"""Stores made of files: what stays byte for byte, what is refused, and that nothing of what went is left in a file."""

import fcntl
import os
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pylopdf_fonts_cjk
import pytest
import typst
from deltalake import write_deltalake
from foreign_stores import COLUMNS, ROWS, SCHEMA, START, STORES, system_of
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from sekisho.connectors.opening import open_system
from sekisho.connectors.source import Before, Contains, In, Partitioned, Source
from sekisho.engine.catalog.model import System, SystemKind
from sekisho.engine.errors import SekishoError

NUMBER = "09000000007"
FILES = ("parquet", "parquet-by-day", "csv", "csv-cp932", "tsv", "xlsx")


def bare(kind: SystemKind) -> System:
    return System(id="s", label="", kind=kind, url="", tables={})


def opened(kind: SystemKind, place: Path) -> Source:
    return open_system(bare(kind), str(place))


def refused(call: Callable[[], object]) -> SekishoError:
    with pytest.raises(SekishoError) as told:
        call()
    assert told.value.message("ja")
    assert told.value.remedy("ja")
    assert NUMBER not in f"{told.value}{told.value.message('en')}"
    return told.value


@pytest.fixture(params=FILES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def files(folder: Path) -> list[Path]:
    return sorted(one for one in folder.rglob("*") if one.is_file() and one.name != ".lock")


def test_nothing_of_what_went_is_left(source: Source, tmp_path: Path) -> None:
    source.erase("calls", (In("number", (NUMBER,)),))
    source.blank("calls", ["memo"], (In("id", (9,)),))
    source.rewrite_text("calls", "memo", ["id"], {(11,): "●"})
    source.purge()
    for path in files(tmp_path):
        content = _decoded(path)
        assert not [gone for gone in (NUMBER, "折り返しは09000000009", "折り返しは09000000011") if gone in content], (
            path
        )
    assert source.count("calls") == 59


def test_a_file_nothing_of_which_goes_is_not_touched(source: Source, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in files(tmp_path)}
    source.erase("calls", (In("number", ("nobody",)),))
    source.blank("calls", ["memo"], (In("id", (8,)),))  # has none
    source.rewrite_text("calls", "memo", ["id"], {(999,): "x"})
    assert {path: path.read_bytes() for path in files(tmp_path)} == before


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"], indirect=True)
def test_files_that_may_not_be_replaced_are_refused_and_stay(source: Source, tmp_path: Path) -> None:
    path = max(files(tmp_path))

    def erase() -> None:
        source.erase("calls", (Contains("number", ("0900",)),))

    path.chmod(0o444)
    assert refused(erase).code == "connector.read-only"
    path.chmod(0o640)
    os.link(path, tmp_path / "second")
    assert refused(erase).code == "connector.several-names"
    (tmp_path / "second").unlink()
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert refused(erase).code == "connector.busy"
    owner = path.with_name(f"~${path.name}")
    owner.touch()
    assert refused(erase).code == "connector.busy"
    owner.unlink()
    erase()
    assert source.count("calls") == 0
    assert not path.exists() or path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"], indirect=True)
def test_a_file_that_vanishes_while_it_is_read_is_told(source: Source, tmp_path: Path) -> None:
    listed = source._tables()  # type: ignore[attr-defined]
    source._tables = lambda: listed  # type: ignore[attr-defined]
    max(files(tmp_path)).unlink()
    assert refused(lambda: source.count("calls")).code == "connector.vanished"


def test_csv_keeps_what_does_not_change_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    lines = [
        "番号;氏名;メモ\r\n",
        '"1";"髙橋 一郎";"二行の\r\nメモ; ""引用"""\r\n',
        "2;佐藤 花子;\r\n",
        "3; 鈴木 ;末尾に改行なし",
    ]
    path.write_text("".join(lines), encoding="cp932", newline="")
    source = opened(SystemKind.CSV, path)
    assert source.crawl() == {"list": {"番号": "text", "氏名": "text", "メモ": "text"}}
    source.blank("list", ["氏名"], (In("番号", ("1",)),))
    source.erase("list", (In("番号", ("2",)),))
    expected = [lines[0], lines[1].replace("髙橋 一郎", ""), lines[3]]
    assert path.read_bytes() == "".join(expected).encode("cp932")


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        ("番号,氏名\n1,吉田\n".encode("euc_jp"), "connector.unknown-encoding", 1),
        ("no,name\n1,a\n2,吉田\n".encode("utf-16"), "connector.unknown-encoding", 1),
        ("no,name\n1,a\n2,吉田\n".encode("iso2022_jp"), "connector.unknown-encoding", 3),
        (b"no,name\n1,a\n2,\xff\xff\n", "connector.unknown-encoding", 3),
        (b'no,name\n1,a\n2,"b\n3,c\n', "connector.broken-record", 3),
        (b"no,name\n1,a\n2,b,c\n", "connector.broken-record", 3),
        (b"no,name\n1\n", "connector.broken-record", 2),
    ],
)
def test_csv_that_cannot_be_read_is_refused_by_file_and_line(
    tmp_path: Path, content: bytes, code: str, line: int
) -> None:
    (tmp_path / "list.csv").write_bytes(content)
    told = refused(lambda: opened(SystemKind.CSV, tmp_path).count("list", (In("no", ("1",)),)))
    assert told.code == code
    assert (told.values["path"], told.values["line"]) == ("list.csv", str(line))
    assert (tmp_path / "list.csv").read_bytes() == content


def test_csv_without_a_heading_is_read_by_the_map_or_refused(tmp_path: Path) -> None:
    text = f'1,{NUMBER},氏名,2026/5/1,2026/5/1 9:03:00+09:00,"1,200",x\n'
    (tmp_path / "calls.csv").write_text(text, encoding="utf-8")
    assert refused(lambda: opened(SystemKind.CSV, tmp_path).count("calls")).code == "connector.no-heading"
    source = open_system(system_of(STORES["csv"]), str(tmp_path))
    [row] = [row for batch in source.rows("calls", list(COLUMNS)) for row in batch.to_pylist()]
    assert (row["on_day"], row["at"], row["yen"]) == (date(2026, 5, 1), datetime(2026, 5, 1, 0, 3, tzinfo=UTC), 1200)


def test_a_value_of_another_type_is_refused_without_being_told(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(f"id,number\n1,x\n{NUMBER}x,y\n", encoding="utf-8")
    source = open_system(system_of(STORES["csv"]), str(tmp_path))
    told = refused(lambda: source.erase("calls", (In("id", (1,)),)))
    assert (told.code, told.values["line"], told.values["column"]) == ("connector.misfit", "3", "id")


@pytest.mark.parametrize("kind", ["csv-cp932"], indirect=True)
def test_a_text_the_encoding_lacks_is_not_written(source: Source, tmp_path: Path) -> None:
    before = (tmp_path / "calls.csv").read_bytes()
    told = refused(lambda: source.rewrite_text("calls", "name", ["id"], {(1,): "𠮷田"}))
    assert told.code == "connector.not-encodable"
    source.purge()
    assert (tmp_path / "calls.csv").read_bytes() == before
    assert not list(tmp_path.glob("*.next"))


@pytest.mark.parametrize("kind", ["parquet-by-day"], indirect=True)
def test_only_partitions_of_which_every_row_is_due_are_dropped(source: Source, tmp_path: Path) -> None:
    assert isinstance(source, Partitioned)
    due = (Before("at", START.replace(day=3)),)
    rest = source.count("calls") - source.count("calls", due)
    assert source.drop_partitions("calls", due) == 2
    assert source.drop_partitions("calls", due) == 0
    assert source.count("calls", due) == 3  # of the third day, which has later rows too
    assert sorted(one.name for one in (tmp_path / "files" / "calls").iterdir()) == ["day=2026-05-03"]
    source.erase("calls", due)
    assert source.count("calls") == rest


def test_parquet_under_a_delta_log_is_refused(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "calls", pa.Table.from_pylist(ROWS, schema=SCHEMA))
    source = opened(SystemKind.PARQUET, tmp_path)
    assert refused(lambda: source.erase("calls", (In("id", (1,)),))).code == "connector.unsupported"


def test_nested_parquet_is_searched_and_blanked(tmp_path: Path) -> None:
    rows = pa.table({"id": [1, 2], "who": [{"tel": [NUMBER]}, None]})
    pq.write_table(rows, tmp_path / "calls.parquet")
    source = opened(SystemKind.PARQUET, tmp_path)
    assert source.crawl() == {"calls": {"id": "integer", "who": "text"}}
    assert source.count("calls", (Contains("who", (NUMBER,)),)) == 1
    source.blank("calls", ["who"], (Contains("who", (NUMBER,)),))
    assert NUMBER not in _decoded(tmp_path / "calls.parquet")


def test_xlsx_rows_keep_their_places_and_comments_go_with_their_cells(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = Workbook()
    sheet = book.create_sheet("名簿")
    sheet.append(["番号", "氏名", "生年月日"])
    sheet.append([NUMBER, "𠮷田", date(1990, 4, 1)])
    sheet.append(["09000000008", "髙橋", date(1991, 4, 1)])
    sheet["E9"] = None
    sheet["B2"].comment = Comment(f"{NUMBER}の人", "x")
    sheet["B2"].hyperlink = f"tel:{NUMBER}"
    book["Sheet"]["A1"] = "合計"
    book["Sheet"]["A2"] = "=COUNTA(名簿!A2:A3)"
    book.save(path)
    source = opened(SystemKind.XLSX, tmp_path)
    assert source.crawl()["book:名簿"] == {"番号": "text", "氏名": "text", "生年月日": "timestamp"}
    source.erase("book:名簿", (In("番号", (NUMBER,)),))
    source.erase("book:名簿", (In("番号", (NUMBER,)),))
    assert NUMBER not in _decoded(path)
    again = load_workbook(path)
    assert again["名簿"]["B3"].value == "髙橋"
    assert again["Sheet"]["A2"].value == "=COUNTA(名簿!A2:A3)"


def test_xlsx_that_a_rewrite_would_harm_is_refused(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "calls.xlsx"
    book = Workbook()
    assert book.active is not None
    book.active["A1"], book.active["A2"] = "number", NUMBER
    book.save(path)
    with zipfile.ZipFile(path, "a") as inside:
        inside.writestr("xl/pivotCache/pivotCacheRecords1.xml", NUMBER)
    source = opened(SystemKind.XLSX, tmp_path)
    assert source.count("calls", (In("number", (NUMBER,)),)) == 1
    assert refused(lambda: source.erase("calls", (In("number", (NUMBER,)),))).code == "connector.lossy"
    book.active["B2"] = "=A2"
    book.save(path)
    assert refused(lambda: source.erase("calls", (In("number", (NUMBER,)),))).code == "connector.lossy"
    path.write_bytes(b"PK not a workbook")
    assert refused(lambda: source.count("calls")).code == "connector.broken-file"


def test_texts_are_rows_with_their_age(tmp_path: Path) -> None:
    (tmp_path / "memos" / "2026").mkdir(parents=True)
    memo = tmp_path / "memos" / "2026" / "a.txt"
    memo.write_bytes(f"{NUMBER}の吉田様".encode("cp932"))
    (tmp_path / "memos" / "b.md").write_text("𠮷田様", encoding="utf-8")
    os.utime(memo, (1_700_000_000, 1_700_000_000))
    source = opened(SystemKind.TEXT, tmp_path)
    assert source.crawl() == {"memos": {"path": "text", "text": "text", "modified": "timestamp"}}
    assert source.count("memos", (Contains("text", ("𠮷田",)),)) == 1
    assert source.count("memos", (Before("modified", datetime(2024, 1, 1, tzinfo=UTC)),)) == 1
    for _ in range(2):
        source.rewrite_text("memos", "text", ["path"], {("2026/a.txt",): "●の吉田様"})
    source.rewrite_text("memos", "text", ["path"], {("memos/2026/a.txt",): "●の吉田様"})
    assert memo.read_bytes() == "●の吉田様".encode("cp932")
    assert memo.stat().st_mtime == 1_700_000_000
    assert refused(lambda: source.blank("memos", ["path"], (In("path", ("memos/b.md",)),))).code == (
        "connector.cannot-change"
    )
    source.blank("memos", ["text"], (Contains("text", ("●",)),))
    assert memo.read_bytes() == b""
    source.erase("memos", (In("path", ("memos/b.md",)),))
    source.erase("memos", (In("path", ("memos/b.md",)),))
    assert [path.name for path in files(tmp_path)] == ["a.txt"]
    shutil.copy(__file__, tmp_path / "memos" / "c.txt")
    (tmp_path / "memos" / "d.bin").write_bytes(b"\x00\xff")
    assert refused(lambda: source.count("memos", (Contains("text", ("x",)),))).code == "connector.unknown-encoding"


def test_pdf_is_read_and_never_said_to_be_changed(tmp_path: Path) -> None:
    text = f'#set text(font: "Noto Sans CJK JP")\n{NUMBER}の𠮷田様\n#pagebreak()\n二枚目'
    (tmp_path / "a.typ").write_text(text, encoding="utf-8")
    made = typst.compile(
        str(tmp_path / "a.typ"),
        format="pdf",
        font_paths=[str(pylopdf_fonts_cjk.sans_path().parent)],
        ignore_system_fonts=True,
    )
    assert isinstance(made, bytes)
    (tmp_path / "letters").mkdir()
    path = tmp_path / "letters" / "a.pdf"
    path.write_bytes(made)
    source = opened(SystemKind.PDF, tmp_path)
    rows = [row for batch in source.rows("letters", ["path", "page", "text"]) for row in batch.to_pylist()]
    assert [(row["path"], row["page"]) for row in rows] == [("letters/a.pdf", 1), ("letters/a.pdf", 2)]
    assert rows[0]["text"].split() == [NUMBER, "の𠮷田様"]
    where = (Contains("text", (NUMBER,)),)
    assert source.count("letters", where) == 1
    for write in (
        lambda: source.erase("letters", where),
        lambda: source.blank("letters", ["text"], where),
        lambda: source.rewrite_text("letters", "text", ["path", "page"], {("letters/a.pdf", 1): "x"}),
    ):
        assert refused(write).code == "connector.cannot-change"
    source.erase("letters", (Contains("text", ("nobody",)),))  # nothing to do is nothing undone
    source.purge()
    assert path.read_bytes() == made
    path.write_bytes(made[:200])
    assert refused(lambda: source.count("letters", where)).code == "connector.broken-file"


def _decoded(path: Path) -> str:
    if path.suffix == ".parquet":
        return str(pq.read_table(path).to_pylist()) + path.read_bytes().decode("utf-8", "replace")
    if path.suffix == ".xlsx":
        import zipfile

        with zipfile.ZipFile(path) as inside:
            return "".join(inside.read(name).decode("utf-8", "replace") for name in inside.namelist())
    content = path.read_bytes()
    return content.decode("utf-8", "replace") + content.decode("cp932", "replace")
