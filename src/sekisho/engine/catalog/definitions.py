"""Definitions of views and derived tables: parsing them, and the hash that says whether one has changed."""

import hashlib

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from sekisho.engine.catalog.flows import Relation
from sekisho.engine.catalog.scopes import ROOM, Reader
from sekisho.engine.catalog.walking import read
from sekisho.engine.errors import SekishoError


def outputs(sql: str, reader: Reader, *, name: str) -> Relation:
    """What a definition yields. It is one SELECT, or the CREATE around it.

    Raises: catalog.unparsable-definition, and what reading the query raises.
    """
    try:
        query, names = query_of(sql, reader.dialect, name)
        return read(query, reader).renamed(names)
    except RecursionError:
        raise SekishoError("catalog.untraced", room=ROOM, what=name) from None


def fingerprint(sql: str, dialect: str) -> str:
    """A hash of what the SQL says, whatever its spacing, comments and letter case of keywords."""
    try:
        query, names = query_of(sql, dialect, "")
        said = f"{','.join(names)}\n{query.sql(dialect=dialect, comments=False)}"
    except (SekishoError, RecursionError):
        said = sql
    return hashlib.sha256(said.encode()).hexdigest()


def query_of(sql: str, dialect: str, name: str) -> tuple[exp.Expr, list[str]]:
    """The query of a definition, and the names its CREATE gives the columns, if any.

    Raises: catalog.unparsable-definition.
    """
    try:
        statements = [one for one in sqlglot.parse(sql, dialect=dialect) if one is not None]
    except SqlglotError as error:
        # The parser's own message quotes the SQL, which may hold a value: where it stopped says enough.
        at = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
        problem = f"SQL {at['line']}:{at['col']}" if at.get("line") else "SQL"
        raise SekishoError("catalog.unparsable-definition", room=ROOM, table=name, problem=problem) from None
    if len(statements) != 1:
        raise SekishoError("catalog.unparsable-definition", room=ROOM, table=name, problem=f"{len(statements)} SQL")
    statement, names = statements[0], list[str]()
    if isinstance(statement, exp.Create):
        if isinstance(statement.this, exp.Schema):
            names = [column.name for column in statement.this.expressions]
        statement = statement.expression
    if not isinstance(statement, exp.Query | exp.Values):
        kind = type(statement).__name__.removesuffix("Type").upper()
        raise SekishoError("catalog.unparsable-definition", room=ROOM, table=name, problem=kind)
    return statement, names
