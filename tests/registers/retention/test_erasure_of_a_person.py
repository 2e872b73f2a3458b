"""One person leaves all five stores; everybody else's rows stay exactly as they were."""

import contextlib
import json
import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sekisho.connectors import residue
from sekisho.engine.errors import SekishoError
from sekisho.evidence import actions as evidence
from sekisho.evidence import queries as ledger
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.identities import queries as identities
from sekisho.registers.retention import actions, jobs, queries
from sekisho.registers.retention.actions import sealing
from sekisho.registers.retention.rules import PlanStatus

VERIFIER = Path(__file__).resolve().parents[3] / "verifier" / "sekisho_verify.py"


def erase(world: ModuleType, person: str) -> queries.PlanRecord:
    plan = world.propose_and_approve(person)
    assert actions.run_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.DONE
    assert actions.verify_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.VERIFIED
    actions.certify_plan(plan=plan, at=world.AT, acting_user="sato")
    return queries.plan(plan)


def rows(state: dict[str, list[str]], table: str) -> list[dict[str, Any]]:
    return [json.loads(row) for row in state[table]]


def test_the_erased_number_is_nowhere_and_others_rows_are_untouched(world: ModuleType, home: Path) -> None:
    before = world.state(home)
    erase(world, world.HANA)
    after = world.state(home)
    needles = {"number": (world.NUMBER, "090-0123-4567"), "name": (world.NAME,), "mail": (world.MAIL,)}
    for system in datamap.current().systems.values():
        assert list(residue.find(system.kind, datamap.located(system), needles)) == []
    assert set(before["crm.customers"]) - set(after["crm.customers"]) == {
        row for row in before["crm.customers"] if world.customer_no(0) in row
    }
    assert set(after["crm.customers"]) <= set(before["crm.customers"])
    assert after["crm.identity_records"] == before["crm.identity_records"]
    assert len(before["hr.applicants"]) - len(after["hr.applicants"]) == 1
    assert len(after["cdr.calls"]) == len(before["cdr.calls"])


def test_a_call_keeps_its_other_party(world: ModuleType, home: Path) -> None:
    calls = {row["call_id"]: row for row in rows(world.state(home), "cdr.calls")}
    erase(world, world.HANA)
    changed = [row for row in rows(world.state(home), "cdr.calls") if row != calls[row["call_id"]]]
    assert changed
    for row in changed:
        old = calls[row["call_id"]]
        assert row["started_at"] == old["started_at"]
        if old["caller"] in {world.NUMBER, world.AGAIN}:
            assert (row["caller"], row["cell"], row["callee"]) == (None, None, old["callee"])
        else:
            assert (row["caller"], row["cell"], row["callee"]) == (old["caller"], old["cell"], None)


def test_the_next_holder_of_a_recycled_number_keeps_theirs(world: ModuleType, home: Path) -> None:
    before = world.state(home)
    erase(world, world.HANA)
    after = world.state(home)
    theirs = [row for row in before["cdr.calls"] if world.AGAIN in row and "2026-10" in row]
    assert theirs
    assert set(theirs) <= set(after["cdr.calls"])
    assert not [row for row in after["cdr.calls"] if world.AGAIN in row and "2026-06" in row]
    tickets = {row["ticket_no"]: row["body"] for row in rows(after, "support.tickets")}
    assert tickets["T0005"] == "080-0234-5678 は今わたしの番号です"
    assert tickets["T0004"] == "■■■ は当時の持ち主へ"
    assert identities.person_of("number", world.AGAIN, world.AT) == world.NEXT


def test_mentions_in_other_peoples_text_go_and_their_own_words_stay(world: ModuleType, home: Path) -> None:
    erase(world, world.HANA)
    tickets = {row["ticket_no"]: row["body"] for row in rows(world.state(home), "support.tickets")}
    assert tickets["T0002"] == "知人の■■■から着信。■■■さんです。"
    assert tickets["T0003"] == "■■■ と ■■■ と■■■"
    assert "T0001" not in tickets
    assert "T0009" not in tickets


