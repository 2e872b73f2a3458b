"""Every model of ours is a term of the field: it has a row in GLOSSARY.md, with its meaning and source."""

import pathlib
import re

from django.apps import apps

GLOSSARY = pathlib.Path(__file__).resolve().parents[1] / "GLOSSARY.md"


def _rows() -> list[list[str]]:
    lines = GLOSSARY.read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")][1:]


def test_every_model_has_a_row() -> None:
    terms = {name for row in _rows() for name in re.findall(r"`([^`]+)`", row[1])}
    models = {model.__name__ for model in apps.get_models() if model.__module__.startswith("sekisho.")}
    assert models <= terms, f"not in GLOSSARY.md: {sorted(models - terms)}"


def test_every_row_has_meaning_and_source() -> None:
    assert all(len(row) == 4 and all(row) for row in _rows())
