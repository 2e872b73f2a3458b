"""A person follows a case at the centre in a real browser: enters, sees what is missing, takes the answer, sees who looked."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import answers_world as aw
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import press
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.actions.access import issue_access
from sekisho.casework.subject_requests.centre import asking, own_hand, status
from sekisho.casework.subject_requests.models import CaseAccess
from sekisho.casework.subject_requests.queries.access import looks_at
from sekisho.casework.subject_requests.rules.access import Use
from sekisho.entrypoints import carrier
from sekisho.evidence import actions as ledger

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
VERIFIER = Path(__file__).resolve().parents[2] / "verifier" / "sekisho_verify.py"
ARLINK = Path(__file__).resolve().parents[2] / "policies" / "arlink"
WIDTHS = ((1280, 900), (390, 844))
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.once]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, Path]:
    module, home = aw.carrier(), tmp_path_factory.mktemp("centre")
    module.write_stores(home)
    return module, home


@pytest.fixture
def world(
    stores: tuple[ModuleType, Path],
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    live_server: LiveServer,
) -> ModuleType:
    module, home = stores
    settings.HOME = tmp_path / "home"
    shutil.copytree(home, settings.HOME)
    module.fill_registers()
    carrier.write(settings.HOME, carrier.Carrier(name="試験の事業者", policy=ARLINK, demo=True))
    now = SimpleNamespace(now=lambda: module.AT)
    for view in (status, asking, own_hand):
        monkeypatch.setattr(view, "timezone", now)
    status.WINDOW.forget()
    return module


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, world: ModuleType) -> Iterator[Page]:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP").new_page()
    page.goto(live_server.url + "/requests/status/")
    yield page
    page.context.close()


def enter(page: Page, number: str, secret: str) -> None:
    page.get_by_label("受付番号").fill(number)
    page.get_by_label("合言葉").fill(secret)
    press(page.get_by_role("button", name="状況を見る"))


def look(page: Page, name: str) -> None:
    """At both widths nothing is cut off and nothing breaks a rule of accessibility."""
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found = Axe().run(page, options={"runOnly": WCAG})
        assert found.violations_count == 0, found.generate_report()
        if folder := os.environ.get("SEKISHO_PICTURES"):
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def opened(world: ModuleType, kind: str = "disclosure") -> tuple[str, str]:
    """A case nobody has looked at, and its secret."""
    case = actions.open_case(person=world.HANA, kind=kind, received_on=world.ON, at=world.AT, acting_user=aw.CLERK)
    return case.reference, issue_access(reference=case.reference, at=world.AT, acting_user=aw.CLERK)


def test_a_person_sees_what_is_missing_and_nothing_of_who_they_are(page: Page, world: ModuleType) -> None:
    look(page, "enter")
    case, secret = opened(world)
    enter(page, case, secret.lower())
    shown = page.inner_text("main")
    for told in (case, "住民票の写し", "660円", "お答えの目標", "法律の節目", "この画面を開きました"):
        assert told in shown, told
    assert "花" not in shown  # the name, the number, the address: nothing
    assert secret not in page.content()
    assert (case in page.url, page.url.endswith("/requests/status/")) == (False, True)
    look(page, "status")


def test_a_person_changes_how_we_answer_and_takes_the_request_back(page: Page, world: ModuleType) -> None:
    case, secret = opened(world)
    enter(page, case, secret)
    with page.expect_download() as download:
        page.get_by_role("button", name="受付票を保存する（PDF）").click()
    assert case in aw.text_of(Path(download.value.path()).read_bytes())
    press(page.get_by_role("link", name="電磁的記録（無料）に替える"))
    look(page, "reply")
    page.get_by_label("電磁的記録（手数料はかかりません）").check()
    press(page.get_by_role("button", name="この方法でお答えを受け取る"))
    assert "660円" not in page.inner_text("main")
    press(page.get_by_role("link", name="請求を取り下げる"))
    look(page, "withdraw")
    page.get_by_label("合言葉").fill(secret)
    press(page.get_by_role("button", name="このご請求を取り下げる"))
    assert "ご請求の取下げを承りました" in page.inner_text("main")
    assert not queries.case(case).is_open


def test_wrong_unknown_and_closed_look_the_same(page: Page, world: ModuleType) -> None:
    case, secret = opened(world)
    told = set()
    for number, tried in ((case, "AAAA"), ("K-2026-9999", secret), *[(case, "x")] * 4, (case, secret)):
        enter(page, number, tried)
        told.add(page.inner_text("main").replace(number, ""))
        assert page.get_by_label("合言葉").input_value() == ""
    assert len(told) == 1
    look(page, "refused")


def test_the_answer_is_taken_with_its_receipt_and_every_time_is_shown(
    page: Page, world: ModuleType, tmp_path: Path
) -> None:
    case = aw.ready(world, "disclosure")
    secret = issue_access(reference=case, at=world.AT, acting_user=aw.CLERK)
    ref = aw.drafted(world, case)
    enter(page, case, secret)
    assert page.get_by_role("button", name="お答えを受け取る（ZIP）").count() == 0  # drafted is not sent
    aw.sent(world, ref)
    ledger.sequence(at=world.AT, holder="test")
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("button", name="お答えを受け取る（ZIP）").click()
    files = aw.files(Path(download.value.path()).read_bytes())
    assert "𠮷田 花乃" in aw.text_of(files["1_ご回答.pdf"])
    with page.expect_download() as download:
        page.get_by_role("button", name="お答えの控えを保存する").click()
    receipt = tmp_path / "receipt.json"
    shutil.copy(download.value.path(), receipt)
    assert json.loads(receipt.read_text(encoding="utf-8"))
    command = [sys.executable, str(VERIFIER), str(receipt)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    page.reload()
    shown = page.inner_text("main")
    assert "お答えを受け取りました" in shown
    assert "控えを保存しました" in shown
    assert [look.what for look in looks_at(case)][:3] == [Use.RECEIPT, Use.PACKAGE, Use.STATUS]
    look(page, "answered")


def test_the_session_is_short_and_ends_with_a_new_secret(
    page: Page, world: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, secret = opened(world)
    enter(page, case, secret)
    assert page.get_by_role("heading", name="ご請求の状況").count() == 1
    issue_access(reference=case, at=world.AT + timedelta(seconds=1), acting_user=aw.CLERK)
    page.reload()
    assert page.get_by_label("合言葉").count() == 1
    new = issue_access(reference=case, at=world.AT, acting_user=aw.CLERK)
    enter(page, case, new)
    minutes = status.LIMITS["session_minutes"]
    monkeypatch.setattr(status, "timezone", SimpleNamespace(now=lambda: world.AT + timedelta(minutes=minutes)))
    page.reload()
    assert page.get_by_label("合言葉").count() == 1


def test_nothing_of_it_is_cached_and_leaving_ends_it(page: Page, world: ModuleType) -> None:
    case, secret = opened(world)
    enter(page, case, secret)
    answer = page.reload()
    assert answer is not None
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    press(page.get_by_role("button", name="この画面を閉じる"))
    page.goto(page.url.replace("/requests/", "/requests/status/"))
    assert page.get_by_label("合言葉").count() == 1
    assert CaseAccess.objects.get().tries == 0


def test_the_page_stands_in_english(page: Page, world: ModuleType, live_server: LiveServer) -> None:
    case, secret = opened(world)
    page.goto(live_server.url + "/en/requests/status/")
    page.get_by_label("Receipt number").fill(case)
    page.get_by_label("Secret").fill(secret)
    press(page.get_by_role("button", name="See where it stands"))
    shown = page.inner_text("main")
    assert "copy of the residence record" in shown
    assert "お" not in shown
    look(page, "status-en")


def test_hammering_from_one_address_stops_there(page: Page, world: ModuleType) -> None:
    case, secret = opened(world)
    for _ in range(status.LIMITS["address_tries"]):
        status.WINDOW.admits("127.0.0.1", world.AT)
    enter(page, case, secret)
    assert "ただいま受け付けられません" in page.inner_text("main")
    assert looks_at(case) == ()
