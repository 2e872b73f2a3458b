"""The jobs' pages in a real browser: what moves is renewed by itself, what stands still is said first, giving up says what it leaves."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import press
from django.conf import LazySettings
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from sekisho.entrypoints import carrier
from sekisho.registers.batch_jobs import actions, queries
from sekisho.registers.batch_jobs.models import JobRequest
from sekisho.registers.batch_jobs.queries import State
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

# Playwright keeps an event loop running in this thread; the tests' own queries are not asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

ARLINK = Path(__file__).resolve().parents[2] / "policies" / "arlink"
WIDTHS = ((1280, 900), (390, 844))
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PASSWORD = "tests only"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.once]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, tmp_path: Path, settings: LazySettings) -> Iterator[Page]:
    settings.HOME = tmp_path
    carrier.write(tmp_path, carrier.Carrier(name="試験の事業者", policy=ARLINK, demo=True))
    now = datetime.now(UTC)
    for username, role in (("unyo", Role.ENGINEER), ("kansa", Role.AUDITOR)):
        open_account(username=username, password=PASSWORD, display_name=username, role=role, at=now)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP")
    page = context.new_page()
    sign_in(page, live_server, "unyo")
    yield page
    context.close()


def sign_in(page: Page, live_server: LiveServer, username: str) -> None:
    page.goto(live_server.url + "/console/login/")
    page.get_by_label("アカウント名").fill(username)
    page.get_by_label("パスワード").fill(PASSWORD)
    press(page.get_by_role("button", name="管理画面に入る"))


def running() -> tuple[str, int]:
    now = datetime.now(UTC)
    job = actions.ask_job(kind="retention.sweep", arguments={"on": "2026-11-23"}, at=now, acting_user="unyo")
    actions.claim_job(job=job, executor="worker-0", at=now)
    return job, actions.take_up(job=job, executor="worker-0", at=now)


def progress(job: str, attempt: int, done: int) -> None:
    actions.report_progress(job=job, attempt=attempt, done=done, total=8, what="crm.customers", at=datetime.now(UTC))


def test_progress_is_renewed_without_a_press_and_giving_up_stops_it(page: Page, live_server: LiveServer) -> None:
    job, attempt = running()
    progress(job, attempt, 2)
    page.goto(live_server.url + "/console/jobs/")
    expect(page.get_by_text("2 / 8 工程")).to_be_visible()
    assert page.locator("svg rect.g-stay").get_attribute("width") == "250"
    progress(job, attempt, 6)
    expect(page.get_by_text("6 / 8 工程")).to_be_visible(timeout=20_000)
    assert page.locator("svg rect.g-stay").get_attribute("width") == "750"
    press(page.get_by_role("link", name="一斉点検").first)
    assert "次の一斉点検が始めに片づけます" in page.inner_text("main")
    press(page.get_by_role("button", name="この処理を取りやめる"))
    assert "取りやめ待ち" in page.inner_text("main")
    assert queries.job(job).cancel_by == "unyo"
    actions.end_job(job=job, state=State.CANCELLED, at=datetime.now(UTC))
    expect(page.get_by_text("この処理は終わりました。")).to_be_visible(timeout=20_000)


def test_what_stands_still_is_the_next_step_and_who_only_reads_cannot_give_up(
    page: Page, live_server: LiveServer
) -> None:
    job, _ = running()
    JobRequest.objects.filter(ref=job).update(heartbeat_at=datetime.now(UTC) - timedelta(minutes=5))
    page.goto(live_server.url + "/console/jobs/")
    assert f"止まっている処理「一斉点検（期限を過ぎたものの消去）」（{job}）を確かめる。" in page.inner_text(".next")
    press(page.locator(".next .btn.primary"))
    assert "応答がありません" in page.inner_text(".next")
    assert page.get_by_role("button", name="この処理を取りやめる").count() == 1
    page.context.clear_cookies()
    sign_in(page, live_server, "kansa")
    page.goto(live_server.url + f"/console/jobs/{job}/")
    assert page.get_by_role("button", name="この処理を取りやめる").count() == 0


def test_the_pages_hold_at_both_widths_and_for_everybody(page: Page, live_server: LiveServer) -> None:
    job, attempt = running()
    progress(job, attempt, 2)
    actions.ask_job(kind="retention.erase", arguments={"plan": "erase-1"}, at=datetime.now(UTC), acting_user="unyo")
    for address in ("/console/jobs/", f"/console/jobs/{job}/", "/en/console/jobs/"):
        for width, height in WIDTHS:
            page.set_viewport_size({"width": width, "height": height})
            page.goto(live_server.url + address)
            assert page.evaluate("document.documentElement.scrollWidth") == width, address
            found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
            assert found.violations_count == 0, found.generate_report()
