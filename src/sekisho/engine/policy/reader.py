"""Read YAML by a shape: every fault with its place, and plain values even where there are faults.

A faulty value is replaced by an empty one of its shape, so that reading goes on and all faults are found at once.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from sekisho.engine.errors import Fault, Place, SekishoError, Severity
from sekisho.engine.policy import periods
from sekisho.engine.policy.model import Text
from sekisho.engine.policy.shape import Form, Key, ListOf, MapOf, Record, Scalar, Shape

ROOM = "sekisho.engine.policy"
IDENTIFIER = re.compile(r"^[a-z][a-z0-9_]*$")
CLAUSE = re.compile(r"^[A-Z][A-Z0-9]*-\d{2,4}$")
PROOF = re.compile(r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")
TIME = re.compile(r"^([01]\d|2[0-4]):[0-5]\d$")
DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
INTEGER = re.compile(r"^(0|-?[1-9]\d{0,17})$")
NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")
STORED = re.compile(r"^[^\s\x00-\x1f\x7f\"`\\](?:[^\x00-\x1f\x7f\"`\\]{0,126}[^\s\x00-\x1f\x7f\"`\\])?$")
ATTRIBUTE = re.compile(r"^(actor|resource)\.[A-Za-z_][A-Za-z0-9_]{0,63}$")
PATTERNS = {
    Form.IDENTIFIER: IDENTIFIER,
    Form.CLAUSE: CLAUSE,
    Form.PROOF: PROOF,
    Form.TIME: TIME,
    Form.NAME: NAME,
    Form.STORED: STORED,
    Form.ATTRIBUTE: ATTRIBUTE,
}
STR, NULL, BOOL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool"
EMPTY: Mapping[Form, object] = {Form.TEXT: Text(""), Form.INTEGER: 0, Form.BOOLEAN: False, Form.DATE: None}
TEXT_KEYS = ("ja", "en")


@dataclass(slots=True, kw_only=True)
class Mention:
    """A name used somewhere, to be looked up once everything is read."""

    names: str
    name: str
    field: str
    place: Place


@dataclass(slots=True)
class Reading:
    """What was read so far: faults, places by dotted path, and names mentioned."""

    faults: list[Fault] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    mentions: list[Mention] = field(default_factory=list)

    def place(self, path: str) -> Place:
        """Where `uses[3].items[1]` stands; a path that was not written stands where its parent does."""
        while path not in self.places:
            path = path[: max(path.rfind("."), path.rfind("["))]
        return self.places[path]

    def fault(
        self,
        code: str,
        place: Place,
        *,
        severity: Severity = Severity.ERROR,
        clause: str = "",
        source: str = "",
        **values: object,
    ) -> None:
        """Note a fault and go on."""
        self.faults.append(
            Fault(
                code=code,
                place=place,
                room=ROOM,
                severity=severity,
                clause=clause,
                source=source,
                values={key: str(value) for key, value in values.items()},
            )
        )


def compose(path: str, text: str, reading: Reading) -> Node | None:
    """The YAML tree of a file, or None with the fault noted."""
    reading.places[""] = Place(path=path, line=1, column=1)
    try:
        node: Node | None = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = " ".join(str(error.problem or error.context or "").split())
        reading.fault("policy.not-yaml", Place(path=path, line=line, column=column), problem=problem)
        return None
    except (YAMLError, RecursionError, ValueError) as error:
        reading.fault("policy.not-yaml", Place(path=path, line=1, column=1), problem=type(error).__name__)
        return None
    if node is None:
        reading.fault("policy.empty-file", Place(path=path, line=1, column=1))
    return node


def read(node: Node, shape: Shape, path: str, file: str, reading: Reading) -> object:
    """The value of a node by its shape; places and mentions go into `reading`."""
    place = _place(node, file, path)
    if isinstance(shape, Scalar) and shape.form is Form.CONDITION and isinstance(node, ScalarNode) and node.style:
        place = replace(place, column=place.column + 1)  # faults inside a condition count from its first character
    reading.places[path] = place
    match shape:
        case Record():
            return _record(node, shape, path, file, reading)
        case MapOf():
            return _map(node, shape, path, file, reading)
        case ListOf():
            return _list(node, shape, path, file, reading)
    if shape.form is Form.TEXT:
        return _text(node, path, file, reading)
    if not isinstance(node, ScalarNode):
        reading.fault("policy.wrong-type", place, field=path, want=shape.form.value, found=_kind(node))
        return EMPTY.get(shape.form, _first(shape))
    return _scalar(node, shape, path, place, reading)


def empty(shape: Shape) -> object:
    """The empty value of a shape: what a missing or faulty key is read as."""
    match shape:
        case Record(keys=keys):
            return {key.name: empty(key.shape) if key.required and not key.unknown else _absent(key) for key in keys}
        case MapOf():
            return {}
        case ListOf():
            return []
    return EMPTY.get(shape.form, _first(shape))


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name most like this one, "" if none is known."""
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.0)), "")


