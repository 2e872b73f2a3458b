"""Look up every name mentioned in a document: in the document itself, the vocabulary, or the law packs."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sekisho.engine.law.pack import Law
from sekisho.engine.policy.model import DataClass, DataKind
from sekisho.engine.policy.reader import Mention, Reading, nearest
from sekisho.engine.policy.words import words

CODES = {  # what a name should be defined as -> code; everything else is policy.unknown-word or -law
    "purposes": "policy.unknown-purpose",
    "purposes or *": "policy.unknown-purpose",
    "subjects": "policy.unknown-subject-kind",
    "recipients": "policy.unknown-recipient",
    "desks": "policy.unknown-desk",
    "clauses": "policy.unknown-clause",
    "actions": "policy.unknown-action",
    "resources": "policy.unknown-resource",
}

REQUIRED = {"purposes", "subjects", "clauses"}


def resolve(data: Mapping[str, Any], law: Law, reading: Reading) -> None:
    """Note a fault for every name that is not defined."""
    classes = {key: set(row["fields"]) for key, row in data["classes"].items()}
    for mention in reading.mentions:
        if mention.names == "items":
            _item(mention, classes, reading)
            continue
        known = _known(mention.names, data, law)
        if not known and mention.names in REQUIRED:
            continue  # the whole section is missing, and that fault says it once
        name = mention.name.removeprefix("law:") if mention.names == "law.floors" else mention.name
        if name in known:
            continue
        code = CODES.get(mention.names, f"policy.unknown-{mention.names.partition('.')[0].rstrip('s')}")
        table = mention.names.partition(".")[2] or mention.names
        reading.fault(code, mention.place, found=mention.name, near=nearest(name, known), table=table)


def expand(item: str, classes: Mapping[str, DataClass]) -> Iterator[tuple[str, str, DataKind]]:
    """`(class, field, kind)` of an item; nothing for an item that is not defined."""
    name, _, field = item.partition(".")
    held = classes.get(name)
    if held is None:
        return
    for key, found in held.fields.items():
        if not field or key == field:
            yield name, key, found.kind


def _item(mention: Mention, classes: Mapping[str, set[str]], reading: Reading) -> None:
    name, dot, field = mention.name.partition(".")
    if not classes:
        return
    if name not in classes:
        reading.fault("policy.unknown-class", mention.place, found=mention.name, near=nearest(name, classes))
    elif dot and field not in classes[name]:
        near = nearest(field, classes[name])
        reading.fault("policy.unknown-field", mention.place, found=mention.name, near=f"{name}.{near}", held=name)


def _known(names: str, data: Mapping[str, Any], law: Law) -> Collection[str]:
    room, _, table = names.partition(".")
    if room == "words":
        return words()[table]
    if room == "law":
        found: Collection[str] = getattr(law, table)
        return found
    if names == "purposes or *":
        return {*data["purposes"], "*"}
    known: Collection[str] = data["promises" if names == "clauses" else names]
    return known
