"""A small graph of nodes, written as JSON-LD and as Turtle. Both say the same triples."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote

from sekisho.engine.policy.model import Text

COMPACT = re.compile(r"^[a-z]+:[A-Za-z][A-Za-z0-9_-]*$")


@dataclass(frozen=True, slots=True)
class Ref:
    """Another node, or a term: a whole IRI or one with a known prefix."""

    id: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A value with a language or a type."""

    value: str
    language: str = ""
    type: str = ""


Value: TypeAlias = Ref | Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A thing: its types, and what is said of it by property."""

    id: str
    types: tuple[str, ...]
    says: Mapping[str, tuple[Value, ...]]


def iri(of: str, kind: str, name: str) -> str:
    """A name of our own: an urn under the policy's id."""
    return f"urn:sekisho:{quote(of)}:{kind}:{quote(name)}"


def ref(id_: str) -> Ref:
    """A reference."""
    return Ref(id_)


def literal(value: str, *, language: str = "", type: str = "") -> Literal:  # noqa: A002  JSON-LD's word
    """A literal."""
    return Literal(value, language, type)


def texts(text: Text) -> tuple[Literal, ...]:
    """A text in the languages it has."""
    return (Literal(text.ja, "ja"), *((Literal(text.en, "en"),) if text.en else ()))


def json_ld(nodes: tuple[Node, ...], context: Mapping[str, str]) -> str:
    """The graph as JSON-LD."""
    graph = [
        {"@id": node.id, "@type": list(node.types)}
        | {name: [_json(value) for value in values] for name, values in node.says.items() if values}
        for node in nodes
    ]
    return json.dumps({"@context": dict(context), "@graph": graph}, ensure_ascii=False, indent=1) + "\n"


def turtle(nodes: tuple[Node, ...], context: Mapping[str, str]) -> str:
    """The graph as Turtle."""
    lines = [f"@prefix {prefix}: <{whole}> ." for prefix, whole in context.items()]
    for node in nodes:
        said = [f"a {', '.join(_term(one) for one in node.types)}"]
        said += [
            f"{name} {', '.join(_turtle(value) for value in values)}" for name, values in node.says.items() if values
        ]
        lines += ["", f"{_term(node.id)} " + " ;\n    ".join(said) + " ."]
    return "\n".join(lines) + "\n"


def _json(value: Value) -> dict[str, str]:
    if isinstance(value, Ref):
        return {"@id": value.id}
    row = {"@value": value.value}
    if value.language:
        row["@language"] = value.language
    if value.type:
        row["@type"] = value.type
    return row


def _turtle(value: Value) -> str:
    if isinstance(value, Ref):
        return _term(value.id)
    said = json.dumps(value.value, ensure_ascii=False)  # its escapes are Turtle's too
    return said + (f"@{value.language}" if value.language else f"^^{value.type}" if value.type else "")


def _term(id_: str) -> str:
    return id_ if COMPACT.match(id_) and not id_.startswith("urn:") else f"<{id_}>"