def _absent(key: Key) -> object:
    """An optional key that is not written: None for unknown values and records, "" for a choice, else the empty value."""
    if key.unknown or isinstance(key.shape, Record):
        return None
    return "" if isinstance(key.shape, Scalar) and key.shape.choices else empty(key.shape)


def _record(node: Node, shape: Record, path: str, file: str, reading: Reading) -> object:
    if shape.short and isinstance(node, ScalarNode):
        short = next(key for key in shape.keys if key.name == shape.short)
        return {**_as_map(empty(shape)), shape.short: read(node, short.shape, f"{path}.{short.name}", file, reading)}
    keys = {key.name: key for key in shape.keys}
    if shape.short and isinstance(node, MappingNode) and all(key.value in TEXT_KEYS for key, _ in node.value):
        short_value = read(node, keys[shape.short].shape, f"{path}.{shape.short}", file, reading)
        return {**_as_map(empty(shape)), shape.short: short_value}
    values = _as_map(empty(shape))
    written = _pairs(node, path, file, reading)
    if written is None:
        return values
    for name, (key_node, value_node) in written.items():
        inner = f"{path}.{name}" if path else name
        if name not in keys:
            unused = [key for key in keys if key not in written]
            near = nearest(name, unused or keys)
            reading.fault("policy.unknown-key", _place(key_node, file, inner), found=name, near=near)
        elif _is_unknown(value_node):
            reading.places[inner] = _place(value_node, file, inner)
            if not keys[name].unknown:
                reading.fault("policy.must-be-known", _place(value_node, file, inner), field=inner)
            else:
                values[name] = None
        else:
            values[name] = read(value_node, keys[name].shape, inner, file, reading)
    for key in shape.keys:
        if key.required and key.name not in written:
            reading.fault("policy.missing-key", _place(node, file, path), field=key.name, says=key.says)
    return values


def _map(node: Node, shape: MapOf, path: str, file: str, reading: Reading) -> object:
    written = _pairs(node, path, file, reading)
    if written is None:
        return {}
    if shape.filled and not written:
        reading.fault("policy.empty", _place(node, file, path), field=path)
    values = {}
    for name, (key_node, value_node) in written.items():
        inner = f"{path}.{name}" if path else name
        place = _place(key_node, file, inner)
        if shape.key:
            reading.mentions.append(Mention(names=shape.key, name=name, field=inner, place=place))
        elif not PATTERNS[shape.key_form].match(name):
            reading.fault(f"policy.bad-{shape.key_form.value}", place, found=name)
        if _is_unknown(value_node) and not isinstance(shape.item, Scalar):
            reading.fault("policy.must-be-known", place, field=inner)
            values[name] = empty(shape.item)
        else:
            values[name] = read(value_node, shape.item, inner, file, reading)
        reading.places[inner] = place  # where the name stands says more than where its value begins
    return values


def _list(node: Node, shape: ListOf, path: str, file: str, reading: Reading) -> object:
    if not isinstance(node, SequenceNode):
        reading.fault("policy.wrong-type", _place(node, file, path), field=path, want="list", found=_kind(node))
        return []
    if shape.filled and not node.value:
        reading.fault("policy.empty", _place(node, file, path), field=path)
    return [read(entry, shape.item, f"{path}[{at}]", file, reading) for at, entry in enumerate(node.value)]


