"""An answer's way on real stores: drafted, approved by a second person for exactly these bytes, sent once, provable."""

import json
import shutil
import subprocess
import sys
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import answers_world as aw
import pytest

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.actions import Decision
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.answering import AnswerState
from sekisho.casework.subject_requests.rules.deciding import Answer
from sekisho.engine.errors import SekishoError
from sekisho.evidence import actions as ledger
from sekisho.evidence import queries as evidence

VERIFIER = Path(__file__).resolve().parents[2] / "verifier" / "sekisho_verify.py"


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, Path]:
    module, home = aw.carrier(), tmp_path_factory.mktemp("answers")
    module.write_stores(home)
    return module, home


@pytest.fixture
def world(stores: tuple[ModuleType, Path], tmp_path: Path, settings: Any, transactional_db: None) -> ModuleType:
    module, home = stores
    settings.HOME = tmp_path / "home"
    shutil.copytree(home, settings.HOME)
    module.fill_registers()
    return module


def code(call: Any, **values: Any) -> str:
    with pytest.raises(SekishoError) as raised:
        call(**values)
    return str(raised.value.code)


def approve(world: ModuleType, ref: str, by: str = aw.SECOND) -> None:
    actions.open_answer(ref=ref, account=by, at=world.AT)
    actions.approve_answer(ref=ref, sha256=queries.answer(ref).sha256, at=world.AT, acting_user=by)


