"""The pages of what was found, in a real browser: search, accept, take the change, dismiss; the rows nobody sorted."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import discovery_world as world
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import press
from django.conf import LazySettings
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from sekisho.entrypoints import carrier
from sekisho.registers.findings.console import pages
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

# Playwright keeps an event loop running in this thread; the tests' own queries are not asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

WIDTHS = ((1280, 900), (390, 844))
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PASSWORD = "tests only"
OFFICER, ENGINEER = "f-officer", "f-engineer"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.once]


@pytest.fixture
def served(
    live_server: LiveServer, tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> LiveServer:
    settings.HOME = tmp_path / "home"
    world.build(settings.HOME)
    carrier.write(settings.HOME, carrier.Carrier(name="試験の事業者", policy=world.FOLDER, demo=True))
    monkeypatch.setattr(pages, "timezone", SimpleNamespace(now=lambda: world.AT + timedelta(days=1)))
    for name, role in ((OFFICER, Role.OFFICER), (ENGINEER, Role.ENGINEER)):
        open_account(username=name, password=PASSWORD, display_name=name, role=role, at=world.AT)
    return live_server


def _enter(browser: Browser, served: LiveServer, name: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP").new_page()
    page.goto(served.url + "/console/login/")
    page.get_by_label("アカウント名").fill(name)
    page.get_by_label("パスワード").fill(PASSWORD)
    press(page.get_by_role("button", name="管理画面に入る"))
    page.goto(served.url + "/console/findings/")
    return page


@pytest.fixture
def officer(browser: Browser, served: LiveServer) -> Iterator[Page]:
    page = _enter(browser, served, OFFICER)
    yield page
    page.context.close()


def _is_sound(page: Page, name: str) -> None:
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (name, width)
        found = Axe().run(page, options={"runOnly": WCAG}).response["violations"]
        assert not found, (name, width, [(one["id"], one["nodes"][0]["html"][:200]) for one in found])
        if folder := os.environ.get("SEKISHO_PICTURES"):
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_an_alarm_is_answered_and_the_map_gets_its_change(officer: Page) -> None:
    _is_sound(officer, "findings-never")
    press(officer.get_by_role("button", name="系の中を調べる"))
    assert officer.locator("code", has_text="crm.people.old_mail").count()
    assert "old1@" not in officer.content()
    officer.get_by_role("link", name="この場所に答える").click()
    _is_sound(officer, "findings-open")
    mail = officer.locator("tr.opened", has_text="old_mail: identity.mail")
    press(mail.get_by_role("button", name="この区分で提案を採る"))
    memo = officer.locator("tr.opened", has_text="memo:")
    memo.get_by_text("個人情報ではないとして退ける").click()
    memo.get_by_label("退ける理由").fill("店舗の番号")
    press(memo.get_by_role("button", name="理由をつけて退ける"))
    _is_sound(officer, "findings-answered")
    with officer.expect_download() as taken:
        officer.get_by_role("link", name="データマップの変更を受け取る").click()
    assert "+          old_mail: identity.mail" in Path(taken.value.path()).read_text(encoding="utf-8")
    press(officer.get_by_role("link", name="未分類の行を見る"))
    assert "2026年10月24日" in (officer.locator("section.next").text_content() or "")
    _is_sound(officer, "unsorted")


def test_who_only_reads_has_no_answer_to_give(browser: Browser, served: LiveServer, officer: Page) -> None:
    press(officer.get_by_role("button", name="系の中を調べる"))
    page = _enter(browser, served, ENGINEER)
    assert page.locator("code", has_text="crm.people.old_mail").count()
    assert not page.locator("main form").count()
    refused = page.request.post(served.url + "/console/findings/answer/", form={"place": "crm.people.old_mail"})
    assert refused.status == 403
    page.context.close()
