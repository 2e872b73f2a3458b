"""Values handed to MariaDB beside the statement, never in it: temporary key tables filled through LOAD DATA LOCAL.

The driver writes parameters into the statement's text, where the general and the slow log keep them; a file's content goes
in packets of its own. Only what is offered here is sent: a server that asks for another file gets none, and the driver's
own answering of such requests stays switched off.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from pymysql import err
from pymysql.constants import COMMAND

from sekisho.connectors import values

OFFERED = "sekisho"  # the name of the file that is none
CHUNK = 1 << 20
ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"})
LONGEST_INDEXED = 700  # characters: what an index over utf8mb4 takes
TYPES = {
    values.NUMBER: "DECIMAL(65,20)",
    values.BOOLEAN: "TINYINT",
    values.DATE: "DATE",
    values.TIMESTAMP: "DATETIME(6)",
    values.BINARY: "LONGBLOB",
}
EXACT = "utf8mb4_nopad_bin"  # most collations hold 𠮷 and 𩸽, か and ガ, or a trailing space to be equal
BIGGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Keys:
    """Rows for a temporary table: its name, the plain types of its columns c0, c1, …, and the rows."""

    name: str
    plain: tuple[str, ...]
    rows: Sequence[tuple[object, ...]]


def load(connection: Any, keys: Keys) -> None:
    """Make the key table in the connection's session and fill it.

    Raises: pymysql.err.Error, also where a value would not arrive as it was.
    """
    types = [_type(plain, [row[place] for row in keys.rows]) for place, plain in enumerate(keys.plain)]
    columns = ", ".join(f"c{place} {type_}" for place, type_ in enumerate(types))
    index = ", INDEX (c0)" if len(types) == 1 and not types[0].startswith("LONG") else ""
    cursor = connection.cursor()
    cursor.execute(f"CREATE TEMPORARY TABLE {keys.name} ({columns}{index}) ENGINE=Aria TRANSACTIONAL=0")
    if not keys.rows:
        return
    hexed = [place for place, plain in enumerate(keys.plain) if plain == values.BINARY]
    names = ", ".join(f"@b{place}" if place in hexed else f"c{place}" for place in range(len(types)))
    unhexed = " SET " + ", ".join(f"c{place} = UNHEX(@b{place})" for place in hexed) if hexed else ""
    statement = (
        f"LOAD DATA LOCAL INFILE '{OFFERED}' INTO TABLE {keys.name} CHARACTER SET utf8mb4 "
        rf"FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' ({names}){unhexed}"
    )
    _offer(connection, statement, _written(keys.rows))


def drop(connection: Any, names: Iterable[str]) -> None:
    """Take the key tables away: the server unlinks their files."""
    for name in names:
        connection.cursor().execute(f"DROP TEMPORARY TABLE IF EXISTS {name}")


def _offer(connection: Any, statement: str, content: bytes) -> None:
    connection._execute_command(COMMAND.COM_QUERY, statement)  # noqa: SLF001 the driver's own way reads files by the server's word
    asked = connection._read_packet()  # noqa: SLF001
    if not asked.is_load_local_packet() or asked.get_all_data()[1:] != OFFERED.encode():
        connection.close()
        raise err.InternalError(0, "the server asked for another file")
    for start in range(0, len(content), CHUNK):
        connection.write_packet(content[start : start + CHUNK])
    connection.write_packet(b"")
    answer = connection._read_packet()  # noqa: SLF001
    answer.check_error()
    from pymysql.protocol import OKPacketWrapper

    if OKPacketWrapper(answer).warning_count:
        raise err.DataError(0, "a value did not arrive as it was")


def _type(plain: str, column: Sequence[object]) -> str:
    if plain == values.INTEGER:
        return "BIGINT" if all(isinstance(one, int) and abs(one) <= BIGGEST for one in column) else "DECIMAL(65,0)"
    if plain != values.TEXT:
        return TYPES[plain]
    longest = max((len(str(one)) for one in column if one is not None), default=1)
    kind = f"VARCHAR({max(longest, 1)})" if longest <= LONGEST_INDEXED else "LONGTEXT"
    return f"{kind} CHARACTER SET utf8mb4 COLLATE {EXACT}"


def _written(rows: Iterable[tuple[object, ...]]) -> bytes:
    return "".join("\t".join(_field(value) for value in row) + "\n" for row in rows).encode()


def _field(value: object) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value).translate(ESCAPED)
