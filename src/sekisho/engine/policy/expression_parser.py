"""Read a condition: a subset of CEL's syntax, typed while it is read, every fault with its column.

condition = any ("||" any)*          any = one ("&&" one)*         one = "!" one | comparison
comparison = operand (("==" | "!=" | "<" | "<=" | ">" | ">=") operand | "in" "[" constant, … "]" | "in" name)?
operand = primary (("+" | "-") "days(" n ")")*
primary = "(" condition ")" | name | "today" | date("2026-01-01") | 12 | "text" | true | false
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import NoReturn

from sekisho.engine.errors import DocumentRefused, Fault, Place
from sekisho.engine.policy.expression_tree import (
    And,
    Compare,
    Expr,
    In,
    Kind,
    Literal,
    Name,
    Not,
    Operand,
    Or,
    Shift,
    Today,
    Within,
)

ROOM = "sekisho.engine.policy"
DEEPEST = 40
LARGEST = 2**63 - 1
FURTHEST_DAYS = 36_525
FIRST_YEAR, LAST_YEAR = 1800, 2200
TOKEN = re.compile(
    r"""\s*(?:
      (?P<float>\d+\.\d+|\.\d+)
    | (?P<integer>\d+)
    | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<op>==|!=|<=|>=|&&|\|\||[<>!()\[\],+\-])
    )""",
    re.VERBOSE,
)
COMPARISONS = {"==", "!=", "<", "<=", ">", ">="}
WORDS = {"and": "&&", "or": "||", "not": "!", "=": "==", "&": "&&", "|": "||", "=~": "in", "matches": "in"}
ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the condition and its column from 1."""

    kind: str  # integer, string, name, op, end
    text: str
    column: int


class _Stop(Exception):
    """The rest cannot be read; the fault is already noted."""


def parse(text: str, types: Mapping[str, Kind] | None = None, place: Place | None = None) -> Expr:
    """The typed tree of a condition.

    `types` gives every name that may appear; None accepts any name, untyped. `place` is where the text's first
    character stands, so that faults point into the document.

    Raises: DocumentRefused with every fault found.
    """
    reader = _Reader(text, types, place or Place(path="<expression>", line=1, column=1))
    try:
        tree = reader.read()
    except _Stop:
        tree = None
    if reader.faults or tree is None:
        raise DocumentRefused(tuple(reader.faults))
    return tree


