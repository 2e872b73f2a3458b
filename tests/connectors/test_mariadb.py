"""What only MariaDB can show: its files, its log of statements, its collations, and a server that asks for our files."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
from foreign_stores import mariadb_connection

from sekisho.connectors.mariadb_keys import Keys, load
from sekisho.connectors.opening import open_system
from sekisho.connectors.source import Before, Contains, In, NotIn, Source
from sekisho.engine.catalog.model import System
from sekisho.engine.errors import SekishoError

NUMBER = "09000000007"


@pytest.fixture
def kind() -> str:
    return "mariadb"


def test_purge_leaves_no_byte_in_the_tables_files(source: Source, url: str) -> None:
    with mariadb_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT @@datadir")
        folder = Path(cursor.fetchone()[0]) / url.rpartition("/")[2]
        cursor.execute("ANALYZE TABLE calls PERSISTENT FOR ALL")
    source.erase("calls", (In("id", tuple(range(8))),))
    source.purge()
    with mariadb_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute("FLUSH TABLES calls FOR EXPORT")  # what the server still has in memory goes to the file
        left = b"".join(path.read_bytes() for path in folder.iterdir())
    assert NUMBER.encode() not in left
    assert b"09000000008" in left
    with mariadb_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT min_value FROM mysql.column_stats WHERE db_name = DATABASE() AND column_name = 'number'")
        assert cursor.fetchall() == ((b"09000000008",),)


def test_no_statement_holds_a_value(system: System, url: str) -> None:
    with mariadb_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET GLOBAL log_output = 'TABLE', GLOBAL general_log = 1")
        try:
            source = open_system(system, url)
            source.blank("calls", ("memo",), (Contains("memo", (NUMBER,)),))
            source.rewrite_text("calls", "name", ("number",), {(NUMBER,): "葛飾 応為"})
            assert source.count("calls", (In("number", (NUMBER,)), NotIn("name", ("北斎",)))) == 1
            source.erase("calls", (In("number", (NUMBER,)), Before("id", 424242)))
            source.close()
            cursor.execute("SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log")
            said = "\n".join(text for (text,) in cursor.fetchall())
        finally:
            cursor.execute("SET GLOBAL general_log = 0")
            cursor.execute("TRUNCATE mysql.general_log")
    assert "DELETE" in said
    assert not [value for value in (NUMBER, "応為", "北斎", "424242") if value in said]


def test_texts_are_the_same_only_where_every_byte_is(source: Source, url: str) -> None:
    texts = ["𠮷", "𩸽", "か", "ガ", "カ", "a", "A", "a "]
    with mariadb_connection(url) as connection, connection.cursor() as cursor:
        cursor.executemany("INSERT INTO calls (id, name) VALUES (%s, %s)", list(enumerate(texts, 100)))
        connection.commit()
    for place, text in enumerate(texts, 100):
        found = [
            r["id"]
            for b in source.rows("calls", ["id"], (In("name", (text,)), NotIn("id", (1,))))
            for r in b.to_pylist()
        ]
        assert found == [place]
    assert source.count("calls", (Contains("name", ("カ",)),)) == 1
    source.erase("calls", (In("name", ("𠮷",)),))
    assert source.count("calls", (In("name", ("𩸽",)),)) == 1


def test_an_old_column_in_cp932_is_read_and_compared(source: Source, url: str) -> None:
    with mariadb_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE old (id INT, name VARCHAR(20) CHARACTER SET cp932)")
        cursor.execute("INSERT INTO old VALUES (1, '髙橋'), (2, '?橋'), (3, NULL)")
        connection.commit()
    source.crawl()
    assert source.count("old", (In("name", ("髙橋", "𠮷橋")),)) == 1
    source.erase("old", (Contains("name", ("髙",)),))
    assert [r["id"] for b in source.rows("old", ["id"]) for r in b.to_pylist()] == [2, 3]


def test_a_key_too_long_for_the_column_matches_nobody(source: Source) -> None:
    assert source.count("calls", (In("number", (NUMBER + "x" * 900, NUMBER + " " * 20)),)) == 0
    assert source.count("calls", (In("id", (7, "７", 10**30)),)) == 1


def test_a_reader_may_not_erase(system: System, url: str) -> None:
    with mariadb_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE USER reader@'127.0.0.1' IDENTIFIED BY 'x'")
        cursor.execute(f"GRANT SELECT, CREATE TEMPORARY TABLES ON {url.rpartition('/')[2]}.* TO reader@'127.0.0.1'")
    reader = open_system(system, f"mariadb://reader:x@{url.rpartition('@')[2]}")
    try:
        assert reader.count("calls", (In("number", (NUMBER,)),)) == 1
        writes: tuple[Callable[[], None], ...] = (
            lambda: reader.erase("calls", (In("number", (NUMBER,)),)),
            lambda: reader.blank("calls", ["memo"], (In("number", (NUMBER,)),)),
            reader.purge,
        )
        for write in writes:
            with pytest.raises(SekishoError) as refused:
                write()
            assert refused.value.code == "connector.read-only"
            assert NUMBER not in str(refused.value)
    finally:
        reader.close()
    with mariadb_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute("DROP USER reader@'127.0.0.1'")


@pytest.mark.parametrize("place", ["127.0.0.1:9/none", "{server}/no_such_database"])
def test_what_does_not_answer_cannot_be_reached(system: System, url: str, place: str) -> None:
    where = place.format(server=url.rpartition("@")[2].partition("/")[0])
    with pytest.raises(SekishoError) as refused:
        open_system(system, f"{url.rpartition('@')[0]}@{where}")
    assert refused.value.code == "connector.unreachable"


@pytest.fixture
def greedy_server(url: str) -> Iterator[int]:
    """A relay to the real server that asks for another file than the one offered."""
    real = url.rpartition("@")[2].partition("/")[0].split(":")
    listener = socket.create_server(("127.0.0.1", 0))

    def relay() -> None:
        ours = listener.accept()[0]
        with ours, socket.create_connection((real[0], int(real[1]))) as theirs:
            threading.Thread(target=_pump, args=(ours, theirs, b"", b""), daemon=True).start()
            _pump(theirs, ours, b"\xfbsekisho", b"\xfb/etc/xx")

    threading.Thread(target=relay, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def test_a_server_that_asks_for_another_file_gets_none(url: str, greedy_server: int) -> None:
    user, _, password = url.removeprefix("mariadb://").rpartition("@")[0].partition(":")
    connection: Any = pymysql.connect(
        host="127.0.0.1", port=greedy_server, user=user, password=password, database="mysql", client_flag=128
    )
    with pytest.raises(pymysql.err.InternalError):
        load(connection, Keys("k", ("text",), [("x",)]))


def _pump(source: socket.socket, target: socket.socket, old: bytes, new: bytes) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data.replace(old, new) if old else data)
    except OSError:
        return
