"""An Oracle database through SQLAlchemy's dialect and the `oracledb` driver. UNTESTED: no Oracle was at hand.

Written from the dialect's and the driver's documentation; docs/reference/connectors.md says so. A list of values goes in as
one bound JSON text. `purge` moves each table to new blocks and rebuilds its indexes; undo, redo, flashback and recycle bin
are the database's own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count

import pyarrow as pa
from sqlalchemy import create_engine, exc, make_url

from sekisho.connectors import values
from sekisho.connectors.failures import refusal
from sekisho.connectors.relational import BATCH_ROWS, RelationalSource
from sekisho.connectors.statements import ORACLE, quoted

NATIVE_TYPES = "SELECT table_name, column_name, data_type FROM user_tab_columns JOIN user_tables USING (table_name) ORDER BY table_name, column_id"
INDEXES = "SELECT index_name FROM user_indexes WHERE table_name = :1 AND index_type = 'NORMAL' AND status = 'UNUSABLE'"


class OracleSource(RelationalSource):
    """A `Source` over the schema of one Oracle user. Untested."""

    dialect = ORACLE
    sql = "oracle"

    def __init__(self, system: str, url: str) -> None:
        super().__init__(system)
        try:
            self._engine = create_engine(make_url(url).set(drivername="oracle+oracledb"))
            self._engine.connect().close()
        except ModuleNotFoundError as error:
            raise refusal("connector.no-driver", system, name="oracledb") from error
        except exc.SQLAlchemyError as error:
            raise refusal("connector.unreachable", system) from error

    def purge(self) -> None:
        """Move every table to new blocks, and rebuild the indexes that this leaves unusable."""
        for table in self.crawl():
            self._run(f"ALTER TABLE {quoted(table)} MOVE", [()])
            for (name,) in self._rows(INDEXES, (table,)):
                self._run(f"ALTER INDEX {quoted(str(name))} REBUILD", [()])

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _native_types(self) -> Iterable[tuple[str, str, str]]:
        return [(str(table), str(column), str(native)) for table, column, native in self._rows(NATIVE_TYPES, ())]

    def _definitions(self) -> Iterable[tuple[str, str, bool, Mapping[str, str]]]:
        return [
            (str(name), str(text), False, {}) for name, text in self._rows("SELECT view_name, text FROM user_views", ())
        ]

    def _select(self, text: str, bound: Sequence[object], types: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
        schema = pa.schema([(name, values.ARROW[plain]) for name, plain in types.items()])
        rows = self._rows(text, bound)
        for start in range(0, max(len(rows), 1), BATCH_ROWS):
            piece = rows[start : start + BATCH_ROWS]
            columns = zip(*piece, strict=True) if piece else ((),) * len(types)
            arrays = [
                pa.array([values.fit(value, plain) for value in column], values.ARROW[plain])
                for column, plain in zip(columns, types.values(), strict=True)
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _write(self, text: str, many: Sequence[Sequence[object]]) -> None:
        self._run(text, many)

    def _rows(self, text: str, bound: Sequence[object]) -> list[tuple[object, ...]]:
        try:
            with self._engine.connect() as connection:
                return [tuple(row) for row in connection.exec_driver_sql(_numbered(text), tuple(bound))]
        except exc.SQLAlchemyError as error:
            raise refusal("connector.failed", self.system) from error

    def _run(self, text: str, many: Sequence[Sequence[object]]) -> None:
        try:
            with self._engine.begin() as connection:
                for bound in many:
                    connection.exec_driver_sql(_numbered(text), tuple(bound))
        except exc.SQLAlchemyError as error:
            raise refusal("connector.failed", self.system) from error


def _numbered(text: str) -> str:
    """The marks as :1, :2, …"""
    numbers = count(1)
    pieces = text.split(ORACLE.mark)
    return pieces[0] + "".join(f":{next(numbers)}{piece}" for piece in pieces[1:])