class _Reader:
    def __init__(self, text: str, types: Mapping[str, Kind] | None, place: Place) -> None:
        self.text = text
        self.types = types
        self.place = place
        self.faults: list[Fault] = []
        self.depth = 0
        self.position = 0
        self.tokens: list[Token] = []

    def read(self) -> Expr:
        self._tokenise()
        tree = self._any()
        if self._peek().kind != "end":
            self._stop("expression.unexpected", self._peek())
        return self._truth(tree)

    def _tokenise(self) -> None:
        at = 0
        while at < len(self.text.rstrip()):
            found = TOKEN.match(self.text, at)
            if found is None:
                rest = self.text[at:].lstrip()
                token = Token("op", rest[:2] if rest[:2] in WORDS else rest[:1], len(self.text) - len(rest) + 1)
                self._stop("expression.write-so" if token.text in WORDS else "expression.unknown-sign", token)
            kind = str(found.lastgroup)
            token = Token(kind, found[kind], found.start(kind) + 1)
            if kind == "float":
                self._stop("expression.no-float", token)
            self.tokens.append(token)
            at = found.end()
        self.tokens.append(Token("end", "", len(self.text) + 1))

    def _any(self) -> Expr:
        self.depth += 1
        if self.depth > DEEPEST:
            self._stop("expression.too-deep", self._peek())
        items = [self._all()]
        while self._takes("||"):
            items.append(self._all())
        self.depth -= 1
        return (
            items[0]
            if len(items) == 1
            else Or(items=tuple(self._truth(item) for item in items), column=items[0].column)
        )

    def _all(self) -> Expr:
        items = [self._one()]
        while self._takes("&&"):
            items.append(self._one())
        return (
            items[0]
            if len(items) == 1
            else And(items=tuple(self._truth(item) for item in items), column=items[0].column)
        )

    def _one(self) -> Expr:
        token = self._peek()
        if self._takes("!"):
            self.depth += 1
            if self.depth > DEEPEST:
                self._stop("expression.too-deep", token)
            inner = self._truth(self._one())
            self.depth -= 1
            return Not(item=inner, column=token.column)
        return self._comparison()

    def _comparison(self) -> Expr:
        left = self._operand()
        token = self._peek()
        if token.text in COMPARISONS and token.kind == "op":
            self._next()
            right = self._operand()
            tree: Expr = self._compare(token, left, right)
        elif token.kind == "name" and token.text == "in":
            self._next()
            tree = self._in(token, left)
        else:
            return left
        after = self._peek()
        if (after.kind == "op" and after.text in COMPARISONS) or (after.kind == "name" and after.text == "in"):
            self._stop("expression.chained", after)
        return tree

    def _compare(self, token: Token, left: Expr, right: Expr) -> Expr:
        first, second = self._as_operand(left), self._as_operand(right)
        if Kind.STRINGS in (first.kind, second.kind):
            self._fault("expression.list-compared", token, sign=token.text)
        elif not _alike(first.kind, second.kind):
            self._fault("expression.unlike", token, left=first.kind.value, right=second.kind.value)
        elif token.text not in ("==", "!=") and Kind.BOOLEAN in (first.kind, second.kind):
            self._fault("expression.no-order", token, sign=token.text)
        return Compare(operator=token.text, left=first, right=second, column=token.column)

    def _in(self, token: Token, left: Expr) -> Expr:
        item = self._as_operand(left)
        if self._peek().kind == "name":
            return self._within(token, item)
        self._expect("[")
        options: list[Literal] = []
        while self._peek().text != "]":
            found = self._operand()
            if isinstance(found, Literal):
                options.append(found)
                first = options[0].kind if item.kind is Kind.ANY else item.kind
                if not _alike(first, found.kind):
                    kinds = {"left": first.value, "right": found.kind.value}
                    self._fault("expression.unlike", Token("", "", found.column), **kinds)
            else:
                self._fault("expression.list-of-constants", Token("", "", found.column))
            if not self._takes(","):
                break
        self._expect("]")
        if not options:
            self._fault("expression.empty-list", token)
        return In(item=item, options=tuple(options), column=token.column)

    def _within(self, token: Token, item: Operand) -> Expr:
        among = self._primary()
        if not isinstance(among, Name) or among.kind not in (Kind.STRINGS, Kind.ANY):
            self._stop("expression.no-list", Token("name", getattr(among, "path", ""), among.column))
        if not _alike(item.kind, Kind.STRING):
            self._fault("expression.unlike", token, left=item.kind.value, right=Kind.STRING.value)
        return Within(item=item, among=among, column=token.column)

    def _operand(self) -> Expr:
        found = self._primary()
        while self._peek().kind == "op" and self._peek().text in ("+", "-"):
            sign = self._next()
            days = self._days(sign)
            base = self._as_operand(found)
            if base.kind not in (Kind.DATE, Kind.ANY):
                self._fault("expression.only-dates-move", sign, kind=base.kind.value)
            found = Shift(base=base, days=days if sign.text == "+" else -days, column=sign.column)
        return found

    def _days(self, sign: Token) -> int:
        word = self._next()
        if word.kind != "name" or word.text != "days":
            self._stop("expression.only-dates-move", sign, kind="integer")
        self._expect("(")
        number = self._next()
        if number.kind != "integer" or int(number.text) > FURTHEST_DAYS:
            self._stop("expression.bad-days", number)
        self._expect(")")
        return int(number.text)

    def _primary(self) -> Expr:
        token = self._next()
        match token.kind:
            case "integer":
                return self._integer(token, 1)
            case "string":
                return self._string(token)
            case "name":
                return self._name(token)
        if token.text == "-" and self._peek().kind == "integer":
            return self._integer(self._next(), -1)
        if token.text == "(":
            inner = self._any()
            self._expect(")")
            return inner
        return self._stop("expression.unexpected", token)

    def _name(self, token: Token) -> Expr:
        match token.text:
            case "true" | "false":
                return Literal(value=token.text == "true", kind=Kind.BOOLEAN, column=token.column)
            case "today":
                return Today(column=token.column)
            case "date":
                return self._date(token)
            case text if text in WORDS or text in ("in", "days"):
                self._stop("expression.unexpected", token)
        if self._peek().text == "(":
            self._stop("expression.unknown-function", token)
        if self.types is None:
            return Name(path=token.text, kind=Kind.ANY, column=token.column)
        kind = self.types.get(token.text)
        if kind is None:
            near = next(iter(get_close_matches(token.text, self.types, n=1, cutoff=0.0)), "")
            self._fault("expression.unknown-name", token, near=near)
        return Name(path=token.text, kind=kind or Kind.ANY, column=token.column)

    def _date(self, token: Token) -> Expr:
        self._expect("(")
        word = self._next()
        try:
            day = date.fromisoformat(word.text[1:-1]) if re.fullmatch(r".\d{4}-\d\d-\d\d.", word.text) else None
        except ValueError:
            day = None
        if word.kind != "string" or day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
            self._stop("expression.bad-date", word)
        self._expect(")")
        return Literal(value=day, kind=Kind.DATE, column=token.column)

    def _integer(self, token: Token, sign: int) -> Expr:
        value = sign * int(token.text) if len(token.text) < len(str(LARGEST)) + 1 else LARGEST + 1
        if abs(value) > LARGEST:
            self._stop("expression.too-large", token)
        return Literal(value=value, kind=Kind.INTEGER, column=token.column)

    def _string(self, token: Token) -> Expr:
        value = ESCAPE.sub(r"\1", token.text[1:-1])
        if not value.isprintable():
            self._fault("expression.unprintable", token)
        return Literal(value=value, kind=Kind.STRING, column=token.column)

    def _truth(self, tree: Expr) -> Expr:
        """A tree where a yes or no is wanted: a comparison, or a name that holds one."""
        if tree.kind not in (Kind.BOOLEAN, Kind.ANY):
            self._fault("expression.not-yes-or-no", Token("", "", tree.column), kind=tree.kind.value)
        return tree

    def _as_operand(self, tree: Expr) -> Operand:
        if isinstance(tree, Literal | Name | Today | Shift):
            return tree
        return self._stop("expression.chained", Token("", "", tree.column))

    def _peek(self) -> Token:
        return self.tokens[self.position]

    def _next(self) -> Token:
        token = self.tokens[self.position]
        self.position = min(self.position + 1, len(self.tokens) - 1)
        return token

    def _takes(self, sign: str) -> bool:
        if self._peek().kind == "op" and self._peek().text == sign:
            self._next()
            return True
        return False

    def _expect(self, sign: str) -> None:
        token = self._next()
        if token.kind != "op" or token.text != sign:
            self._stop("expression.expected", token, sign=sign)

    def _fault(self, code: str, token: Token, **values: str) -> None:
        if code in ("expression.unexpected", "expression.expected") and token.kind == "end":
            code = "expression.ends-early"
        elif code == "expression.unexpected" and token.text in WORDS:
            code = "expression.write-so"
        self.faults.append(
            Fault(
                code=code,
                place=Place(
                    path=self.place.path,
                    line=self.place.line,
                    column=self.place.column + token.column - 1,
                    field=self.place.field,
                ),
                room=ROOM,
                values={"found": token.text, "want": WORDS.get(token.text, ""), "near": "", **values},
            )
        )

    def _stop(self, code: str, token: Token, **values: str) -> NoReturn:
        self._fault(code, token, **values)
        raise _Stop


def _alike(left: Kind, right: Kind) -> bool:
    return left is right or Kind.ANY in (left, right)
