"""Which state of a PostgreSQL table somebody reads: a word that changes when its rows or columns change, and only then.

Counters of the server are late and belong to no transaction; its snapshots change with every transaction of every database.
So the rows themselves are asked: where each stands and which transaction wrote it. No row can be added, changed or removed
without changing one of the two (only VACUUM FULL and CLUSTER change them in vain), and no value is read. It costs one
reading of the table.
"""

import psycopg
from psycopg import sql

from sekisho.connectors.failures import translated

OF_ROWS = (
    "SELECT count(*), coalesce(bit_xor(hashtidextended(ctid, xmin::text::bigint * 31 + tableoid::bigint)), 0), "
    "coalesce(sum(hashtidextended(ctid, xmin::text::bigint) % 1000003), 0) FROM {}"
)
OF_COLUMNS = (  # a column that comes with a value changes no row
    "SELECT coalesce(bit_xor(hashtidextended(ctid, xmin::text::bigint)), 0) FROM pg_attribute WHERE attrelid = to_regclass(%s)"
)
OF_ALL = "SELECT pg_current_snapshot()::text"
CANNOT = (psycopg.errors.UndefinedColumn, psycopg.errors.FeatureNotSupported, psycopg.errors.InsufficientPrivilege)


def state_of(system: str, url: str, table: str) -> str:
    """The state of one table, or of the whole server where none is named or its rows can't be asked (a foreign table).

    Raises: connector.unreachable.
    """
    with translated(system), psycopg.connect(url) as connection:
        if table:
            try:
                with connection.transaction():
                    rows = connection.execute(sql.SQL(OF_ROWS).format(sql.Identifier(table))).fetchone()
                    columns = connection.execute(OF_COLUMNS, [f'"{table}"']).fetchone()
            except CANNOT:
                pass
            else:
                told = [str(one) for one in (*(rows or ()), *(columns or ()))]
                return f"postgresql:{table}:{':'.join(told)}"
        row = connection.execute(OF_ALL).fetchone()
    return f"postgresql:{row[0] if row else ''}"
