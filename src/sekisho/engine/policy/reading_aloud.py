"""A condition in words, so that a privacy officer can read it aloud."""

from datetime import date

from sekisho.engine.errors import DocumentRefused
from sekisho.engine.policy.expression import parse
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
    Value,
    Within,
)
from sekisho.engine.policy.naming import expression_names
from sekisho.engine.policy.phrases import Speech
from sekisho.engine.policy.words import label, words

SIGNS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


def aloud(text: str, speech: Speech) -> str:
    """The condition in words; one that cannot be read is shown as written."""
    try:
        return _say(parse(text, expression_names(speech.policy)), speech)
    except DocumentRefused:
        return text


def _say(expr: Expr, speech: Speech) -> str:
    match expr:
        case And(items=items):
            return speech.join((_say(item, speech) for item in items), "and")
        case Or(items=items):
            return speech.join((_say(item, speech) for item in items), "or_else")
        case Not(item=item):
            return speech.say("not", inner=_say(item, speech))
        case In(item=item, options=options):
            return speech.say(
                "in", left=_operand(item, speech), right=speech.join(_operand(o, speech) for o in options)
            )
        case Within(item=item, among=among):
            return speech.say("within", left=_operand(item, speech), right=_operand(among, speech))
        case Compare(operator=operator, left=left, right=right):
            dated = Kind.DATE in (left.kind, right.kind) and operator not in ("==", "!=")
            key = f"{'date' if dated else 'compare'}_{SIGNS[operator]}"
            money = _is_money(left) or _is_money(right)
            return speech.say(key, left=_operand(left, speech, money=money), right=_operand(right, speech, money=money))
        case Name(path=path) if path in words()["attributes"]:
            return label("attributes", path, speech.language)
    return speech.say("true", left=_operand(expr, speech))


def _operand(expr: Operand, speech: Speech, *, money: bool = False) -> str:
    match expr:
        case Literal(value=value):
            return _constant(value, speech, money=money)
        case Today():
            return speech.say("today")
        case Shift(base=base, days=days):
            return speech.say("before" if days < 0 else "after", base=_operand(base, speech), days=abs(days))
        case Name(path=path):
            name, _, field = path.partition(".")
            held = speech.policy.classes.get(name)
            if held is not None and field in held.fields:
                return speech.text(held.fields[field].label)
            if path in speech.policy.attributes:
                return speech.text(speech.policy.attributes[path].label)
            return label("attributes", path, speech.language)


def _constant(value: Value, speech: Speech, *, money: bool) -> str:
    match value:
        case bool():
            return speech.say("yes" if value else "no")
        case int():
            return speech.say("yen", value=f"{value:,}") if money else str(value)
        case date():
            return speech.day(value)
    return speech.say("quoted", value=value)


def _is_money(expr: Operand) -> bool:
    return isinstance(expr, Name) and expr.path.endswith("_yen")
