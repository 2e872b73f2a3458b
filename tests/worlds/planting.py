"""Planting what an erasure may leave: every kind writes a value of one person into a store in a way of its own.

A kind is a function (folder, admin URL of PostgreSQL, value) -> (kind of system, path or URL) of a store that holds it.
"""

import base64
import bz2
import gzip
import html
import io
import itertools
import json
import lzma
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import duckdb
import openpyxl
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake

Planted = tuple[str, str]
FILL = "x" * 400


@dataclass(frozen=True, slots=True)
class Person:
    """Whose value is planted: how it is looked for, and how it is written."""

    number: str
    name: str  # 姓 and 名 apart
    kana: str
    hiragana: str


def wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def grouped(number: str) -> str:
    return f"{number[:3]}-{number[3:7]}-{number[7:]}"


HALF = str.maketrans(
    dict(
        zip(
            "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン",
            "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝ",
            strict=True,
        )
    )
)


def sqlite_with(
    folder: Path, value: object, column: str = "TEXT", *, index: bool = False, statements: tuple[str, ...] = ()
) -> Planted:
    path = folder / "store.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA secure_delete=OFF")
    connection.execute(f"CREATE TABLE t (id INTEGER PRIMARY KEY, v {column}, pad TEXT)")
    if index:
        connection.execute("CREATE INDEX by_v ON t (v)")
    connection.executemany("INSERT INTO t (v, pad) VALUES (?, ?)", [("other", FILL)] * 20)
    connection.execute("INSERT INTO t (v, pad) VALUES (?, ?)", (value, FILL))
    connection.commit()
    for text in statements:
        connection.execute(text)
        connection.commit()
    connection.close()
    return "sqlite", str(path)


def text_in(form: Callable[[Person], str]) -> Callable[[Path, str, Person], Planted]:
    return lambda folder, _admin, person: sqlite_with(folder, form(person))


def freelist(folder: Path, _admin: str, person: Person) -> Planted:
    return sqlite_with(folder, person.number, statements=("DELETE FROM t",))


