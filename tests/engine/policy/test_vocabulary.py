"""The vocabulary, the format table and the texts agree with each other, the gate, and the reference."""

import json
import re
from pathlib import Path

from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from sekisho.engine.errors import texts
from sekisho.engine.gate.slots import SLOT
from sekisho.engine.policy.document import DOCUMENT
from sekisho.engine.policy.schema import json_schema
from sekisho.engine.policy.shape import ListOf, MapOf, Record, Shape
from sekisho.engine.policy.words import words

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "src" / "sekisho" / "engine" / "policy"


def test_every_need_is_a_slot_of_the_gate() -> None:
    assert [need for need in words()["needs"] if need not in SLOT] == []


def test_every_code_has_texts_and_every_text_a_code() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCE.glob("*.py"))
    named = set(re.findall(r'"((?:policy|expression)\.[a-z-]+)"', source)) - {"policy.yaml"}
    forms = {
        f"policy.bad-{form}" for form in ("identifier", "clause", "proof", "time", "name", "stored-name", "attribute")
    }
    tables = {"policy.unknown-word", "policy.unknown-law"}
    known = texts("sekisho.engine.policy")
    assert set(known) == named | forms | tables
    for code, row in known.items():
        assert set(row) == {"ja", "ja_remedy", "en", "en_remedy"}, code


def test_the_schema_in_the_docs_is_the_one_generated() -> None:
    file = ROOT / "docs" / "reference" / "policy.schema.json"
    assert json.loads(file.read_text(encoding="utf-8")) == json_schema(), "run: sekisho policy schema > " + str(file)


def test_the_schema_accepts_good_documents_and_refuses_a_broken_one(small_text: str) -> None:
    validator = Draft202012Validator(json_schema())
    good = [
        small_text,
        *((ROOT / "policies" / name / "policy.yaml").read_text(encoding="utf-8") for name in ("arlink", "carrier")),
    ]
    for text in good:
        assert [error.message for error in validator.iter_errors(_plain(text))] == []
    broken = _plain(
        (ROOT / "tests" / "golden" / "policy" / "broken" / "policy.yaml")
        .read_text(encoding="utf-8")
        .replace("  billing: {label: 二度目", "  again: {label: 二度目")
    )
    assert len(list(validator.iter_errors(broken))) > 5


def test_every_key_stands_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "policy-language.md").read_text(encoding="utf-8")
    missing = sorted({name for name in _keys(DOCUMENT) if f"`{name}`" not in page})
    assert missing == []


def _keys(shape: Shape) -> set[str]:
    match shape:
        case Record(keys=keys):
            return {name for key in keys for name in (key.name, *_keys(key.shape))}
        case MapOf(item=item) | ListOf(item=item):
            return _keys(item)
    return set()


def _plain(text: str) -> object:
    """As an editor's JSON Schema plugin sees it: dates are strings."""
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda _loader, node: node.value)
    return json.loads(json.dumps(yaml.load(text)))
