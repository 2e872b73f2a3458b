"""Whoever reads everybody at once is told of every change: no action changes a person's facts in silence."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REGISTERS = Path(__file__).resolve().parents[3] / "src" / "sekisho" / "registers"
WRITES = {"create", "bulk_create", "update", "delete", "save", "get_or_create", "update_or_create", "bulk_update"}
FACTS = {  # models whose rows are facts of a person, by the room that writes them
    "identities": {"Person", "PersonKind", "Identifier", "Suppression"},
    "consents": {"ConsentEvent"},
}
TELLING = {"note_change", "next_change", "_next_epoch", "_write"}


@pytest.mark.parametrize("room", FACTS)
def test_every_action_that_writes_facts_tells_of_it(room: str) -> None:
    files = [*(REGISTERS / room).glob("actions.py"), *(REGISTERS / room / "actions").glob("*.py")]
    assert files
    silent = {
        function.name
        for file in files
        for function in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(function, ast.FunctionDef)
        and set(_written(function)) & FACTS[room]
        and not {_name(call.func) for call in ast.walk(function) if isinstance(call, ast.Call)} & TELLING
    }
    assert not silent


def test_the_test_sees_a_silent_write() -> None:
    tree = ast.parse(
        "def silent(person):\n    for model in (Identifier, Salt):\n        model.objects.filter(x=1).delete()"
    )
    assert set(_written(tree.body[0])) & FACTS["identities"]


def _written(function: ast.AST) -> Iterator[str]:
    """Models named in a function that writes anything."""
    calls = [call for call in ast.walk(function) if isinstance(call, ast.Call)]
    if any(isinstance(call.func, ast.Attribute) and call.func.attr in WRITES for call in calls):
        yield from (name.id for name in ast.walk(function) if isinstance(name, ast.Name))


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
