"""After a restore an erasure has a second number: the first one leads to it, to its state and to its certificate."""

from types import ModuleType

import pytest

from sekisho.engine.errors import SekishoError
from sekisho.registers.retention import actions, queries
from sekisho.registers.retention.actions.replaying import REPLAYED, approve_replay, retire_plan


@pytest.mark.parametrize("is_known", [True, False])
def test_both_numbers_lead_to_the_erasure_that_was_carried_out_again(world: ModuleType, *, is_known: bool) -> None:
    """`is_known`: the backup has the first plan, as it was proposed; it is good for nothing any more."""
    earlier = "erase-000000000000"
    if is_known:
        earlier = actions.propose_plan(person=world.HANA, reason="request", at=world.AT, acting_user="sato")
        retire_plan(plan=earlier, why="restored", at=world.AT, acting_user="restore")
    again = actions.propose_plan(person=world.HANA, reason=f"{REPLAYED}{earlier}", at=world.AT, acting_user="restore")
    approve_replay(plan=again, earlier=earlier, entries=("e-1",), at=world.AT, acting_user="restore")
    actions.run_plan(plan=again, at=world.AT, acting_user="restore")
    actions.verify_plan(plan=again, at=world.AT, acting_user="restore")
    entry = actions.certify_plan(plan=earlier, at=world.AT, acting_user="sato")
    assert entry == actions.certify_plan(plan=again, at=world.AT, acting_user="sato")
    assert queries.plan(earlier) == queries.plan(again)
    assert queries.certificate(earlier) == queries.certificate(again)
    assert (queries.certificate(earlier)["plan"], queries.certificate(earlier)["carries_out_again"]) == (again, earlier)
    with pytest.raises(SekishoError, match=r"retention\.unknown-plan"):
        queries.plan("erase-nothing")
