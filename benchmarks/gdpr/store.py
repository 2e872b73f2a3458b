"""The records in a store, and nothing else: SQLite or DuckDB, durable after every operation."""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
from gdpr.workload import FIELDS, Row

COLUMNS = ("number", *FIELDS, "expires")
SCHEMA = (
    """CREATE TABLE records (
        number INTEGER PRIMARY KEY, pur TEXT, ttl INTEGER, usr TEXT, obj TEXT, dec TEXT, acl TEXT, shr TEXT, src TEXT,
        cat TEXT, data TEXT, expires INTEGER)""",
    "CREATE INDEX by_purpose ON records (pur)",
    "CREATE INDEX by_user ON records (usr)",
)
LOG = "CREATE TABLE log (line INTEGER PRIMARY KEY, kind TEXT, number INTEGER, usr TEXT)"


class Store:
    """One table. `now` is the benchmark's clock: a record past it is not there for anybody."""

    def __init__(self, path: Path, *, engine: str, keeps_log: bool) -> None:
        self.path, self.now, self._lines = path, 0, 0
        self.keeps_log = keeps_log
        self._db: Any
        if engine == "duckdb":
            self._db = duckdb.connect(str(path))
        else:
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
        for statement in (*SCHEMA, LOG):
            self._db.execute(statement)

    def load(self, rows: Iterable[tuple[int, Row]]) -> None:
        """Many records at once."""
        self._db.execute("BEGIN")
        self._db.executemany(self._inserting(), [self._values(number, row) for number, row in rows])
        self._db.execute("COMMIT")

    def insert(self, number: int, row: Row) -> int:
        """One record."""
        return self._write("insert", number, str(row["usr"]), self._inserting(), self._values(number, row))

    def read(self, number: int) -> Row | None:
        """One record by key."""
        found = self._rows("number = ?", [number])
        return found[0] if found else None

    def read_where(self, column: str, value: str) -> list[Row]:
        """Records by purpose or user, in the order of keys."""
        return self._rows(f"{column} = ?", [value])

    def note(self, kind: str, number: int, usr: str) -> None:
        """A line in the log."""
        if self.keeps_log:
            self._lines += 1
            self._db.execute("INSERT INTO log VALUES (?, ?, ?, ?)", [self._lines, kind, number, usr])

    def users_where(self, column: str, value: str) -> list[str]:
        """Whose records these are."""
        found = self._db.execute(
            f"SELECT DISTINCT usr FROM records WHERE {column} = ? AND expires > ? ORDER BY usr", [value, self.now]
        )
        return [usr for (usr,) in found.fetchall()]

    def users_overdue(self) -> list[str]:
        """Whose records are past their time."""
        found = self._db.execute("SELECT DISTINCT usr FROM records WHERE expires <= ? ORDER BY usr", [self.now])
        return [usr for (usr,) in found.fetchall()]

    def delete(self, number: int, usr: str) -> int:
        """One record by key."""
        return self._write(
            "delete", number, usr, "DELETE FROM records WHERE number = ? AND expires > ?", [number, self.now]
        )

    def update_data(self, number: int, usr: str, data: str) -> int:
        """New data of one record."""
        return self._write(
            "update",
            number,
            usr,
            "UPDATE records SET data = ? WHERE number = ? AND expires > ?",
            [data, number, self.now],
        )

    def update_where(self, column: str, value: str, field: str, new: str | int, users: Sequence[str] | None) -> int:
        """New metadata of records by purpose or user; of these users only, where some may not be touched."""
        setting, values = f"{field} = ?", [new]
        if field == "ttl":
            setting, values = "ttl = ?, expires = ?", [new, self.now + int(new)]
        where = f"{column} = ? AND expires > ?"
        values += [value, self.now]
        if users is not None:
            where += f" AND usr IN ({','.join('?' * len(users))})"
            values += users
        return self._write("update", -1, value, f"UPDATE records SET {setting} WHERE {where}", values)

    def purge(self) -> int:
        """Records past their time go."""
        return self._write("purge", -1, "", "DELETE FROM records WHERE expires <= ?", [self.now])

    def overdue(self, before: int) -> int:
        """Records past their time that are still there, among the first keys."""
        found = self._db.execute("SELECT count(*) FROM records WHERE expires <= ? AND number < ?", [self.now, before])
        return int(found.fetchone()[0])

    def log(self, lines: int) -> list[tuple[object, ...]]:
        """The newest lines of the log."""
        return list(self._db.execute("SELECT * FROM log ORDER BY line DESC LIMIT ?", [lines]).fetchall())

    def was_deleted(self, number: int) -> bool:
        """Whether the log tells of the record's deletion."""
        found = self._db.execute("SELECT 1 FROM log WHERE number = ? AND kind = 'delete'", [number])
        return found.fetchone() is not None

    def everything(self) -> dict[int, Row]:
        """All records, for the check at the end."""
        found = self._db.execute(f"SELECT {', '.join(COLUMNS)} FROM records WHERE expires > ?", [self.now]).fetchall()
        return {row[0]: dict(zip(FIELDS, row[1:-1], strict=True)) for row in found}

    def bytes(self) -> int:
        """The store's size on disk, with its log."""
        return sum(file.stat().st_size for file in self.path.parent.glob(self.path.name + "*"))

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _rows(self, where: str, values: list[object]) -> list[Row]:
        found = self._db.execute(
            f"SELECT {', '.join(COLUMNS)} FROM records WHERE {where} AND expires > ? ORDER BY number",
            [*values, self.now],
        )
        return [dict(zip(FIELDS, row[1:-1], strict=True)) for row in found.fetchall()]

    def _write(self, kind: str, number: int, usr: str, statement: str, values: Sequence[object]) -> int:
        self._db.execute("BEGIN")
        done = self._db.execute(statement, values)
        changed = done.fetchone()[0] if not hasattr(done, "lastrowid") else done.rowcount
        self.note(kind, number, usr)
        self._db.execute("COMMIT")
        return int(changed)

    def _inserting(self) -> str:
        return f"INSERT INTO records VALUES ({','.join('?' * len(COLUMNS))})"

    def _values(self, number: int, row: Row) -> list[object]:
        return [number, *(row[name] for name in FIELDS), self.now + int(row["ttl"])]
