"""A ledger of one's own for each test."""

from pathlib import Path

import pytest
from django.conf import settings

from sekisho.engine.errors import Place
from sekisho.engine.policy.model import Clause, Text


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    monkeypatch.delenv("SEKISHO_WITNESS", raising=False)
    return tmp_path


@pytest.fixture
def clause() -> Clause:
    place = Place(path="policy.yaml", line=1, column=1)
    return Clause(
        id="A-01", heading="", says=Text(ja="台帳を守る"), proof="evidence.ledger_intact", never=False, place=place
    )
