"""The board on a real database, with the real proofs."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import warm
from django.test import Client

from sekisho.assurance.promises import actions, queries
from sekisho.assurance.promises.models import PromiseCheck
from sekisho.assurance.promises.rules import Doubt, Row, Verdict
from sekisho.entrypoints import carrier
from sekisho.evidence import queries as evidence
from sekisho.registers.policies import actions as policies
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

SMALL = Path(__file__).resolve().parents[1] / "fixtures" / "small" / "policy.yaml"
NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def adopted(db: None) -> Callable[[str, str], None]:
    """Adopt the small policy, with one text in it replaced."""

    def adopt(old: str = "", new: str = "") -> None:
        files = {
            "policy.yaml": SMALL.read_text(encoding="utf-8").replace(old, new) if old else SMALL.read_text("utf-8")
        }
        policies.adopt(files=files, at=NOW, acting_user="test", may_correct=True)

    return adopt


def board(at: datetime = NOW) -> dict[str, Row]:
    return {row.id: row for row in queries.board(at)}


def test_before_any_look_nothing_is_kept(adopted: Callable[..., None]) -> None:
    adopted()
    rows = board()
    assert {row.verdict for row in rows.values()} == {Verdict.UNPROVEN}
    assert rows["S-01"].doubt is Doubt.NOT_LOOKED
    assert rows["S-05"].doubt is Doubt.NO_PROOF


def test_each_promise_gets_the_verdict_its_proof_earned(adopted: Callable[..., None]) -> None:
    adopted()
    counts = actions.check_all(NOW)
    rows = board()
    assert rows["S-01"].verdict is Verdict.KEPT
    assert rows["S-01"].looked_at == 1
    assert rows["S-02"].figure == "名称と住所を公表、代表者は公表していません"
    assert rows["S-03"].verdict is Verdict.KEPT
    assert rows["S-05"].doubt is Doubt.NO_PROOF
    assert (rows["S-07"].verdict, rows["S-07"].doubt) == (Verdict.UNPROVEN, Doubt.NOTHING_SEEN)
    assert sum(counts.values()) == len(rows) == 7
    assert evidence.records(kinds=["promises.checked"])[0].body["counts"] == {key.value: n for key, n in counts.items()}


def test_a_desk_taken_out_of_the_policy_breaks_its_promise(adopted: Callable[..., None]) -> None:
    adopted()
    actions.check_all(NOW)
    assert board()["S-06"].verdict is Verdict.KEPT
    text = SMALL.read_text(encoding="utf-8")
    desks = text[text.index("desks:\n") : text.index("promises:\n")]
    adopted(desks, "")
    actions.check_all(NOW)
    assert board()["S-06"].verdict is Verdict.BROKEN


def test_a_norm_by_a_number_no_longer_in_force_is_unproven(adopted: Callable[..., None]) -> None:
    adopted('{id: appi, edition: "2022", clause: S-03}', '{id: telecom_guideline, edition: "2017", clause: S-03}')
    actions.check_all(NOW)
    assert board()["S-03"].verdict is Verdict.UNPROVEN
    assert "telecom_guideline 2017" in board()["S-03"].why


def test_evidence_grows_old(adopted: Callable[..., None]) -> None:
    adopted()
    actions.check_all(NOW)
    later = board(NOW + timedelta(days=1))["S-01"]
    assert (later.verdict, later.doubt) == (Verdict.UNPROVEN, Doubt.STALE)


def test_since_when_survives_a_second_look(adopted: Callable[..., None]) -> None:
    adopted()
    actions.check_all(NOW)
    actions.check_all(NOW + timedelta(hours=2))
    row = board()["S-01"]
    assert (row.since, row.checked_at) == (NOW, NOW + timedelta(hours=2))


def test_an_edited_document_in_the_register_is_found(adopted: Callable[..., None]) -> None:
    from sekisho.registers.policies.models import PolicyVersion

    adopted()
    version = PolicyVersion.objects.get()
    version.files = {path: text.replace("P3Y", "P9Y") for path, text in version.files.items()}
    version.save()
    actions.check_all(NOW)
    assert board()["S-01"].verdict is Verdict.BROKEN


def test_the_board_page_filters_and_searches(adopted: Callable[..., None]) -> None:
    adopted()
    client = signed_in(Role.OFFICER)
    asked = client.post("/console/promises/check/")
    assert asked["Location"].startswith("/console/jobs/job-"), "a worker looks: the page shows how far it is"
    actions.check_all(NOW)
    page = client.get("/console/promises/").content.decode()
    assert "7の約束のうち" in page
    assert page.count('<section class="next"') == 1
    assert " style=" not in page
    kept = client.get("/console/promises/?state=kept").content.decode()
    assert 'id="S-01"' in kept
    assert 'id="S-05"' not in kept
    found = client.get("/console/promises/?q=窓口").content.decode()
    assert 'id="S-06"' in found
    assert 'id="S-01"' not in found
    assert "あてはまる約束はありません" in client.get("/console/promises/?q=zzz").content.decode()


def test_an_analyst_may_read_the_board_but_not_start_a_check(adopted: Callable[..., None]) -> None:
    adopted()
    client = signed_in(Role.ANALYST)
    page = client.get("/console/promises/")
    assert page.status_code == 200
    assert "/promises/check/" not in page.content.decode()
    assert "/promises/check/" in signed_in(Role.AUDITOR).get("/console/promises/").content.decode()
    assert client.post("/console/promises/check/").status_code == 403


def test_an_english_page_says_what_was_seen_in_english(adopted: Callable[..., None]) -> None:
    adopted()
    actions.check_all(NOW)
    row = next(row for row in queries.board(NOW, language="en") if row.id == "S-02")
    assert (row.language, row.figure) == ("en", "name and address published; representative not published")
    PromiseCheck.objects.update(figure_en="", why_en="")  # a look taken before there was English
    row = next(row for row in queries.board(NOW, language="en") if row.id == "S-02")
    assert (row.language, row.figure) == ("ja", board()["S-02"].figure)


def test_the_public_page_shows_every_clause_and_its_state(adopted: Callable[..., None]) -> None:
    adopted()
    actions.check_all(datetime.now(UTC))
    page = Client().get("/").content.decode()
    for clause in board():
        assert f'id="{clause}"' in page
    assert "まだ確かめる手段がありません" in page
    assert "汐見テレコム株式会社です。" in page
    english = Client().get("/en/").content.decode()
    assert "We use data for billing." in english


def test_the_command_follows_the_folder_and_prints_the_shape_and_its_exit_code(tmp_path: Path) -> None:
    folder, home = tmp_path / "policy", tmp_path / "home"
    for made in (folder, home):
        made.mkdir()
    text = SMALL.read_text(encoding="utf-8")
    (folder / "policy.yaml").write_text(text, encoding="utf-8")
    carrier.write(home, carrier.Carrier(name="汐見テレコム", policy=folder, demo=True, follow=True))
    done = run(home, "promises", "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["id"]: row for row in json.loads(done.stdout)}
    wanted = {"id", "statement", "verdict", "figure", "evidence", "checked_at", "fresh_until", "why"}
    assert all(wanted <= set(row) for row in rows.values())
    assert "請求と入金" in "".join(rows["S-04"]["details"])

    forbidden = "prohibitions:\n  - {purpose: billing, items: [bill], clause: S-04}\nretention:\n"
    edited = text.replace("retention:\n", forbidden).replace(
        text[text.index("desks:\n") : text.index("promises:\n")], ""
    )
    (folder / "policy.yaml").write_text(edited, encoding="utf-8")
    done = run(home, "promises", "--json")
    assert done.returncode == 1, done.stderr
    after = {row["id"]: row for row in json.loads(done.stdout)}
    assert after["S-06"]["verdict"] == "broken"
    assert after["S-04"]["details"] != rows["S-04"]["details"]

    (folder / "policy.yaml").write_text(text.replace("purpose: billing", "purpose: biling"), encoding="utf-8")
    done = run(home, "promises", "--json")
    assert done.returncode not in (0, 2)
    assert "policy.yaml" in done.stderr
    assert json.loads(run(home, "promises", "--json", "--no-check").stdout)[5]["verdict"] == "broken"


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "SEKISHO_DATABASE_URL"}
    return warm.run(
        [sys.executable, "-m", "sekisho.entrypoints.cli.main", *arguments],
        env=environment | {"SEKISHO_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def signed_in(role: Role) -> Client:
    client = Client()
    account = open_account(username=role.value, password="x", display_name="久住 亮", role=role, at=NOW)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client
