"""A bulk run answers everybody and is sealed as one record, without naming anybody."""

import hashlib
from typing import Any

import pyarrow as pa

from sekisho.engine.gate.ask import Act, BulkAsk
from sekisho.registers.consents.actions import NewConsent, record
from sekisho.registers.consents.rules import ConsentKind
from sekisho.registers.decisions import queries
from sekisho.registers.decisions.actions import decide_many
from sekisho.registers.decisions.actions.bulk import result_sha256


def ask(world: Any) -> BulkAsk:
    return BulkAsk(actor=world.clerk, act=Act.USE, items=("identity.name",), purpose="billing", at=world.at)


def test_everybody_is_answered_and_one_record_is_sealed(world: Any) -> None:
    answer = decide_many(ask(world))
    assert dict(zip(answer.refs.to_pylist(), answer.decision.effect.tolist(), strict=True)) == {
        "p-hana": 0,
        "p-ken": 0,
        "p-child": 0,
    }
    [sealed] = queries.sealed(answers=["bulk"])
    assert sealed.evidence == answer.evidence
    assert sealed.record["epoch"] == answer.epoch
    assert sealed.record["counts"] == {"permit": 3, "needs_consent": 0, "needs_approval": 0, "refuse": 0}
    assert sealed.record["result_sha256"] == hashlib.sha256(b"p-hana\np-ken\np-child\n").hexdigest()
    assert not any(ref in str(sealed.record) for ref in ("p-hana", "p-ken", "p-child"))


def test_a_withdrawal_binds_the_next_run_and_the_waterfall_says_where(world: Any) -> None:
    before = decide_many(ask(world))
    withdrawal = NewConsent(
        person=world.hana,
        kind=ConsentKind.ACCEPTED_PURPOSE,
        scope="*",
        given=False,
        notice_era="arlink@1.0",
        channel="web",
        at=world.at,
    )
    epoch = record(consent=withdrawal, at=world.at, acting_user="test")
    after = decide_many(ask(world), [world.hana, world.ken])
    assert (before.epoch + 1, before.counts["permit"]) == (epoch, 3)
    assert (after.epoch, after.permitted.to_pylist()) == (epoch, [world.ken])
    assert [(lost.code, lost.count, lost.failing) for lost in after.waterfall] == [("gate.purpose-accepted", 1, 1)]
    assert after.result_sha256 != before.result_sha256


def test_the_hash_of_a_result_is_that_of_its_lines() -> None:
    refs = pa.array(["a", "関所", "c"]).slice(1)
    assert result_sha256(refs) == hashlib.sha256("関所\nc\n".encode()).hexdigest()
    assert result_sha256(refs.slice(0, 0)) == hashlib.sha256(b"").hexdigest()
