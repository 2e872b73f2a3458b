"""The policy format as a JSON Schema for editors, generated from the table the loader reads by."""

from sekisho.engine.law.pack import law
from sekisho.engine.policy.document import DOCUMENT
from sekisho.engine.policy.reader import PATTERNS
from sekisho.engine.policy.shape import Form, Key, ListOf, MapOf, Record, Scalar, Shape
from sekisho.engine.policy.words import words

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "Sekisho policy, language 1"
TEXT = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {
            "type": "object",
            "properties": {"ja": {"type": "string"}, "en": {"type": "string"}},
            "required": ["ja"],
            "additionalProperties": False,
        },
    ]
}
DURATION = r"^P(?=\d)(\d{1,4}Y)?(\d{1,4}M)?(\d{1,4}W)?(\d{1,5}D)?$"


def json_schema() -> dict[str, object]:
    """The schema. What only the loader can see (names defined elsewhere, conditions, lost clauses) it cannot say."""
    return {"$schema": DIALECT, "title": TITLE, **_schema(DOCUMENT)}


def _schema(shape: Shape) -> dict[str, object]:
    match shape:
        case Record(keys=keys, short=short):
            record: dict[str, object] = {
                "type": "object",
                "properties": {key.name: _key(key) for key in keys},
                "required": [key.name for key in keys if key.required],
                "additionalProperties": False,
            }
            return {"anyOf": [TEXT, record]} if short else record
        case MapOf(item=item, filled=filled):
            names = _names(shape.key)
            key: dict[str, object] = {"enum": names} if names else {}
            if not shape.key:
                key = {"pattern": PATTERNS[shape.key_form].pattern}
            mapping: dict[str, object] = {"type": "object", "additionalProperties": _schema(item)}
            return mapping | ({"propertyNames": key} if key else {}) | ({"minProperties": 1} if filled else {})
        case ListOf(item=item, filled=filled):
            return {"type": "array", "items": _schema(item)} | ({"minItems": 1} if filled else {})
    return _scalar(shape)


def _key(key: Key) -> dict[str, object]:
    schema = _schema(key.shape)
    if key.unknown:
        schema = {"anyOf": [schema, {"type": "null"}, {"const": "unknown"}]}
    return {"description": key.says, **schema}


def _scalar(shape: Scalar) -> dict[str, object]:
    match shape.form:
        case Form.TEXT:
            return dict(TEXT)
        case Form.INTEGER:
            numbers: dict[str, object] = {"type": "integer"}
            if shape.choices:
                numbers["enum"] = [int(choice) for choice in shape.choices]
            return numbers if shape.least is None else numbers | {"minimum": shape.least}
        case Form.BOOLEAN:
            return {"type": "boolean"}
        case Form.DATE:
            return {"type": "string", "format": "date"}
        case Form.DURATION:
            return {"type": "string", "pattern": DURATION}
    if shape.form in PATTERNS:
        return {"type": "string", "pattern": PATTERNS[shape.form].pattern}
    names = list(shape.choices) or _names(shape.names)
    return {"type": "string", "enum": names} if names else {"type": "string", "minLength": 1}


def _names(names: str) -> list[str]:
    """Names known outside the document: the vocabulary and the law packs."""
    room, _, table = names.partition(".")
    if room == "words":
        return list(words()[table])
    if room == "law":
        known = list(getattr(law(), table))
        return [f"law:{name}" for name in known] if table == "floors" else known
    return []