def _text(node: Node, path: str, file: str, reading: Reading) -> Text:
    if isinstance(node, ScalarNode):
        if node.tag != STR:
            reading.fault("policy.not-text", _place(node, file, path), field=path, found=node.value)
        return Text(node.value)
    languages = _pairs(node, path, file, reading) or {}
    said: dict[str, str] = {}
    for name, (key_node, value_node) in languages.items():
        place = _place(key_node, file, path)
        if name not in TEXT_KEYS:
            reading.fault("policy.unknown-key", place, found=name, near=nearest(name, TEXT_KEYS))
        elif not isinstance(value_node, ScalarNode) or value_node.tag != STR:
            found = value_node.value if isinstance(value_node, ScalarNode) else _kind(value_node)
            reading.fault("policy.not-text", _place(value_node, file, path), field=f"{path}.{name}", found=found)
        else:
            said[name] = value_node.value
            reading.places[f"{path}.{name}"] = _place(value_node, file, f"{path}.{name}")
    if languages and "ja" not in languages:
        reading.fault("policy.missing-key", _place(node, file, path), field="ja", says="Japanese is the published text")
    return Text(said.get("ja", ""), said.get("en", ""))


def _scalar(node: ScalarNode, shape: Scalar, path: str, place: Place, reading: Reading) -> object:
    value = node.value
    if shape.choices and value not in shape.choices:
        near = nearest(value, shape.choices)
        choices = ", ".join(shape.choices)
        reading.fault("policy.not-one-of", place, field=path, found=value, choices=choices, near=near)
        return _first(shape)
    match shape.form:
        case Form.INTEGER:
            if not INTEGER.match(value) or node.style or (shape.least is not None and int(value) < shape.least):
                reading.fault("policy.not-integer", place, field=path, found=value, least=shape.least)
                return 0
            return int(value)
        case Form.BOOLEAN:
            if node.tag != BOOL:
                reading.fault("policy.not-boolean", place, field=path, found=value)
            return value.lower() == "true"
        case Form.DATE:
            return _date(value, path, place, reading)
    if node.tag != STR and shape.form is not Form.REFERENCE:
        reading.fault("policy.not-text", place, field=path, found=value)
        return value
    if shape.form in PATTERNS and not PATTERNS[shape.form].match(value):
        reading.fault(f"policy.bad-{shape.form.value}", place, found=value)
    elif shape.form is Form.DURATION:
        try:
            periods.parse(value)
        except SekishoError:
            reading.fault("policy.bad-duration", place, found=value)
            return "P0D"
    elif shape.form is Form.STRING and not value.strip():
        reading.fault("policy.empty", place, field=path)
    if shape.names:
        reading.mentions.append(Mention(names=shape.names, name=value, field=path, place=place))
    return value


def _date(value: str, path: str, place: Place, reading: Reading) -> date | None:
    try:
        if DAY.match(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    reading.fault("policy.bad-date", place, field=path, found=value)
    return None


def _pairs(node: Node, path: str, file: str, reading: Reading) -> dict[str, tuple[ScalarNode, Node]] | None:
    """Keys of a mapping with their nodes, duplicates and odd keys noted."""
    if not isinstance(node, MappingNode):
        reading.fault("policy.wrong-type", _place(node, file, path), field=path, want="mapping", found=_kind(node))
        return None
    pairs: dict[str, tuple[ScalarNode, Node]] = {}
    for key, value in node.value:
        place = _place(key, file, path)
        if not isinstance(key, ScalarNode):
            reading.fault("policy.bad-key", place)
        elif key.value in pairs:
            first = pairs[key.value][0].start_mark.line + 1
            reading.fault("policy.duplicate-key", place, found=key.value, first=first)
        else:
            pairs[key.value] = (key, value)
    return pairs


def _is_unknown(node: Node) -> bool:
    return isinstance(node, ScalarNode) and (node.tag == NULL or (node.value == "unknown" and not node.style))


def _place(node: Node, file: str, path: str) -> Place:
    return Place(path=file, line=node.start_mark.line + 1, column=node.start_mark.column + 1, field=path)


def _kind(node: Node) -> str:
    return "list" if isinstance(node, SequenceNode) else "mapping" if isinstance(node, MappingNode) else "value"


def _first(shape: Scalar) -> str:
    return shape.choices[0] if shape.choices else ""


def _as_map(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}
