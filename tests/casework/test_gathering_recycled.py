"""Years of churn: what is gathered of one holder of a number never holds what belongs to the holder before or after."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from churn import DATAMAP, PEOPLE, Churn
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from sekisho.casework.subject_requests.queries.gathering_reading import read
from sekisho.casework.subject_requests.queries.gathering_registers import is_own
from sekisho.casework.subject_requests.rules.gathering import Closed, SystemState, Value
from sekisho.casework.subject_requests.rules.gathering_packing import decoded
from sekisho.registers.datamap import actions as datamap
from sekisho.registers.policies.actions import adopt

FIXTURE = Path(__file__).resolve().parents[1] / "fixtures" / "erasure_world.py"
OTHERS = Closed("other_party")


class Gathering(Churn):
    """The machine, with one more thing that must always be so."""

    @invariant()
    def a_gathering_holds_exactly_ones_own_sides(self) -> None:
        """Each call somebody took part in, each side of it that was theirs, and of the other side what a bill shows."""
        for person in PEOPLE:
            if person in self.told.erased or self._is_waited_for(person) or self.waiting:
                continue
            gathered = self._gathered(person)
            sides = {side: self._calls_of(person, side) for side in ("caller", "callee")}
            assert set(gathered) == sides["caller"] | sides["callee"], person
            for number, row in gathered.items():
                truth = self.told.calls[number]
                left = {
                    side: None if self.told.holder(truth[side], truth["day"]) in self.told.erased else truth[side]
                    for side in sides
                }
                is_callers = number in sides["caller"]
                assert row["caller"] == (left["caller"] if is_callers else left["caller"] and OTHERS), (person, truth)
                assert row["callee"] == left["callee"], (person, truth)

    def _gathered(self, person: str) -> dict[int, dict[str, Value]]:
        found = read(person, self.world.AT, key=b"test", in_full=True)
        assert all(one.state is not SystemState.FAILED for one in found.systems)
        rows: dict[int, dict[str, Value]] = {}
        for table in found.tables:
            if is_own(table.system):  # our own registers hold no calls
                continue
            names = [column.name for column in table.columns]
            for one in table.rows:
                row = dict(zip(names, decoded(one.line)[1], strict=True))
                assert isinstance(row["call_id"], int)
                rows[row["call_id"]] = row
        return rows


@pytest.fixture
def machine(db: None, tmp_path: Path, settings: Any) -> type[Gathering]:
    """Over a home of its own, with the policy, the data map and the staff of the small carrier."""
    settings.HOME = tmp_path
    world = _world()
    files = world.documents() | {"datamap.yaml": DATAMAP}
    adopt(files=files, at=world.AT, acting_user="test", may_correct=True)
    datamap.adopt(files=files, at=world.AT, acting_user="test")
    world.enrol_staff()
    return type("GatheringHere", (Gathering,), {"world": world, "home": tmp_path})


def test_what_is_gathered_of_one_holder_is_never_the_others(machine: type[Gathering]) -> None:
    few = settings(
        max_examples=3 if connection.vendor == "sqlite" else 1,
        stateful_step_count=25,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=few)


@pytest.mark.long
def test_the_same_for_a_thousand_carriers(machine: type[Gathering]) -> None:
    many = settings(max_examples=1_000, stateful_step_count=50, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=many)


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
