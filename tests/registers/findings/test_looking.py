"""A look is kept without values, held against the map, and stands on the board; the rows nobody sorted form a queue."""

import json
import sqlite3
from datetime import date, timedelta
from pathlib import Path

import discovery_world as world
import pytest
from discovery_world import AT
from pytest_django.fixtures import Settings

from sekisho.engine.errors import SekishoError
from sekisho.engine.policy.model import Clause
from sekisho.evidence.models import Entry
from sekisho.evidence.proof import Verdict
from sekisho.registers.findings import actions, proofs, queries
from sekisho.registers.findings.models import ColumnLook, DiscoveryRun, Finding
from sekisho.registers.findings.rules.standing import Standing
from sekisho.registers.policies.queries import in_force

OLD_MAIL, MEMO = "crm.people.old_mail", "crm.people.memo"


@pytest.fixture
def home(db: None, settings: Settings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    world.build(tmp_path)
    return tmp_path


def _clause(id_: str) -> Clause:
    return in_force(AT).clauses[id_]


def _look() -> actions.Looked:
    return actions.look(at=AT, acting_user="test")


def test_what_the_map_does_not_say_is_an_alarm_with_a_proposal(home: Path) -> None:
    looked = _look()
    assert (looked.tables, looked.reread, looked.unread) == (2, 2, {})
    assert {one.name: one.standing for one in queries.alarms()} == {OLD_MAIL: Standing.OPEN, MEMO: Standing.OPEN}
    mail, memo = queries.place(OLD_MAIL), queries.place(MEMO)
    assert [one.type for one in mail.found] == ["mail_address"]
    assert (mail.is_in_map, memo.is_in_map) == (False, True)
    assert queries.proposal(mail, AT).line == "old_mail: identity.mail"
    assert queries.proposal(memo, AT).line == "memo: {item: identity.phone, free_text: true}"


def test_nothing_that_is_kept_holds_a_value(home: Path) -> None:
    _look()
    kept = json.dumps(
        [list(model.objects.values()) for model in (ColumnLook, DiscoveryRun, Finding)],
        default=str,
        ensure_ascii=False,
    ) + "".join(bytes(one.leaf).decode() for one in Entry.objects.all())
    assert "mail_address" in kept
    for value in ("090-1234", "09012340", "090-8765", "old1@", "example.jp"):
        assert value not in kept


def test_the_board_is_broken_by_an_alarm_and_kept_when_the_map_says_it(home: Path) -> None:
    assert proofs.only_listed_data(at=AT, clause=_clause("B-35")).verdict is not Verdict.KEPT
    _look()
    broken = proofs.only_listed_data(at=AT, clause=_clause("B-35"))
    assert broken.verdict is Verdict.BROKEN
    assert MEMO in broken.why
    actions.accept(place=OLD_MAIL, item="identity.mail", at=AT, acting_user="test")
    actions.accept(place=MEMO, item="identity", at=AT, acting_user="test")
    assert [one.standing for one in queries.alarms()] == [Standing.ACCEPTED] * 2
    patch = queries.patch(AT)
    assert "+          old_mail: identity.mail" in patch
    assert "-          memo: {item: none" in patch
    assert proofs.only_listed_data(at=AT, clause=_clause("B-35")).verdict is Verdict.BROKEN  # not in the map yet
    world.adopt(_applied(patch, home))
    assert queries.alarms() == ()
    assert proofs.only_listed_data(at=AT, clause=_clause("B-35")).verdict is Verdict.KEPT
    assert proofs.only_listed_data(at=AT + timedelta(days=8), clause=_clause("B-35")).verdict is Verdict.UNPROVEN
    assert queries.patch(AT) == ""


def test_a_dismissal_needs_a_reason_and_ends_with_the_rule(home: Path) -> None:
    _look()
    with pytest.raises(SekishoError) as refused:
        actions.dismiss(place=MEMO, reason=" ", at=AT, acting_user="test")
    assert refused.value.code == "findings.no-reason"
    actions.dismiss(place=MEMO, reason="店舗の代表番号", at=AT, acting_user="test")
    assert queries.place(MEMO).standing is Standing.DISMISSED
    assert [one.name for one in queries.alarms()] == [OLD_MAIL]
    Finding.objects.filter(column="memo").update(rule="older")
    again = queries.place(MEMO)
    assert (again.standing, again.lapsed) == (Standing.OPEN, True)


def test_answers_leave_evidence_without_the_reasons_words(home: Path) -> None:
    _look()
    actions.dismiss(place=MEMO, reason="山田商店の代表番号", at=AT, acting_user="test")
    leaf = bytes(Entry.objects.get(kind="findings.dismissed").leaf).decode()
    assert MEMO in leaf
    assert "山田" not in leaf
    with pytest.raises(SekishoError) as refused:
        actions.accept(place=MEMO, item="identity.shoe", at=AT, acting_user="test")
    assert refused.value.code == "findings.unknown-item"


def test_what_is_gone_is_gone_and_what_cannot_be_read_is_said(home: Path) -> None:
    _look()
    with sqlite3.connect(home / "crm.sqlite3") as connection:
        connection.execute("ALTER TABLE people DROP COLUMN old_mail")
    connection.close()
    changed = actions.look(at=AT, acting_user="test", systems=["crm"]).changes
    assert [(one.what, one.place) for one in changed] == [("gone", OLD_MAIL)]
    (home / "desk.sqlite3").rename(home / "away")
    assert _look().unread == {"desk": "connector.unreachable"}
    assert proofs.only_listed_data(at=AT, clause=_clause("B-35")).verdict is Verdict.BROKEN  # the memo is still there
    with pytest.raises(SekishoError) as refused:
        actions.look(at=AT, acting_user="test", systems=["nowhere"])
    assert refused.value.code == "findings.unknown-system"


def test_rows_nobody_sorted_form_a_queue_and_its_count_is_the_proof(home: Path) -> None:
    (one,) = queries.queue(AT).tables
    assert (one.table, one.columns, one.rows, one.unsorted, one.overdue) == ("letters", ("mail", "body"), 3, 2, 0)
    assert proofs.catch_all_sorted(at=AT, clause=_clause("B-46")).verdict is Verdict.KEPT
    tomorrow = AT + timedelta(days=1)
    (late,) = queries.queue(tomorrow).tables
    assert (late.overdue, late.oldest) == (1, date(2026, 10, 24))
    broken = proofs.catch_all_sorted(at=tomorrow, clause=_clause("B-46"))
    assert (broken.verdict, "desk.letters" in broken.why) == (Verdict.BROKEN, True)
    with sqlite3.connect(home / "desk.sqlite3") as connection:
        connection.execute("UPDATE letters SET sorted_on = '2026-11-24' WHERE no = 'L3'")
    connection.close()
    assert proofs.catch_all_sorted(at=tomorrow, clause=_clause("B-46")).verdict is Verdict.KEPT


def _applied(patch: str, folder: Path) -> str:
    """The map with the diff, as git applies it."""
    import subprocess

    (folder / "datamap.yaml").write_text(world.MAP, encoding="utf-8")
    (folder / "map.diff").write_text(patch, encoding="utf-8")
    subprocess.run(["git", "apply", "--unsafe-paths", "map.diff"], cwd=folder, check=True)
    return (folder / "datamap.yaml").read_text(encoding="utf-8")
