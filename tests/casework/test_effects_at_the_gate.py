"""A stop that was granted binds the next decision, every list's recheck, and tells the recipients; authorities stay unseen."""

import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import answers_world
import effects_world
import pypdfium2
import pytest
from django.db import connection

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.queries import packages
from sekisho.casework.subject_requests.queries.effects import given_of, recipients_of
from sekisho.casework.subject_requests.queries.gathering_registers import registered
from sekisho.casework.subject_requests.rules.answering import EffectKind
from sekisho.casework.subject_requests.rules.deciding import Answer, Decides
from sekisho.casework.subject_requests.rules.effects import Correction
from sekisho.engine.gate.ask import Act, Ask, BulkAsk, Permit
from sekisho.registers.consents.queries import ConsentKind, standing_of
from sekisho.registers.decisions.actions import decide, decide_many, stop_sealing
from sekisho.registers.policies import queries as policies
from sekisho.registers.recipients.actions import NewRecipient, register
from sekisho.registers.retention import actions as retention

TESTS = Path(__file__).resolve().parents[1]


UNPAID = {"bill.unpaid_yen": 3300, "bill.due_on": "2026-10-31", "settled": False}


def loaded(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def carrier(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Any]:
    settings.HOME = tmp_path
    module = loaded("decisions_world", TESTS / "registers" / "decisions" / "conftest.py")
    world = module.build()
    yield type("Carrier", (), {"AT": world.at, "world": world})
    stop_sealing()
    connection.close()


def answer(carrier: Any, kind: str, *lines: dict[str, object]) -> str:
    return effects_world.sent_answer(carrier, kind=kind, person=carrier.world.hana, lines=lines)


def use(carrier: Any, **changes: Any) -> Ask:
    base = Ask(
        actor=carrier.world.clerk,
        act=Act.USE,
        data_subjects=(carrier.world.hana,),
        items=("identity.name", "identity.address"),
        purpose="support",
        at=carrier.AT,
    )
    return replace(base, **changes)


def assignment(carrier: Any) -> Ask:
    return use(
        carrier,
        act=Act.THIRD_PARTY_PROVISION,
        items=("identity.name", "bill.unpaid_yen"),
        purpose="arrears_assignment",
        recipient="r-assignee",
        resource={"bill.due_on": carrier.AT.date() - timedelta(days=60), "bill.unpaid_yen": 3300},
    )


def permitted(ask: Ask) -> bool:
    return isinstance(decide(ask).decision, Permit)


def codes(ask: Ask) -> set[str]:
    decision = decide(ask).decision
    return set() if isinstance(decision, Permit) else {reason.code for reason in decision.reasons}


def test_the_very_next_decision_refuses(carrier: Any) -> None:
    asked = use(carrier, purpose="billing")
    assert permitted(asked)
    ref = answer(carrier, "suspension", effects_world.line("identity", effect="stop"))
    assert permitted(asked)
    assert actions.bring_about(answer_ref=ref, at=carrier.AT, acting_user="sato")
    assert "gate.restricted" in codes(asked)


def test_a_part_granted_stops_what_is_not_needed_for_what_is_kept(carrier: Any) -> None:
    lines = (effects_world.line("inquiry", effect="stop"), effects_world.line("identity", answer="refuse"))
    actions.bring_about(answer_ref=answer(carrier, "suspension", *lines), at=carrier.AT, acting_user="sato")
    assert permitted(use(carrier, purpose="billing"))
    stands = standing_of(carrier.world.hana, carrier.AT)
    assert stands.has(ConsentKind.RESTRICTED, "analysis")
    assert not stands.has(ConsentKind.RESTRICTED, "billing")


def test_one_class_stops_for_one_purpose_and_all_else_goes_on(carrier: Any) -> None:
    lines = (
        effects_world.line("identity", effect="stop", purposes=["support"]),
        effects_world.line("bill", answer="unasked"),
    )
    assert permitted(use(carrier))
    actions.bring_about(answer_ref=answer(carrier, "suspension", *lines), at=carrier.AT, acting_user="sato")
    assert codes(use(carrier)) == {"gate.restricted"}
    assert permitted(use(carrier, purpose="billing"))
    assert permitted(use(carrier, purpose="billing", items=("bill.charge",), resource=UNPAID))
    asked = BulkAsk(actor=carrier.world.clerk, act=Act.USE, items=("identity.name",), purpose="support", at=carrier.AT)
    stopped = [codes(use(carrier, items=("identity.name",))), carrier.world.hana in allowed(asked)]
    assert stopped == [{"gate.restricted"}, False]
    assert carrier.world.ken in allowed(asked)
    assert carrier.world.hana in allowed(replace(asked, purpose="billing"))


def test_what_only_law_keeps_is_used_for_nothing_though_nothing_was_erased(carrier: Any) -> None:
    lines = (
        effects_world.line("bill", answer="refuse", effect="stop"),
        effects_world.line("identity", answer="unasked"),
    )
    billed = use(carrier, purpose="billing", items=("bill.charge",), resource=UNPAID)
    assert permitted(billed)
    ref = answer(carrier, "suspension", *lines)
    assert actions.bring_about(answer_ref=ref, at=carrier.AT, acting_user="sato")
    assert [(one.kind, one.target) for one in queries.effects_of(ref)] == [(EffectKind.USE_STOP, "*/bill")]
    assert codes(billed) == {"gate.restricted"}
    assert permitted(use(carrier, purpose="billing"))


def allowed(ask: BulkAsk) -> set[str]:
    """Who may be used, of everybody."""
    return set(decide_many(ask).permitted.to_pylist())


def test_nothing_granted_stops_nothing(carrier: Any) -> None:
    ref = answer(carrier, "suspension", effects_world.line("identity", answer="refuse"))
    assert actions.bring_about(answer_ref=ref, at=carrier.AT, acting_user="sato")
    assert queries.effects_of(ref) == ()
    assert permitted(use(carrier, purpose="billing"))


def test_a_stop_of_provision_binds_at_once_and_the_recipient_is_told_and_chased(carrier: Any) -> None:
    asked = assignment(carrier)
    assert permitted(asked)
    ref = answer(carrier, "provision_stop", effects_world.line("identity"), effects_world.line("bill"))
    actions.bring_about(answer_ref=ref, at=carrier.AT, acting_user="sato")
    assert "gate.provision-stopped" in codes(asked)
    (word,) = queries.words(unconfirmed_only=True)
    assert (word.recipient, word.chased) == ("r-assignee", 0)
    document = pypdfium2.PdfDocument(actions.open_letter(ref=word.letter, account="s-1", at=carrier.AT))
    told = "".join(page.get_textpage().get_text_range() for page in document)
    assert "債権回収の会社　御中" in told.replace("\r\n", "")
    assert "関所 花" in told
    assert "第三者への提供をやめます" in told.replace("\r\n", "")
    late = carrier.AT + timedelta(days=(word.due_on - word.told_on).days + 1)
    assert [actions.chase_recipients(at=late, acting_user="job") for _ in range(2)] == [1, 0]
    confirmed = {"answer_ref": ref, "recipient": "r-assignee", "on": late.date(), "at": late, "acting_user": "sato"}
    actions.confirm_recipient(**confirmed)
    assert queries.words(unconfirmed_only=True) == ()
    assert actions.chase_recipients(at=late + timedelta(days=60), acting_user="job") == 0


def test_what_authorities_asked_for_is_in_no_list_of_recipients(carrier: Any) -> None:
    """Twins: the one was the object of an inquiry, the other was not."""
    from sekisho.registers.decisions.models import SealedDecision

    assert permitted(assignment(carrier))
    twin = [(one.recipient, one.items) for one in given_of(carrier.world.hana)]
    policy = policies.in_force(carrier.AT)
    disclosed = registered(carrier.world.hana, policy, carrier.AT, key=b"test")
    register(
        recipients=[NewRecipient(ref="r-police", kind="authority", label="架空警察署")], at=carrier.AT, acting_user="t"
    )
    row = SealedDecision.objects.get()
    assert row.record is not None
    told = dict(row.record) | {"recipient": "r-police", "grounds": ["E1"], "claims": ["claim-1"]}
    row.pk, row.position, row.record = None, 1, told
    row.save()
    assert [(one.recipient, one.items) for one in given_of(carrier.world.hana)] == twin
    assert recipients_of(carrier.world.hana, ()) == ("r-assignee",)
    assert registered(carrier.world.hana, policy, carrier.AT, key=b"test") == disclosed
    assert "provisions" in {one.table for one in disclosed.tables}


def test_a_list_that_was_built_before_drops_the_person_when_it_is_rechecked(
    tmp_path: Path, settings: Any, transactional_db: None
) -> None:
    module = loaded("list_world", TESTS / "registers" / "lists" / "list_world.py")
    settings.HOME = tmp_path / "home"
    module.write_stores(settings.HOME)
    module.fill_registers()
    from sekisho.registers.lists import actions as lists
    from sekisho.registers.lists.queries import Wanted, file_of

    row = lists.build_list(Wanted(purpose="campaign", actor=module.ANALYST, at=module.AT, channel="mail"))
    person, later = module.ref(20), module.AT + timedelta(minutes=1)
    lines = [effects_world.line("identity", effect="stop")]
    ref = effects_world.sent_answer(module, kind="suspension", person=person, lines=lines)
    actions.bring_about(answer_ref=ref, at=module.AT, acting_user="sato")
    found = lists.recheck(path=file_of(row.ref), manifest=row.manifest, at=later, acting_user=module.ANALYST)
    assert [one.person for one in found.dropped] == [person]
    assert (
        lists.build_list(Wanted(purpose="campaign", actor=module.ANALYST, at=later, channel="mail")).rows
        == row.rows - 1
    )


def test_from_what_the_clerk_records_to_every_copy_by_an_answer_that_two_agreed_on(
    tmp_path: Path, settings: Any, transactional_db: None
) -> None:
    world, right = answers_world.carrier(), "𠮷田 華乃"
    settings.HOME = tmp_path / "home"
    world.write_stores(settings.HOME)
    world.fill_registers()
    case = answers_world.ready(world, "correction")
    told = Correction(**effects_world.wrong_name(world, right))  # type: ignore[arg-type]
    actions.record_correction(reference=case, correction=told, at=world.AT, acting_user="sato")
    ground = actions.Decision(item="identity.name", place="", answer=Answer.GRANT, ground="not_true")
    ref = answers_world.drafted(world, case, [ground])
    answers_world.sent(world, ref)
    assert effects_world.brought_about(world, ref)
    customers = [row for row in world.state(settings.HOME)["crm.customers"] if world.customer_no(0) in row]
    assert [right in row for row in customers] == [True]
    assert queries.case(case).outcome == "granted"


def test_who_received_a_list_with_the_person_is_told_and_what_nobody_knows_is_said(carrier: Any) -> None:
    from sekisho.casework.subject_requests.queries.telling import unknown_lists
    from sekisho.registers.lists.models import EligibleList
    from sekisho.registers.lists.queries.members import key_of, marks_of
    from sekisho.registers.lists.rules.members import marks

    told: dict[str, Any] = dict.fromkeys(("epoch", "people", "rows", "bytes"), 0) | {
        name: [] for name in ("waterfall", "withheld", "carried")
    }
    for number, kind in ((1, "known"), (2, "unknown")):
        ref = f"L-2026-000{number}"
        EligibleList.objects.create(
            ref=ref, kind="campaign", purpose="arrears_assignment", act="third_party_provision", items=["bill.unpaid_yen"],
            recipient="r-assignee", identifier="customer_no", policy="p@1", needs_approval=False, built_at=carrier.AT,
            expires_at=carrier.AT, handed_over_at=carrier.AT, gone_at=carrier.AT, gone_why="taken", **told,
        )  # fmt: skip
        if kind == "known":
            for path, content in ((key_of(ref), b"k" * 32), (marks_of(ref), marks(b"k" * 32, [carrier.world.hana]))):
                path.parent.mkdir(parents=True)
                path.write_bytes(content)
    assert [one.items for one in given_of(carrier.world.hana)] == [("bill.unpaid_yen",)]
    assert recipients_of(carrier.world.hana, ["bill"]) == ("r-assignee",)
    assert recipients_of(carrier.world.hana, ["identity"]) == ()
    assert recipients_of("p-somebody-else", ()) == ()
    (sentence,) = unknown_lists(carrier.AT, "ja")
    assert sentence.startswith("債権回収の会社に渡した名簿1件")


def test_what_a_hold_keeps_is_not_erased_and_is_used_for_nothing(
    tmp_path: Path, settings: Any, transactional_db: None
) -> None:
    world = answers_world.carrier()
    settings.HOME = tmp_path / "home"
    world.write_stores(settings.HOME)
    world.fill_registers()
    held = {"ground": "RET-1", "source": "court order 1", "placed_on": world.ON, "person": world.HANA}
    retention.place_hold(**held, at=world.AT, acting_user="mori", approved_by="abe")
    case = answers_world.ready(world, "suspension")
    lines = queries.open_lines(case, world.AT)
    assert {(one.weighed.decides, one.weighed.is_only_kept) for one in lines} == {(Decides.KEEPING, True)}
    ref = answers_world.drafted(world, case)
    assert "どの目的にも使いません" in letter_of(ref, world.AT)
    answers_world.sent(world, ref)
    assert queries.case(case).outcome == "partial"
    assert {one.kind for one in queries.effects_of(ref)} == {EffectKind.USE_STOP}
    stands = standing_of(world.HANA, world.AT)
    for purpose in policies.in_force(world.AT).purposes:
        assert all(stands.is_stopped(purpose, one.item.partition(".")[0]) for one in lines)
    assert not stands.is_stopped("billing", "shareholder")


def letter_of(ref: str, at: datetime) -> str:
    content = actions.open_answer(ref=ref, account="account:2", at=at)
    files = packages.unzipped(content)
    return answers_world.flat(files[packages.letter_name(files)])
