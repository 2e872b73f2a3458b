"""A store whose tables refer to one another, with the references enforced; and a map that declares them the wrong way."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from foreign_stores import mariadb_connection

SCHEMA = (
    (
        "CREATE TABLE customers (customer_no TEXT PRIMARY KEY, name TEXT, birth TEXT, address TEXT, since_on DATE, "
        "ended_on DATE)"
    ),
    (
        "CREATE TABLE contracts (customer_no TEXT NOT NULL REFERENCES customers (customer_no), seq INTEGER NOT NULL, "
        "contact TEXT, since_on DATE, ended_on DATE, PRIMARY KEY (customer_no, seq))"
    ),
    (
        "CREATE TABLE fittings (fitting_no INTEGER PRIMARY KEY, c_no TEXT NOT NULL, c_seq INTEGER NOT NULL, kind TEXT, "
        "FOREIGN KEY (c_no, c_seq) REFERENCES contracts (customer_no, seq))"
    ),
    "CREATE TABLE readings (fitting_no INTEGER NOT NULL REFERENCES fittings (fitting_no), reading INTEGER)",
    "CREATE TABLE letters (customer_no TEXT REFERENCES customers (customer_no), body TEXT, since_on DATE, ended_on DATE)",
)
RING = (
    "CREATE TABLE houses (house_no TEXT PRIMARY KEY, customer_no TEXT, head_no TEXT, plate TEXT, since_on DATE, ended_on DATE)",
    (
        "CREATE TABLE heads (head_no TEXT PRIMARY KEY, customer_no TEXT, house_no TEXT NOT NULL REFERENCES houses (house_no), "
        "name TEXT, since_on DATE, ended_on DATE)"
    ),
)
MAP = """
sekisho_datamap: 1
map: {{id: linked}}
systems:
  crm:
    label: 顧客
    kind: {kind}
    url: "{url}"
    tables:
{tables}
"""
OWN = "subject: customer, acquired: since_on, triggers: {contract_end: ended_on}, owners: [{by: customer_no, column: customer_no, role: contractor}]"
NONE = "{item: none, reason: 番号}"
DAY = "{item: none, type: date, reason: 日付}"
DATES = f"since_on: {DAY}, ended_on: {DAY}"
TABLES = {  # the wrong way round: read backwards, as tables are declared, every parent would go first
    "readings": "readings: {label: 検針, subject: customer, key: [fitting_no, reading], acquired: reading, triggers: {}, owners: [], "
    f"columns: {{fitting_no: {NONE}, reading: {{item: none, type: integer, reason: 値}}}}}}",
    "fittings": "fittings: {label: 設備, subject: customer, key: [fitting_no], acquired: kind, triggers: {}, owners: [], "
    f"columns: {{fitting_no: {NONE}, c_no: {NONE}, c_seq: {NONE}, kind: {NONE}}}}}",
    "contracts": f"contracts: {{label: 契約, key: [customer_no, seq], {OWN}, "
    f"columns: {{customer_no: {NONE}, seq: {NONE}, contact: identity.phone, {DATES}}}}}",
    "letters": f"letters: {{label: 手紙, key: [customer_no], {OWN}, columns: {{customer_no: {NONE}, "
    f"body: {{item: identity, free_text: false}}, {DATES}}}}}",
    "customers": f"customers: {{label: 契約者, key: [customer_no], {OWN}, columns: {{customer_no: {NONE}, "
    f"name: identity.name, birth: identity.birth_date, address: identity.address, {DATES}}}}}",
    "heads": f"heads: {{label: 世帯主, key: [head_no], {OWN}, columns: {{head_no: {NONE}, customer_no: {NONE}, "
    f"house_no: {NONE}, name: identity.name, {DATES}}}}}",
    "houses": f"houses: {{label: 世帯, key: [house_no], {OWN}, columns: {{house_no: {NONE}, customer_no: {NONE}, "
    f"head_no: {NONE}, plate: identity, {DATES}}}}}",
}
DAYS = ("2020-01-01", "2022-06-30")


def rows_of(customer_no: str, name: str, index: int) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """One customer with two contracts, fittings, readings and a letter."""
    yield "customers", (customer_no, name, "1980-05-03", "東京都千代田区一番町1-2", *DAYS)
    for seq in (1, 2):
        yield "contracts", (customer_no, seq, name, *DAYS)
        fitting = 10 * index + seq
        yield "fittings", (fitting, customer_no, seq, "ONU")
        yield from (("readings", (fitting, reading)) for reading in (7, 8))
    yield "letters", (customer_no, f"{name}様", *DAYS)


@contextmanager
def database(kind: str, folder: Path, admin: str) -> Iterator[str]:
    """An empty database of this kind: its URL."""
    if kind == "sqlite":
        sqlite3.connect(folder / "linked.sqlite3").close()
        yield f"sqlite:///{folder / 'linked.sqlite3'}"
        return
    name = f"linked_{uuid4().hex[:12]}"
    if kind == "mariadb":
        with mariadb_connection(admin) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        try:
            yield f"{admin.rsplit('/', 1)[0]}/{name}"
        finally:
            with mariadb_connection(admin) as connection, connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name}")
        return
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    try:
        yield f"{admin.rsplit('/', 1)[0]}/{name}"
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def execute(url: str, *statements: str, rows: Sequence[tuple[str, tuple[Any, ...]]] = ()) -> None:
    """Statements, then rows by table."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.execute("PRAGMA foreign_keys=ON")
        for text in statements:
            connection.execute(text)
        for table, row in rows:
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
        connection.commit()
        connection.close()
        return
    with psycopg.connect(url) as server:
        for text in statements:
            server.execute(text.encode())
        for table, row in rows:
            server.execute(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(row))})".encode(), row)


def ask(url: str, text: str) -> list[tuple[Any, ...]]:
    """Rows of a question."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        try:
            return connection.execute(text).fetchall()
        finally:
            connection.close()
    with psycopg.connect(url) as server:
        return server.execute(text.encode()).fetchall()


def data_map(kind: str, url: str, *tables: str) -> str:
    """A map of the tables named, children first."""
    lines = "\n".join(f"      {TABLES.get(name, name)}" for name in tables)
    return MAP.format(kind=kind, url=url, tables=lines)