def test_a_namesake_is_left_alone(world: ModuleType, home: Path) -> None:
    erase(world, world.KEN)
    after = world.state(home)
    assert [row["customer_no"] for row in rows(after, "crm.customers") if row["name"] == world.SHARED_NAME] == [
        world.customer_no(3)
    ]
    assert any(world.SHARED_NAME in row for row in after["support.tickets"])


def test_what_law_and_an_unpaid_claim_keep_is_listed_with_its_day_and_article(world: ModuleType, home: Path) -> None:
    done = erase(world, world.KEN)
    kept = {(one.table, one.item): one for one in done.retained}
    record = kept["identity_records", "identity_record.document_no"]
    assert (record.until, record.article) == (date(2029, 6, 30), "携帯電話不正利用防止法第4条第2項")
    assert any(one.until is None and "債権" in one.says for one in done.retained if one.table == "invoices")
    after = world.state(home)
    assert [row for row in after["crm.identity_records"] if world.customer_no(1) in row]
    numbers = [row["number"] for row in rows(after, "billing.invoices") if row["customer_no"] == world.customer_no(1)]
    assert sorted(numbers, key=str) == sorted([None, world.KENS], key=str)  # the unpaid one keeps all
    assert sealing.has_key(done.ref)
    assert queries.requeued(date(2029, 7, 1))


def test_what_was_kept_comes_back_when_its_day_is_over_and_then_the_seal_dies(world: ModuleType, home: Path) -> None:
    first = erase(world, world.HANA)  # two invoices stay, until 2031-03-31 and 2033-03-31
    early = datetime(2031, 3, 31, 3, tzinfo=UTC)
    assert jobs.resume(early) == ()
    late = datetime(2033, 4, 1, 3, tzinfo=UTC)
    (again,) = jobs.resume(late)
    assert again != first.ref
    for by in ("mori", "abe"):
        actions.approve_plan(plan=again, sha256=queries.plan(again).sha256, by=by, at=late)
    actions.run_plan(plan=again, at=late, acting_user="sato")
    assert actions.verify_plan(plan=again, at=late, acting_user="sato") is PlanStatus.VERIFIED
    actions.certify_plan(plan=again, at=late, acting_user="sato")
    assert queries.plan(again).retained == ()
    assert not [row for row in world.state(home)["billing.invoices"] if world.customer_no(0) in row]
    assert not sealing.has_key(again)
    assert not sealing.has_key(first.ref)


