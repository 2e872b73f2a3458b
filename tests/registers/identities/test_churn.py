"""Former and next holders never see or lose each other's calls, whatever happens to lines, people and the database."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from churn import DATAMAP, Churn
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from sekisho.registers.datamap import actions as datamap
from sekisho.registers.policies.actions import adopt

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "erasure_world.py"


@pytest.fixture
def churn(db: None, tmp_path: Path, settings: Any) -> type[Churn]:
    """The machine over a home of its own, with the policy, the data map and the staff of the small carrier."""
    settings.HOME = tmp_path
    world = _world()
    files = world.documents() | {"datamap.yaml": DATAMAP}
    adopt(files=files, at=world.AT, acting_user="test", may_correct=True)
    datamap.adopt(files=files, at=world.AT, acting_user="test")
    world.enrol_staff()
    return type("ChurnHere", (Churn,), {"world": world, "home": tmp_path})


def test_years_of_churn(churn: type[Churn]) -> None:
    few = settings(
        max_examples=10 if connection.vendor == "sqlite" else 2,
        stateful_step_count=40,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(churn, settings=few)


@pytest.mark.long
def test_a_thousand_carriers_years(churn: type[Churn]) -> None:
    many = settings(max_examples=1_000, stateful_step_count=50, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(churn, settings=many)


def _world() -> ModuleType:
    if "erasure_world" in sys.modules:
        return sys.modules["erasure_world"]
    spec = importlib.util.spec_from_file_location("erasure_world", FIXTURE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["erasure_world"] = module
    spec.loader.exec_module(module)
    return module
