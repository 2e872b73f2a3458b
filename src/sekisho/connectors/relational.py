"""What SQL databases have in common: counting, reading and forgetting by bound statements."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Self

import pyarrow as pa

from sekisho.connectors import values
from sekisho.connectors.failures import refusal, translated
from sekisho.connectors.sample_drawing import drawn
from sekisho.connectors.source import Scalar, Where
from sekisho.connectors.statements import Dialect, bind, condition, keyed, quoted
from sekisho.engine.catalog.model import StoredView

BATCH_ROWS = 50_000


class RelationalSource(ABC):
    """A `Source` over a SQL store. A subclass says how to reach it; each write is one transaction."""

    dialect: Dialect
    sql: str  # what the SQL parser calls this dialect

    def __init__(self, system: str) -> None:
        self.system = system
        self.declared_views: frozenset[str] = frozenset()  # a view that passes for a table is not read
        self._tables: dict[str, dict[str, str]] | None = None

    @abstractmethod
    def _native_types(self) -> Iterable[tuple[str, str, str]]:
        """Every (table, column, native type) of the store, in order."""

    @abstractmethod
    def _definitions(self) -> Iterable[tuple[str, str, bool, Mapping[str, str]]]:
        """Every view of the store: name, SQL, whether it keeps rows, columns with native types."""

    @abstractmethod
    def _select(self, text: str, bound: Sequence[object], types: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
        """Rows of a SELECT, with the columns' plain types."""

    @abstractmethod
    def _write(self, text: str, many: Sequence[Sequence[object]]) -> None:
        """Run one statement for each set of parameters, all in one durable transaction."""

    @abstractmethod
    def purge(self) -> None:
        """Make what was removed physically gone."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the store."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def crawl(self) -> Mapping[str, Mapping[str, str]]:
        """Tables and their columns with plain types, asked anew each time."""
        found: dict[str, dict[str, str]] = {}
        with translated(self.system):
            for table, column, native in self._native_types():
                found.setdefault(table, {})[column] = values.plain_type(native)
        self._tables = found
        return found

    def views(self) -> Mapping[str, StoredView]:
        """The views of the store with their own definitions, asked anew each time."""
        with translated(self.system):
            return {
                name: StoredView(
                    sql=sql,
                    dialect=self.sql,
                    columns={column: values.plain_type(native) for column, native in columns.items()},
                    keeps_rows=keeps_rows,
                )
                for name, sql, keeps_rows, columns in self._definitions()
            }

    def ask(self, text: str, types: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
        """A question about the store itself, its keys say: nothing of its rows, nothing bound."""
        return self._select(text, (), types)

    def count(self, table: str, where: Where = ()) -> int:
        """How many rows match."""
        types = self._types(table, [test.column for test in where])
        text, bound = self._where(table, where, types)
        with translated(self.system):
            batches = list(
                self._select(f"SELECT count(*) AS n FROM {quoted(table)} WHERE {text}", bound, {"n": values.INTEGER})  # noqa: S608
            )
        return int(batches[0].column(0)[0].as_py())

    def rows(self, table: str, columns: Sequence[str], where: Where = ()) -> Iterator[pa.RecordBatch]:
        """The matching rows, in batches."""
        types = self._types(table, [*columns, *(test.column for test in where)])
        text, bound = self._where(table, where, types)
        wanted = ", ".join(quoted(column) for column in columns)
        with translated(self.system):
            yield from self._select(
                f"SELECT {wanted} FROM {quoted(table)} WHERE {text}",  # noqa: S608 names are quoted, values bound
                bound,
                {column: types[column] for column in columns},
            )

    def sample(self, table: str, columns: Sequence[str], count: int, seed: int) -> Mapping[str, Sequence[str]]:
        """Rows drawn of the table as texts, without nulls, whatever the columns' types say; of a sparse column its values."""
        types = self._types(table, columns)
        names = [column for column in columns if types[column] != values.BINARY]
        if not names:
            return dict.fromkeys(columns, ())
        told, rows = self._texts(table, names, count, seed)
        for name in names:
            if rows == count and len(told[name]) < count // 2:
                told |= self._texts(table, [name], count, seed, filled=True)[0]
        return {column: told.get(column, ()) for column in columns}

    def _texts(
        self, table: str, columns: Sequence[str], count: int, seed: int, *, filled: bool = False
    ) -> tuple[dict[str, Sequence[str]], int]:
        wanted = ", ".join(
            f"{self.dialect.as_text.format(column=quoted(column))} AS {quoted(column)}" for column in columns
        )
        where = f" WHERE {quoted(columns[0])} IS NOT NULL" if filled else ""
        text = drawn(self.sql, wanted, table, where, count, seed)
        with translated(self.system):
            batches = list(self._select(text, (), dict.fromkeys(columns, values.TEXT)))
        told = {
            name: [value for batch in batches for value in batch.column(place).to_pylist() if value is not None]
            for place, name in enumerate(columns)
        }
        return dict(told), sum(batch.num_rows for batch in batches)

    def erase(self, table: str, where: Where) -> None:
        """Remove the matching rows."""
        text, bound = self._condition(table, where)
        with translated(self.system):
            self._write(f"DELETE FROM {quoted(table)} WHERE {text}", [bound])  # noqa: S608

    def blank(self, table: str, columns: Sequence[str], where: Where) -> None:
        """Null these columns in the matching rows."""
        self._types(table, columns)
        text, bound = self._condition(table, where)
        nulls = ", ".join(f"{quoted(column)} = NULL" for column in columns)
        with translated(self.system):
            self._write(f"UPDATE {quoted(table)} SET {nulls} WHERE {text}", [bound])  # noqa: S608

    def append(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Scalar]]) -> None:
        """Add these rows."""
        types = self._types(table, columns)
        names, marks = ", ".join(map(quoted, columns)), ", ".join(self.dialect.mark for _ in columns)
        many = [
            tuple(bind(self.dialect, value, types[name]) for name, value in zip(columns, row, strict=True))
            for row in rows
        ]
        if many:
            with translated(self.system):
                self._write(f"INSERT INTO {quoted(table)} ({names}) VALUES ({marks})", many)  # noqa: S608

    def rewrite_text(
        self, table: str, column: str, key: Sequence[str], texts: Mapping[tuple[Scalar, ...], str]
    ) -> None:
        """Replace the text in the rows with these keys."""
        types = self._types(table, [column, *key])
        statement = (
            f"UPDATE {quoted(table)} SET {quoted(column)} = {self.dialect.mark} WHERE {keyed(self.dialect, key)}"  # noqa: S608
        )
        many = [
            (text, *(bind(self.dialect, value, types[name]) for name, value in zip(key, at, strict=True)))
            for at, text in texts.items()
        ]
        if many:
            with translated(self.system):
                self._write(statement, many)

    def _condition(self, table: str, where: Where) -> tuple[str, list[object]]:
        if not where:
            raise refusal("connector.no-condition", self.system, table=table)
        return self._where(table, where, self._types(table, [test.column for test in where]))

    def _where(self, table: str, where: Where, types: Mapping[str, str]) -> tuple[str, list[object]]:
        return condition(self.dialect, where, types)

    def _types(self, table: str, columns: Iterable[str]) -> Mapping[str, str]:
        known = self._tables if self._tables is not None else self.crawl()
        if table not in known:
            view = self.views().get(table) if table in self.declared_views else None
            known = {**known, table: dict(view.columns)} if view else known
        if table not in known:
            raise refusal("connector.unknown-name", self.system, name=table)
        for column in columns:
            if column not in known[table]:
                raise refusal("connector.unknown-name", self.system, name=f"{table}.{column}")
        return known[table]
