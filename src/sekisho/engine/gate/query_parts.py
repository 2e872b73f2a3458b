"""Read a query and look at every part of it: what is not on the list is refused, whatever it does."""

import unicodedata

from sqlglot import Dialect, exp
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from sekisho.engine.gate.query_schema import RESERVED, QueryRefused
from sekisho.engine.gate.query_words import query_words

DIALECT = Dialect.get_or_raise("duckdb")
BEGINS = {TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN}
DEEPER = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE}
HIGHER = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END}
PREFIXES = {TokenType.NOT, TokenType.DASH, TokenType.PLUS, TokenType.TILDE, TokenType.DPIPE, TokenType.CARET}
LITERALS = {
    TokenType.STRING,
    TokenType.NUMBER,
    TokenType.RAW_STRING,
    TokenType.HEX_STRING,
    TokenType.BIT_STRING,
    TokenType.BYTE_STRING,
    TokenType.NATIONAL_STRING,
    TokenType.UNICODE_STRING,
    TokenType.HEREDOC_STRING,
}
LONGEST_NAME = 128


def tokens_of(text: str) -> list[Token]:
    """The words of a query. Raises: QueryRefused."""
    words = query_words()
    if len(text) > words.characters or "\0" in text:
        raise QueryRefused("query.too-long", most=words.characters)
    try:
        tokens = DIALECT.tokenize(text)
    except (SqlglotError, ValueError):
        raise QueryRefused("query.not-understood") from None
    _require_flat(tokens)
    return tokens


def shape_of(tokens: list[Token]) -> str:
    """A query without its literals and comments: what may be kept of it."""
    return " ".join("?" if token.token_type in LITERALS else token.text for token in tokens)


def parse(text: str, tokens: list[Token] | None = None) -> exp.Query:
    """The tree of exactly one SELECT (or UNION, INTERSECT, EXCEPT of such). Raises: QueryRefused."""
    try:
        tokens = tokens or tokens_of(text)
        trees = DIALECT.parser(error_level=ErrorLevel.IMMEDIATE).parse(tokens, text)
    except (SqlglotError, RecursionError, ValueError, TypeError, IndexError, AttributeError):
        raise QueryRefused("query.not-understood") from None
    if len(trees) != 1:
        raise QueryRefused("query.more-than-one")
    tree = trees[0]
    while isinstance(tree, exp.Subquery) and not tree.alias:
        tree = tree.this
    if not isinstance(tree, exp.Select | exp.SetOperation):
        raise QueryRefused("query.not-a-select")
    return tree


def require_listed(tree: exp.Expr) -> None:
    """Every node and every setting of it is on the list. Raises: QueryRefused naming the part."""
    words = query_words()
    for node in tree.walk():
        kind = type(node)
        settings = words.parts.get(kind)
        if settings is None and kind not in words.plain:
            raise QueryRefused("query.part-not-allowed", part=_told(node))
        if settings is not None:
            for name, value in node.args.items():
                if value not in (None, False, []) and name not in settings:
                    raise QueryRefused("query.part-not-allowed", part=f"{kind.__name__} {name}")
        if isinstance(node, exp.Identifier):
            _require_plain_name(node.name)
        elif isinstance(node, exp.Join):
            if node.kind not in words.join_kinds or node.side not in words.join_sides:
                raise QueryRefused("query.part-not-allowed", part=f"{node.side} {node.kind} JOIN".strip())
        elif isinstance(node, exp.Select) and not node.expressions:
            raise QueryRefused("query.not-understood")
        elif isinstance(node, exp.Ordered) and isinstance(node.this, exp.Var):  # ORDER BY ALL: whatever there is
            raise QueryRefused("query.part-not-allowed", part=f"ORDER BY {node.this.name}")
        elif isinstance(node, exp.Limit | exp.Offset) and not isinstance(node.expression, exp.Literal):
            raise QueryRefused("query.part-not-allowed", part=f"{kind.__name__} of an expression")
        elif isinstance(node, exp.DataType) and node.this.name not in words.types:
            raise QueryRefused("query.part-not-allowed", part=f"type {node.this.name}")


def _require_flat(tokens: list[Token]) -> None:
    """A query may be neither endless nor bottomless: parsers recurse."""
    words = query_words()
    if not tokens or tokens[0].token_type not in BEGINS:
        raise QueryRefused("query.not-a-select")
    if len(tokens) > words.tokens:
        raise QueryRefused("query.too-long", most=words.tokens)
    depth = run = 0
    for token in tokens:
        depth += (token.token_type in DEEPER) - (token.token_type in HIGHER)
        run = run + 1 if token.token_type in PREFIXES else 0
        if depth > words.depth or run > words.depth:
            raise QueryRefused("query.too-deep", most=words.depth)


def _require_plain_name(name: str) -> None:
    """Names are what they look like: no compatibility characters, nothing invisible, none of ours."""
    if (
        not 0 < len(name) <= LONGEST_NAME
        or not name.isprintable()
        or unicodedata.normalize("NFKC", name) != name
        or any(not char.isascii() and (char.lower().isascii() or char.upper().isascii()) for char in name)
        or any(unicodedata.category(char) in {"Cf", "Mn", "Me"} for char in name)
    ):
        raise QueryRefused("query.name-not-plain")
    if name.lower().startswith(RESERVED):
        raise QueryRefused("query.name-reserved")


def _told(node: exp.Expr) -> str:
    """The part by its kind; a function by its name, where that is plain."""
    name = node.name if isinstance(node, exp.Anonymous) else ""
    return f"{name}()" if name.isascii() and name.isidentifier() else type(node).__name__
