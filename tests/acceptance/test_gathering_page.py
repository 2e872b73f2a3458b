"""The page of what was gathered, in a browser: by keyboard, by buttons without script, on a phone, in English."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gatherings as world
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import press
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.rules.gathering import RedactionState
from sekisho.evidence import queries as evidence
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

# Playwright keeps an event loop running in this thread; the tests' own queries are not asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
PASSWORD = "tests only"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.once]
Opened = Callable[..., Page]


@pytest.fixture
def case(tmp_path: Path, settings: Any, transactional_db: None) -> str:
    settings.HOME = tmp_path
    world.build(tmp_path, calls=60)
    open_account(username="saegusa", password=PASSWORD, display_name="三枝", role=Role.CLERK, at=world.AT)
    return world.ready(world.HANA)


@pytest.fixture
def opened(browser: Browser, live_server: LiveServer, case: str) -> Iterator[Opened]:
    """The gathering page behind the person's page, opened as a clerk opens it."""
    contexts = []

    def open_page(*, script: bool = True, locale: str = "ja-JP") -> Page:
        context = browser.new_context(
            java_script_enabled=script, locale=locale, viewport={"width": 1280, "height": 900}
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{live_server.url}/console/login/")
        page.locator("input[name=username]").fill("saegusa")
        page.locator("input[name=password]").fill(PASSWORD)
        press(page.locator("main button[type=submit]"))
        page.goto(f"{live_server.url}/console/cases/{case}/gathering/")
        assert page.url.endswith(f"/console/cases/{case}/person/"), "closed until it is opened for the case"
        press(page.locator(".next .btn.primary"))
        page.goto(f"{live_server.url}/console/cases/{case}/gathering/")
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_a_clerk_gathers_and_goes_through_every_redaction_by_keyboard(opened: Opened, case: str) -> None:
    page = opened()
    press(page.get_by_role("button", name="情報を集める"))
    found = queries.gathered(queries.gathering_of(case))
    count = len(found.waiting)
    assert count >= 3
    expect(page.locator(".head .st")).to_have_text(f"残り{count}件")
    page.keyboard.press("j")
    page.keyboard.press("x")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.keyboard.press("l")
    page.keyboard.press("ArrowDown")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    states = [one.state for one in queries.redaction_states(found.ref)]
    assert states[:2] == [RedactionState.KEPT, RedactionState.LIFTED]
    for _ in range(count - 2):
        press(page.get_by_role("button", name="黒のまま残す").first)
    expect(page.locator(".next .what")).to_have_text("法律と約束を並べて読み、答えを決める。")
    assert queries.redacted(found.ref).is_reviewed
    views = evidence.records(kinds=["person-page.viewed"])
    assert len(views) >= count, "every look is recorded"


def test_without_a_script_the_same_can_be_done(opened: Opened, case: str) -> None:
    page = opened(script=False)
    press(page.get_by_role("button", name="情報を集める"))
    found = queries.gathered(queries.gathering_of(case))
    press(page.get_by_role("button", name="黒のまま残す").first)
    assert queries.redaction_states(found.ref)[0].state is RedactionState.KEPT
    press(page.get_by_role("link", name="問い合わせの行を見る"))
    page.locator("details.mark", has_text="黒塗りを足す").last.locator("summary").click()
    page.locator("details.mark[open] input[name=words]").fill("着信")
    press(page.locator("details.mark[open] button"))
    assert [one.why for one in queries.redaction_states(found.ref)][-1] == "clerk"


def test_long_tables_are_paged_and_nothing_is_wider_than_the_window(opened: Opened) -> None:
    page = opened()
    press(page.get_by_role("button", name="情報を集める"))
    press(page.get_by_role("link", name="通話の行を見る"))
    assert page.locator("#rows ~ .gathered tbody tr").count() == 50
    press(page.get_by_role("link", name="次の行"))
    expect(page.get_by_text("122行のうち、51行目から100行目")).to_be_visible()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, width
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
        assert found.violations_count == 0, found.generate_report()
    assert page.locator("[style]").count() == 0


def test_in_english_no_japanese_words_are_left(opened: Opened, case: str) -> None:
    actions.gather(reference=case, at=world.AT, acting_user="account:1")
    page = opened()
    press(page.locator("header a[hreflang=en]"))
    told = page.locator("main").inner_text()
    for word in ("残り", "黒塗り", "仕組み", "候補"):
        assert word not in told
    assert "redaction" in told.lower()