def test_the_certificate_holds_no_personal_value_and_is_accepted_offline(
    world: ModuleType, home: Path, tmp_path: Path
) -> None:
    done = erase(world, world.HANA)
    while evidence.sequence(at=world.AT, holder="test").more:
        pass
    certificate = ledger.certificate(done.entry, queries.certificate(done.ref))
    text = json.dumps(certificate, ensure_ascii=False)
    for value in (world.NUMBER, world.AGAIN, world.NAME, world.KANA, world.MAIL, world.customer_no(0)):
        assert value not in text
    file = tmp_path / "certificate.json"
    file.write_text(text, encoding="utf-8")
    ran = subprocess.run([sys.executable, str(VERIFIER), str(file)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    body = certificate["body"]
    assert isinstance(body, dict)
    file.write_text(json.dumps(certificate | {"body": body | {"policy": "other@1"}}), encoding="utf-8")
    assert subprocess.run([sys.executable, str(VERIFIER), str(file)], capture_output=True, check=False).returncode


def test_everything_of_the_person_stops_with_the_second_approval(world: ModuleType) -> None:
    plan = actions.propose_plan(person=world.HANA, reason="request", at=world.AT, acting_user="sato")
    sha256 = queries.plan(plan).sha256
    actions.approve_plan(plan=plan, sha256=sha256, by="mori", at=world.AT)
    assert not identities.suppressed(world.HANA, world.AT)
    with pytest.raises(SekishoError, match=r"retention\.same-approver"):
        actions.approve_plan(plan=plan, sha256=sha256, by="mori", at=world.AT)
    with pytest.raises(SekishoError, match=r"retention\.plan-changed"):
        actions.approve_plan(plan=plan, sha256="0" * 64, by="abe", at=world.AT)
    with pytest.raises(SekishoError, match=r"retention\.wrong-state"):
        actions.run_plan(plan=plan, at=world.AT, acting_user="sato")
    actions.approve_plan(plan=plan, sha256=sha256, by="abe", at=world.AT)
    assert identities.suppressed(world.HANA, world.AT)


def test_the_hold_window_is_waited_for(world: ModuleType) -> None:
    plan = actions.propose_plan(person=world.HANA, reason="request", at=world.AT, acting_user="sato")
    for by in ("mori", "abe"):
        actions.approve_plan(
            plan=plan, sha256=queries.plan(plan).sha256, by=by, at=world.AT, hold_window=timedelta(days=7)
        )
    with pytest.raises(SekishoError, match=r"retention\.hold-window"):
        actions.run_plan(plan=plan, at=world.AT + timedelta(days=6), acting_user="sato")
    assert actions.run_plan(plan=plan, at=world.AT + timedelta(days=7), acting_user="sato") is PlanStatus.DONE


def test_a_store_that_refuses_leaves_it_partly_done_with_a_clock_and_the_identity_map_whole(
    world: ModuleType, home: Path
) -> None:
    plan = world.propose_and_approve(world.HANA)
    support = home / "systems" / "support"
    support.rename(home / "elsewhere")
    assert actions.run_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.PARTLY
    partly = queries.plan(plan)
    assert "connector.unreachable" in partly.why
    assert partly.retry_at is not None
    assert identities.identifiers_of(world.HANA)
    with pytest.raises(SekishoError, match=r"retention\.wrong-state"):
        actions.verify_plan(plan=plan, at=world.AT, acting_user="sato")
    (home / "elsewhere").rename(support)
    assert jobs.resume(partly.retry_at) == (plan,)
    assert queries.plan(plan).status is PlanStatus.VERIFIED
    assert not identities.identifiers_of(world.HANA)


def test_what_the_reader_still_finds_makes_it_partly_done(world: ModuleType, home: Path) -> None:
    plan = world.propose_and_approve(world.HANA)
    actions.run_plan(plan=plan, at=world.AT, acting_user="sato")
    (home / "systems" / "cdr" / "left-over.txt").write_text(f"callback {world.NUMBER}", encoding="utf-8")
    assert actions.verify_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.PARTLY
    verification = queries.plan(plan).verification
    assert verification is not None
    assert {one["location"] for place in verification["places"] for one in place["residue"]} == {"left-over.txt"}
    with pytest.raises(SekishoError, match=r"retention\.not-verified"):
        actions.certify_plan(plan=plan, at=world.AT, acting_user="sato")


def test_what_was_found_is_erased_again_with_the_next_try(world: ModuleType, home: Path) -> None:
    plan = world.propose_and_approve(world.HANA)
    actions.run_plan(plan=plan, at=world.AT, acting_user="sato")
    with (
        contextlib.closing(sqlite3.connect(home / "systems" / "hr.sqlite3")) as hr,
        hr,
    ):  # an old interface sends it anew
        hr.execute(
            "INSERT INTO applicants (applicant_no, name, decided_on) VALUES ('A00000', ?, '2024-01-01')", [world.NAME]
        )
    assert actions.verify_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.PARTLY
    retry_at = queries.plan(plan).retry_at
    assert retry_at is not None
    assert jobs.resume(retry_at) == (plan,)
    assert queries.plan(plan).status is PlanStatus.VERIFIED
    assert not [row for row in world.state(home)["hr.applicants"] if world.NAME in row]


def test_our_own_exports_are_looked_at_too(world: ModuleType, home: Path) -> None:
    plan = world.propose_and_approve(world.HANA)
    actions.run_plan(plan=plan, at=world.AT, acting_user="sato")
    (home / "exports").mkdir()
    (home / "exports" / "list.csv").write_text(f"{world.MAIL}\n", encoding="utf-8")
    assert actions.verify_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.PARTLY


def test_a_hold_placed_after_the_plan_stops_it(world: ModuleType) -> None:
    plan = world.propose_and_approve(world.HANA)
    hold = actions.place_hold(
        ground="RET-1",
        source="court order 1",
        placed_on=world.ON,
        until=None,
        at=world.AT,
        acting_user="mori",
        approved_by="abe",
        person=world.HANA,
    )
    with pytest.raises(SekishoError, match=r"retention\.plan-overtaken"):
        actions.run_plan(plan=plan, at=world.AT, acting_user="sato")
    actions.release_hold(hold=hold, at=world.AT, acting_user="mori")
    assert actions.run_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.DONE


def test_a_hold_needs_a_ground_this_policy_promises(world: ModuleType) -> None:
    with pytest.raises(SekishoError, match=r"retention\.ground-not-promised"):
        actions.place_hold(
            ground="RET-3",
            source="business",
            placed_on=world.ON,
            until=None,
            at=world.AT,
            acting_user="mori",
            approved_by="abe",
        )


def test_the_seal_lives_while_anything_is_retained_and_dies_with_a_withdrawn_plan(
    world: ModuleType, home: Path
) -> None:
    assert sealing.has_key(erase(world, world.HANA).ref)  # two invoices are kept by law: they must be found again
    plan = world.propose_and_approve("P-20")
    actions.withdraw_plan(plan=plan, at=world.AT, acting_user="sato")
    assert not sealing.has_key(plan)
    with pytest.raises(SekishoError, match=r"retention\.seal-lost"):
        sealing.unseal(plan, b"x")


def test_each_step_is_in_the_ledger_once_with_its_counts(world: ModuleType) -> None:
    done = erase(world, world.HANA)
    logged = [one.body for one in ledger.records(kinds=["retention.step-done"], newest=500)]
    assert len(logged) == len(done.steps)
    assert {(body["step"], body["before"], body["after"]) for body in logged} == {
        (step.ordinal, step.before, 0) for step in done.steps
    }


class Died(BaseException):
    """The process, as far as the code under test can tell."""


def test_dying_after_the_work_of_every_step_keeps_the_first_count(world: ModuleType) -> None:
    plan = world.propose_and_approve(world.HANA)
    died: set[str] = set()

    def die_once(point: str) -> None:
        if point.endswith(".worked") and point not in died:
            died.add(point)
            raise Died

    for _ in range(100):
        with contextlib.suppress(Died):
            if actions.run_plan(plan=plan, at=world.AT, acting_user="sato", reached=die_once) is PlanStatus.DONE:
                break
    record = queries.plan(plan)
    assert len(died) == len(record.steps)
    assert [one.before for one in record.steps][:3] == [0, 6, 3]
    assert len(ledger.records(kinds=["retention.step-done"], newest=500)) == len(record.steps)


def test_why_says_the_reason_with_clause_and_article(world: ModuleType) -> None:
    answer = queries.why(world.KEN, at=world.AT)
    record = next(one for one in answer.held if one.table == "identity_records")
    said = record.as_json()
    assert said["keep_until"] == "2029-06-30"
    assert isinstance(said["because"], list)
    assert {reason["rule"] for reason in said["because"]} == {"floor", "policy"}
    assert answer.held[0].keep.until is None  # the unpaid bill stands first


def test_a_confidential_hold_is_never_told(world: ModuleType) -> None:
    before = [one.as_json() for one in queries.why(world.KEN, at=world.AT).held]
    actions.place_hold(
        kind="preservation",
        source="preservation request",
        placed_on=world.ON,
        at=world.AT,
        acting_user="hino",
        approved_by="abe",
        person=world.KEN,
        is_confidential=True,
    )
    assert [one.as_json() for one in queries.why(world.KEN, at=world.AT).held] == before
    assert (
        queries.past_retention(
            "identity.name", "customer", {"contract_end": date(2000, 1, 1)}, world.ON, at=world.AT, person=world.KEN
        )
        is True  # the hold keeps the rows and opens nothing: the gate answers as of anybody
    )