def test_an_electronic_answer_from_draft_to_a_receipt_the_offline_verifier_accepts(
    world: ModuleType, tmp_path: Path
) -> None:
    case = aw.ready(world, "disclosure")
    ref = aw.drafted(world, case)
    approve(world, ref)
    actions.send_answer(ref=ref, sent_on=world.ON, at=world.AT, acting_user=aw.CLERK)
    closed = queries.case(case)
    assert (closed.is_open, closed.outcome, closed.answered_on) == (False, Outcome.GRANTED, world.ON)
    assert "4_証明書.json" not in aw.files(queries.package(ref))  # nothing covers it yet
    ledger.sequence(at=world.AT, holder="test")
    files = aw.files(queries.package(ref))
    receipt = tmp_path / "receipt.json"
    receipt.write_bytes(files.pop("4_証明書.json"))
    command = [sys.executable, str(VERIFIER), str(receipt)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    told = json.loads(receipt.read_text(encoding="utf-8"))["body"]["files"]
    assert {one["name"]: one["sha256"] for one in told} == {name: sha256(files[name]).hexdigest() for name in files}
    forged = json.loads(receipt.read_text(encoding="utf-8"))
    forged["body"]["files"][0]["sha256"] = "0" * 64
    receipt.write_text(json.dumps(forged), encoding="utf-8")
    assert subprocess.run(command, check=False, capture_output=True).returncode == 1


def test_the_package_says_the_same_as_letter_json_and_csv_and_rare_names_survive(world: ModuleType) -> None:
    ref = aw.drafted(world, aw.ready(world, "disclosure"))
    aw.sent(world, ref)
    files = aw.files(queries.package(ref))
    letter, data = aw.text_of(files["1_ご回答.pdf"]), json.loads(files["2_データ.json"])
    table = files["3_表/01_crm.customers.csv"]
    assert table.startswith(b"\xef\xbb\xbf")
    for text in (letter, files["2_データ.json"].decode(), table.decode("utf-8-sig")):
        assert "𠮷田 花乃" in text
        assert "hanano@example.jp" in text
    assert "髙﨑" in letter
    assert data["complete"]
    assert [one["id"] for one in data["sections"]] == [
        "crm.customers", "hr.applicants", "billing.invoices", "support.tickets", "cdr.calls",
        "registers.names", "registers.numbers",
    ]  # fmt: skip
    assert "調べた範囲" in letter
    assert "5つの仕組み" in files["はじめにお読みください.txt"].decode("utf-8-sig")


def test_the_same_answer_is_the_same_bytes(world: ModuleType) -> None:
    case = aw.ready(world, "disclosure")
    first = queries.answer(aw.drafted(world, case))
    actions.withdraw_answer(ref=first.ref, at=world.AT, acting_user=aw.CLERK)
    from sekisho.casework.subject_requests.models import CaseAnswer

    CaseAnswer.objects.filter(ref=first.ref).delete()  # so that the next one bears the same number
    assert queries.answer(aw.drafted(world, case)).sha256 == first.sha256


def test_what_is_written_about_an_answer_holds_no_word_of_it(world: ModuleType, settings: Any) -> None:
    ref = aw.drafted(world, aw.ready(world, "disclosure"))
    aw.sent(world, ref)
    told = str([entry.body for entry in evidence.records(newest=1000)]) + str(queries.answer(ref).lines)
    assert world.NAME not in told
    sealed = list((Path(settings.HOME) / "scans").glob(f"{ref}*.sealed"))
    assert len(sealed) == 2
    assert all(world.NAME.encode() not in path.read_bytes() for path in sealed)


def test_nobody_approves_their_own_and_nobody_approves_other_bytes(world: ModuleType) -> None:
    ref = aw.drafted(world, aw.ready(world, "purpose_notice"))
    approval = {"ref": ref, "at": world.AT}
    digest = queries.answer(ref).sha256
    assert code(actions.approve_answer, **approval, sha256=digest, acting_user=aw.CLERK) == "requests.own-answer"
    assert code(actions.approve_answer, **approval, sha256="0" * 64, acting_user=aw.SECOND) == "requests.other-bytes"
    assert code(actions.approve_answer, **approval, sha256=digest, acting_user=aw.SECOND) == "requests.answer-not-read"
    actions.open_answer(ref=ref, account=aw.CLERK, at=world.AT)  # another's reading is not theirs
    actions.open_answer(ref=ref, account=aw.SECOND, at=world.AT, part=min(queries.files_of(ref)))
    assert code(actions.approve_answer, **approval, sha256=digest, acting_user=aw.SECOND) == "requests.answer-not-read"
    sending = {"ref": ref, "sent_on": world.ON, "at": world.AT, "acting_user": aw.CLERK}
    assert code(actions.send_answer, **sending) == "requests.answer-not-approved"
    approve(world, ref)
    actions.send_answer(**sending)
    assert code(actions.send_answer, **sending) == "requests.answer-gone"
    assert code(actions.withdraw_answer, ref=ref, at=world.AT, acting_user=aw.CLERK) == "requests.answer-gone"
    assert len(evidence.records(kinds=["request.answer-sent"])) == 1
    assert len(evidence.records(kinds=["request.closed"])) == 1


def test_sealed_bytes_that_were_exchanged_are_not_sent(world: ModuleType) -> None:
    from sekisho.casework.subject_requests.actions import scans

    ref = aw.drafted(world, aw.ready(world, "purpose_notice"))
    approve(world, ref)
    scans.seal(ref, b"another letter")
    sending = {"ref": ref, "sent_on": world.ON, "at": world.AT, "acting_user": aw.CLERK}
    assert code(actions.send_answer, **sending) == "requests.answer-outdated"
    assert queries.case(queries.answer(ref).reference).is_open


@pytest.mark.parametrize("change", ["paper", "gathering", "terms", "hold"])
def test_any_change_since_makes_the_approval_void(world: ModuleType, change: str) -> None:
    case = aw.ready(world, "disclosure" if change != "hold" else "suspension")
    ref = aw.drafted(world, case)
    approve(world, ref)
    if change == "paper":
        paper = actions.Presented(paper="passport")
        actions.record_paper(reference=case, paper=paper, at=world.AT, acting_user=aw.CLERK)
    elif change == "gathering":
        actions.gather(reference=case, at=world.AT, acting_user=aw.CLERK)
    elif change == "terms":
        from sekisho.casework.subject_requests.rules.papers import Agency

        actions.choose(reference=case, reply="fax", agency=Agency.NONE, at=world.AT, acting_user=aw.CLERK)
    else:
        from sekisho.registers.retention import actions as retention

        hold = {"ground": "RET-1", "source": "court order 1", "placed_on": world.ON, "person": world.HANA}
        retention.place_hold(**hold, at=world.AT, acting_user="mori", approved_by="abe")
    assert not queries.is_current(ref, world.AT)
    assert not queries.looks_current(ref, world.AT)
    sending = {"ref": ref, "sent_on": world.ON, "at": world.AT, "acting_user": aw.CLERK}
    assert code(actions.send_answer, **sending) == "requests.answer-outdated"
    actions.withdraw_answer(ref=ref, at=world.AT, acting_user=aw.CLERK)
    assert queries.answer(ref).state is AnswerState.WITHDRAWN
    assert code(queries.files_of, ref=ref) == "requests.scan-gone"


def test_a_page_reads_no_system_and_approving_reads_them_all(world: ModuleType, settings: Any) -> None:
    ref = aw.drafted(world, aw.ready(world, "disclosure"))
    assert queries.looks_current(ref, world.AT)
    assert queries.answer(ref).checked_at == world.AT
    actions.open_answer(ref=ref, account=aw.SECOND, at=world.AT)
    systems = settings.HOME / "systems"
    systems.rename(systems.with_name("away"))
    assert queries.looks_current(ref, world.AT), "nothing was read"
    digest = queries.answer(ref).sha256
    approval = {"ref": ref, "sha256": digest, "at": world.AT, "acting_user": aw.SECOND}
    assert code(actions.approve_answer, **approval) == "requests.answer-outdated"


def test_no_answer_before_identity_fee_and_gathering(world: ModuleType) -> None:
    at, on = world.AT, world.ON
    case = actions.open_case(
        person=world.HANA, kind="disclosure", received_on=on, at=at, acting_user=aw.CLERK
    ).reference
    assert code(aw.drafted, world=world, case=case) == "requests.identity-not-checked"
    case = aw.ready(world, "disclosure", gather=False)
    assert code(aw.drafted, world=world, case=case) == "requests.not-gathered"
    gathering = actions.gather(reference=case, at=at, acting_user=aw.CLERK)
    if queries.gathered(gathering).waiting:
        assert code(aw.drafted, world=world, case=case) == "requests.not-reviewed"


def test_a_class_that_is_refused_stays_out_of_every_file_and_is_named_with_its_article(world: ModuleType) -> None:
    case = aw.ready(world, "disclosure")
    line = next(one for one in queries.open_lines(case, world.AT) if one.place == "crm.customers")
    refusing = Decision(
        item=line.item,
        place=line.place,
        answer=Answer.REFUSE,
        ground="harm",
        reason="同居の方に知られるおそれがあるため",
    )
    ref = aw.drafted(world, case, [refusing])
    assert queries.answer(ref).outcome == Outcome.PARTIAL
    aw.sent(world, ref)
    files = aw.files(queries.package(ref))
    letter = aw.text_of(files["1_ご回答.pdf"]).replace("\r\n", "")
    assert "第33条第2項" in letter
    assert "同居の方に知られるおそれ" in letter
    assert "お申し出ください" in letter
    assert all(b"hanano@example.jp" not in content for content in files.values())
    assert "hanano" not in letter
    assert not [name for name in files if "crm.customers" in name]
    assert "harm" in str(queries.answer(ref).lines)
    assert "同居" not in str(queries.answer(ref).lines)


def test_a_system_that_did_not_answer_makes_a_part_that_says_so(world: ModuleType, settings: Any) -> None:
    store = settings.HOME / "systems" / "hr.sqlite3"
    store.rename(store.with_suffix(".away"))
    ref = aw.drafted(world, aw.ready(world, "disclosure"))
    found = queries.answer(ref)
    assert found.outcome == Outcome.PARTIAL
    data = json.loads(queries.files_of(ref)["2_データ.json"])
    assert not data["complete"]
    assert any("人事" in line and "結果を得られませんでした" in line for line in data["statement"])


def test_nothing_held_is_said_only_when_everybody_answered(world: ModuleType, settings: Any) -> None:
    case = aw.ready(world, "purpose_notice", person="P-nobody")
    ref = aw.drafted(world, case)
    assert queries.answer(ref).outcome == Outcome.NOTHING_HELD
    store = settings.HOME / "systems" / "hr.sqlite3"
    store.rename(store.with_suffix(".away"))
    assert (
        queries.answer(aw.drafted(world, aw.ready(world, "purpose_notice", person="P-nobody"))).outcome
        == Outcome.PARTIAL
    )


def test_two_clerks_do_not_write_over_each_other(world: ModuleType) -> None:
    case = aw.ready(world, "disclosure", gather=False)
    seen = queries.version_of(case)
    with actions.as_seen(reference=case, version=seen):
        actions.record_paper(
            reference=case, paper=actions.Presented(paper="passport"), at=world.AT, acting_user=aw.CLERK
        )
    with pytest.raises(SekishoError) as raised, actions.as_seen(reference=case, version=seen):
        pytest.fail("what is inside must not run")
    assert raised.value.code == "requests.changed-meanwhile"
    assert queries.changed_since(case, seen) == ("papers",)


def test_the_file_of_a_case_is_destroyed_on_its_day_with_evidence_key_and_file(
    world: ModuleType, settings: Any
) -> None:
    ref = aw.drafted(world, aw.ready(world, "disclosure"))
    aw.sent(world, ref)
    case = queries.answer(ref).reference
    scans = (Path(settings.HOME) / "scans", Path(settings.HOME) / "keys" / "scans")
    kept = [path for folder in scans for path in folder.glob(f"{case}-*")]
    assert len(kept) == 6  # gathering, answer, words: a file and a key each
    day_before = world.AT.replace(year=world.AT.year + 3)
    assert actions.destroy_files(at=day_before, acting_user="system") == ()
    after = day_before + timedelta(days=1)
    assert actions.destroy_files(at=after, acting_user="system") == (case,)
    assert not [path for path in kept if path.exists()]
    assert queries.answer(ref).destroyed_at == after
    assert actions.destroy_files(at=after, acting_user="system") == ()
    assert len(evidence.records(kinds=["request.file-destroyed"])) == 1
    assert code(queries.package, ref=ref) == "requests.scan-gone"
    assert queries.case(case).outcome == Outcome.GRANTED


def test_an_answer_that_left_brings_about_what_it_says(world: ModuleType) -> None:
    ref = aw.drafted(world, aw.ready(world, "suspension"))
    lines = queries.answer(ref).lines
    assert {(line["item"], line["answer"]) for line in lines} >= {("identity", "grant")}
    aw.sent(world, ref)
    assert {one.kind.value for one in queries.effects_of(ref)} >= {"use_stop", "erasure_plan"}
