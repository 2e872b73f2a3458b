"""Opening a system of the data map by its kind and url.

Urls: `sqlite:///path`, `duckdb:///path`, `delta:///folder`, `jsonl:///folder`, `parquet:///…`, `csv:///…`, `xlsx:///…`,
`pdf:///…`, `text:///…`, `postgresql://…`, `mariadb://…`, `oracle://…`, `sc://host:port/;lake=/folder`, or a bare path.
A system the map calls SQLite opens as PostgreSQL when its url says so: the tables are the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from sekisho.connectors.source import Source
from sekisho.connectors.spark_url import parts_of
from sekisho.engine.catalog.model import DataMap, StoredView, System, SystemKind
from sekisho.engine.errors import SekishoError

SCHEMES = {
    "sqlite": SystemKind.SQLITE,
    "postgresql": SystemKind.POSTGRESQL,
    "postgres": SystemKind.POSTGRESQL,
    "duckdb": SystemKind.DUCKDB,
    "mariadb": SystemKind.MARIADB,
    "mysql": SystemKind.MARIADB,
    "oracle": SystemKind.ORACLE,
    "delta": SystemKind.DELTA,
    "jsonl": SystemKind.JSONL,
    "parquet": SystemKind.PARQUET,
    "csv": SystemKind.CSV,
    "xlsx": SystemKind.XLSX,
    "pdf": SystemKind.PDF,
    "text": SystemKind.TEXT,
    "sc": SystemKind.SPARK,
}


def open_system(system: System, url: str) -> Source:
    """The system's store, open. Close it when done.

    Raises: connector.unreachable and what the store refuses.
    """
    source = _opened(system, url)
    from sekisho.connectors.relational import RelationalSource  # loads every store's library: not before one is opened

    if isinstance(source, RelationalSource):
        source.declared_views = frozenset(system.views)
    return source


def crawl_all(
    datamap: DataMap, *, home: Path, urls: Mapping[str, str]
) -> dict[str, Mapping[str, Mapping[str, str]] | str]:
    """Every system as it really is: table -> column -> type; or the code why it could not be looked at."""
    return {
        id_: one if isinstance(one, str) else one.tables for id_, one in look(datamap, home=home, urls=urls).items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A system as it really is: table -> column -> plain type, and its views."""

    tables: Mapping[str, Mapping[str, str]]
    views: Mapping[str, StoredView]


def look(datamap: DataMap, *, home: Path, urls: Mapping[str, str]) -> dict[str, Looked | str]:
    """Every system as it really is, or the code why it could not be looked at."""
    found: dict[str, Looked | str] = {}
    for id_, system in datamap.systems.items():
        try:
            source = open_system(system, url_of(system, home=home, urls=urls))
            try:
                found[id_] = Looked(tables=source.crawl(), views=source.views())
            finally:
                source.close()
        except SekishoError as error:
            found[id_] = error.code
    return found


def located(kind: SystemKind, url: str) -> tuple[SystemKind, Path]:
    """The store's real kind, and its path where it has one."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return kind, Path(url)
    if SCHEMES.get(scheme) is SystemKind.SPARK:
        return SystemKind.SPARK, Path(parts_of(url)[1])
    return SCHEMES.get(scheme, kind), Path(rest.removeprefix("/") if rest.startswith("//") else rest)


def url_of(system: System, *, home: Path, urls: Mapping[str, str]) -> str:
    """Where the system stands: as the carrier's configuration says, else as the data map says."""
    return urls.get(system.id, system.url).replace("{home}", str(home))


def _opened(system: System, url: str) -> Source:
    kind, path = located(system.kind, url)
    match kind:
        case SystemKind.SQLITE:
            from sekisho.connectors.sqlite_file import SqliteSource

            return SqliteSource(system.id, path)
        case SystemKind.POSTGRESQL:
            from sekisho.connectors.postgresql import PostgresSource

            return PostgresSource(system.id, url)
        case SystemKind.MARIADB:
            from sekisho.connectors.mariadb import MariadbSource

            return MariadbSource(system.id, url)
        case SystemKind.ORACLE:
            from sekisho.connectors.oracle import OracleSource

            return OracleSource(system.id, url)
        case SystemKind.DUCKDB:
            from sekisho.connectors.duckdb_file import DuckdbSource

            return DuckdbSource(system.id, path)
        case SystemKind.DELTA:
            from sekisho.connectors.delta_folder import DeltaSource

            return DeltaSource(system.id, path)
        case SystemKind.PARQUET:
            from sekisho.connectors.parquet_folder import ParquetSource

            return ParquetSource(system, path)
        case SystemKind.CSV:
            from sekisho.connectors.delimited import DelimitedSource

            return DelimitedSource(system, path)
        case SystemKind.XLSX:
            from sekisho.connectors.workbook import WorkbookSource

            return WorkbookSource(system, path)
        case SystemKind.TEXT:
            from sekisho.connectors.texts_folder import TextSource

            return TextSource(system, path)
        case SystemKind.PDF:
            from sekisho.connectors.texts_folder import PdfSource

            return PdfSource(system, path)
        case SystemKind.SPARK:
            from sekisho.connectors.spark_lake import SparkLakeSource

            return SparkLakeSource(system, url)
        case SystemKind.JSONL:
            from sekisho.connectors.jsonl_folder import JsonlSource

            return JsonlSource(system, path)
        case _:
            assert_never(kind)