def overflow(folder: Path, _admin: str, person: Person) -> Planted:
    """A long value over many pages, deleted: the number stands across two of them and nowhere whole."""
    stamps = "".join(f"{n:08d}" for n in range(2_500))
    (folder / "first").mkdir()
    pages = Path(sqlite_with(folder / "first", stamps)[1]).read_bytes()
    starts = [pages[at + 4 : at + 40] for at in range(0, len(pages), 4096)]
    places = [stamps.index(one.decode()) if one.isdigit() else -1 for one in starts]
    pairs = [second for first, second in itertools.pairwise(places) if 0 <= first == second - 4092]
    begins = pairs[len(pairs) // 2]  # where in the long value a page begins that follows the one before it
    crossing = f"{'-' * (begins - 5)}{person.number}".ljust(len(stamps), "-")
    shutil.rmtree(folder / "first")
    planted = sqlite_with(folder, crossing, statements=("DELETE FROM t",))
    assert person.number.encode() not in Path(planted[1]).read_bytes()
    return planted


def index_page(folder: Path, _admin: str, person: Person) -> Planted:
    return sqlite_with(folder, person.number, index=True, statements=("DELETE FROM t WHERE v <> 'other'",))


def integer(folder: Path, _admin: str, person: Person) -> Planted:
    return sqlite_with(folder, int(person.number), "INTEGER")


def blob_packed(folder: Path, _admin: str, person: Person) -> Planted:
    return sqlite_with(folder, gzip.compress(f"{FILL} {person.number}".encode()), "BLOB")


def wal(folder: Path, _admin: str, person: Person) -> Planted:
    """Copied while the writer has it open: the write-ahead log holds what the file does not."""
    (folder / "live").mkdir()
    connection = sqlite3.connect(folder / "live" / "w.sqlite3")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("CREATE TABLE t (v TEXT)")
    connection.execute("INSERT INTO t VALUES (?)", (person.number,))
    connection.commit()
    connection.execute("DELETE FROM t")
    connection.commit()
    for suffix in ("", "-wal"):
        shutil.copy(folder / "live" / f"w.sqlite3{suffix}", folder / f"w.sqlite3{suffix}")
    connection.close()
    return "sqlite", str(folder / "w.sqlite3")


def journal(folder: Path, _admin: str, person: Person) -> Planted:
    """A rollback journal that a killed writer left beside a store, past its use."""
    kind, path = sqlite_with(folder, "other")
    Path(f"{path}-journal").write_bytes(b"\0" * 512 + person.number.encode() + b"\0" * 512)
    return kind, path


def postgres(
    *statements: str, form: Callable[[Person], object] = lambda person: person.number
) -> Callable[[Path, str, Person], Planted]:
    def plant(_folder: Path, admin: str, person: Person) -> Planted:
        name = f"planted_{uuid4().hex[:12]}"
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        url = f"{admin.rsplit('/', 1)[0]}/{name}"
        with psycopg.connect(url, autocommit=True) as connection:
            for text in statements:
                connection.execute(text.encode(), (form(person),) if "%s" in text else None)
        return "postgresql", url

    return plant


@contextmanager
def dropping(admin: str, planted: Planted) -> Any:
    """The server's database goes after the look."""
    try:
        yield
    finally:
        if planted[0] == "postgresql":
            with psycopg.connect(admin, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {planted[1].rsplit('/', 1)[1]} WITH (FORCE)".encode())


TABLE = "CREATE TABLE t (v text) WITH (autovacuum_enabled = off, toast.autovacuum_enabled = off)"
dead_tuple = postgres(TABLE, "INSERT INTO t VALUES (%s)", "DELETE FROM t")
toast = postgres(
    TABLE,
    "ALTER TABLE t ALTER v SET STORAGE EXTERNAL",
    "INSERT INTO t VALUES (%s)",
    "DELETE FROM t",
    form=lambda person: f"{'y' * 9_000}{person.number}",
)
pg_index = postgres(TABLE, "CREATE INDEX ON t (v)", "INSERT INTO t VALUES (%s)", "DELETE FROM t")
pg_samples = postgres(
    TABLE,
    "INSERT INTO t SELECT %s FROM generate_series(1, 500)",
    "ANALYZE t",
    "ALTER TABLE t SET (autovacuum_enabled = off)",
    "TRUNCATE t",
)
gate_facts = postgres(
    "CREATE SCHEMA gate_facts",
    "CREATE TABLE gate_facts.facts (number text)",
    "INSERT INTO gate_facts.facts VALUES (%s)",
)
pg_json = postgres(
    "CREATE TABLE t (v jsonb)",
    "INSERT INTO t VALUES (%s::jsonb)",
    form=lambda person: json.dumps({"a": [{"b": grouped(person.number)}]}),
)
pg_partition = postgres(
    "CREATE TABLE p (v text, n int) PARTITION BY RANGE (n)",
    "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9)",
    "INSERT INTO p VALUES (%s, 1)",
)


def duck(folder: Path, person: Person, *statements: str) -> Path:
    path = folder / "store.duckdb"
    connection = duckdb.connect(str(path))
    connection.execute("CREATE TABLE t (v VARCHAR)")
    connection.execute("INSERT INTO t VALUES (?)", [person.number])
    connection.execute("CHECKPOINT")
    for text in statements:
        connection.execute(text)
    connection.close()
    return path


def duckdb_remains(folder: Path, _admin: str, person: Person) -> Planted:
    return "duckdb", str(duck(folder, person, "DELETE FROM t", "CHECKPOINT"))


def duckdb_wal(folder: Path, _admin: str, person: Person) -> Planted:
    path = duck(folder, Person("other", "", "", ""))
    connection = duckdb.connect(str(path))
    connection.execute("SET wal_autocheckpoint = '1GB'")
    connection.execute("INSERT INTO t VALUES (?)", [person.number])
    connection.execute("DELETE FROM t")
    (folder / "copy").mkdir()
    for suffix in ("", ".wal"):
        shutil.copy(f"{path}{suffix}", folder / "copy" / f"c.duckdb{suffix}")
    connection.close()
    return "duckdb", str(folder / "copy" / "c.duckdb")


def lake(folder: Path, rows: pa.Table, **more: Any) -> Path:
    write_deltalake(folder / "lake" / "t", rows, **more)
    return folder / "lake" / "t"


def delta_old_file(folder: Path, _admin: str, person: Person) -> Planted:
    path = lake(folder, pa.table({"v": [person.number, "b"], "k": [1, 2]}))
    write_deltalake(path, pa.table({"v": ["b"], "k": [2]}), mode="overwrite")
    return "delta", str(folder / "lake")


def delta_log(folder: Path, _admin: str, person: Person) -> Planted:
    path = lake(folder, pa.table({"v": ["a", "b"], "k": [1, 2]}))
    DeltaTable(path).delete(f"v = '{person.number}' OR v = 'a'")
    return "delta", str(folder / "lake")


def delta_statistics(folder: Path, _admin: str, person: Person) -> Planted:
    """The data file is gone, its statistics stand in the log."""
    path = lake(folder, pa.table({"v": [person.number], "k": [1]}))
    for file in path.glob("*.parquet"):
        file.unlink()
    return "delta", str(folder / "lake")


def delta_checkpoint(folder: Path, _admin: str, person: Person) -> Planted:
    path = lake(folder, pa.table({"v": [person.number], "k": [1]}))
    DeltaTable(path).create_checkpoint()
    for file in [*path.glob("*.parquet"), *(path / "_delta_log").glob("*.json")]:
        file.unlink()
    return "delta", str(folder / "lake")


def delta_partition(folder: Path, _admin: str, person: Person) -> Planted:
    path = lake(folder, pa.table({"v": [person.name], "k": [1]}), partition_by=["v"])
    shutil.rmtree(path / "_delta_log")
    return "parquet", str(folder / "lake")


def parquet_dictionary(folder: Path, _admin: str, person: Person) -> Planted:
    """An entry of the dictionary page to which no row refers, compressed."""
    (folder / "files" / "t").mkdir(parents=True)
    words = pa.DictionaryArray.from_arrays(
        pa.array([0, 0], pa.int32()), pa.array(["other " * 40, f"{'other ' * 40}{person.number}"])
    )
    pq.write_table(
        pa.table({"v": words}),
        folder / "files" / "t" / "a.parquet",
        compression="gzip",
        write_statistics=False,
        store_schema=False,
    )
    return "parquet", str(folder / "files")


def parquet_with(**more: Any) -> Callable[[Path, str, Person], Planted]:
    def plant(folder: Path, _admin: str, person: Person) -> Planted:
        (folder / "files" / "t").mkdir(parents=True)
        values = ["0", person.number, "1"] * 40
        pq.write_table(pa.table({"v": values}), folder / "files" / "t" / "a.parquet", **more)
        return "parquet", str(folder / "files")

    return plant


def parquet_footer(folder: Path, _admin: str, person: Person) -> Planted:
    (folder / "files" / "t").mkdir(parents=True)
    rows = pa.table({"v": ["a"]}).replace_schema_metadata({"made for": wide(person.number)})
    pq.write_table(rows, folder / "files" / "t" / "a.parquet")
    return "parquet", str(folder / "files")


def file_with(name: str, form: Callable[[Person], bytes]) -> Callable[[Path, str, Person], Planted]:
    def plant(folder: Path, _admin: str, person: Person) -> Planted:
        path = folder / "files" / "t" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(form(person))
        return "jsonl", str(folder / "files")

    return plant


def file_name(folder: Path, _admin: str, person: Person) -> Planted:
    (folder / "files" / "t").mkdir(parents=True)
    (folder / "files" / "t" / f"通話明細_{grouped(person.number)}.csv").write_text("a,b\n")
    return "jsonl", str(folder / "files")


def zipped(person: Person) -> bytes:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list.csv", f"{FILL},{person.number}\n")
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export.zip", inner.getvalue())
    return outer.getvalue()


def xlsx(person: Person) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["氏名", person.name])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def zstd(data: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd").compress(data, asbytes=True)
    return packed


def beside(suffix: str) -> Callable[[Path, str, Person], Planted]:
    def plant(folder: Path, _admin: str, person: Person) -> Planted:
        kind, path = sqlite_with(folder, "other")
        Path(f"{path}{suffix}").write_bytes(gzip.compress(person.number.encode()))
        return kind, path

    return plant


KINDS: dict[str, Callable[[Path, str, Person], Planted]] = {
    "exact value": text_in(lambda p: p.number),
    "full-width": text_in(lambda p: wide(p.number)),
    "hyphens": text_in(lambda p: grouped(p.number)),
    "full-width hyphens and brackets": text_in(lambda p: f"０９０（{wide(p.number[3:7])}）ー{wide(p.number[7:])}"),
    "country code": text_in(lambda p: f"+81 (0){p.number[1:3]} {p.number[3:7]} {p.number[7:]}"),
    "kanji digits": text_in(lambda p: p.number.translate(str.maketrans("0123456789", "〇一二三四五六七八九"))),
    "half-width kana": text_in(lambda p: p.kana.translate(HALF)),
    "hiragana": text_in(lambda p: f"お名前は{p.hiragana}さま"),
    "name without its space": text_in(lambda p: f"担当: {p.name.replace(' ', '')}様より"),
    "name with a wide space": text_in(lambda p: p.name.replace(" ", "\u3000")),
    "free text": text_in(lambda p: f"{FILL}折り返しは {grouped(p.number)} まで{FILL}"),
    "json in a column": text_in(lambda p: json.dumps({"m": [{"to": p.name}]}, ensure_ascii=True)),
    "percent-encoded": text_in(lambda p: f"/list?name={quote(p.name)}"),
    "html entities": text_in(lambda p: "".join(f"&#{ord(c)};" for c in p.name)),
    "base64 in text": text_in(lambda p: base64.b64encode(f"to: {p.name}".encode()).decode()),
    "hex in text": text_in(lambda p: p.number.encode().hex()),
    "integer": integer,
    "packed blob": blob_packed,
    "sqlite free page": freelist,
    "sqlite overflow pages": overflow,
    "sqlite index page": index_page,
    "sqlite write-ahead log": wal,
    "sqlite rollback journal": journal,
    "copy beside the store": beside(".bak.gz"),
    "postgresql dead row": dead_tuple,
    "postgresql long value": toast,
    "postgresql index": pg_index,
    "postgresql sample values": pg_samples,
    "postgresql gate_facts": gate_facts,
    "postgresql json": pg_json,
    "postgresql partition": pg_partition,
    "duckdb remains": duckdb_remains,
    "duckdb write-ahead log": duckdb_wal,
    "delta old file": delta_old_file,
    "delta log": delta_log,
    "delta statistics": delta_statistics,
    "delta checkpoint": delta_checkpoint,
    "partition folder": delta_partition,
    "parquet dictionary page": parquet_dictionary,
    "parquet compressed": parquet_with(compression="zstd", use_dictionary=False, write_statistics=False),
    "parquet page index": parquet_with(compression="gzip", write_page_index=True),
    "parquet footer": parquet_footer,
    "utf-16": file_with("a.csv", lambda p: f"番号,{wide(p.number)}\r\n".encode("utf-16")),
    "cp932": file_with("a.csv", lambda p: f"氏名,{p.kana}\r\n".encode("cp932")),
    "euc-jp": file_with("a.txt", lambda p: f"氏名 {p.kana}".encode("euc-jp")),
    "iso-2022-jp": file_with("a.eml", lambda p: f"様 {p.kana} 様".encode("iso-2022-jp")),
    "base64 file": file_with("a.eml", lambda p: base64.encodebytes(f"番号 {p.number}".encode())),
    "gz": file_with("a.csv.gz", lambda p: gzip.compress(f"a,{p.number}".encode())),
    "bz2": file_with("a.log.bz2", lambda p: bz2.compress(f"a,{p.number}".encode())),
    "xz": file_with("a.log.xz", lambda p: lzma.compress(f"a,{p.number}".encode())),
    "zstd": file_with("a.log.zst", lambda p: zstd(f"a,{p.number} {FILL}".encode())),
    "zip in a zip": file_with("a.zip", zipped),
    "xlsx shared strings": file_with("a.xlsx", xlsx),
    "html across tags": file_with(
        "a.html", lambda p: html.escape(p.number[:3]).encode() + f"<b>{p.number[3:]}</b>".encode()
    ),
    "file name": file_name,
}
