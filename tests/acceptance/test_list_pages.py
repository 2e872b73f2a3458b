"""The lists' pages in a real browser: seen before it is built, approved by another, taken once, rechecked when sent."""

import importlib.util
import os
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pyarrow.parquet as pq
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import press
from django.conf import LazySettings
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints import carrier, working
from sekisho.registers.batch_jobs import actions as jobs
from sekisho.registers.batch_jobs.queries import State as JobState
from sekisho.registers.lists import queries
from sekisho.registers.lists.queries import asked
from sekisho.registers.lists.rules import limits
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

# Playwright keeps an event loop running in this thread; the tests' own queries are not asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

TESTS = Path(__file__).resolve().parents[1]
ARLINK = TESTS.parent / "policies" / "arlink"
WIDTHS = ((1280, 900), (390, 844))
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PASSWORD = "tests only"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.once]


@pytest.fixture(scope="module")
def world() -> ModuleType:
    spec = importlib.util.spec_from_file_location("list_world", TESTS / "registers" / "lists" / "list_world.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["list_world"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def desks(
    browser: Browser, live_server: LiveServer, world: ModuleType, tmp_path: Path, settings: LazySettings
) -> Iterator[dict[str, Page]]:
    """A signed-in page for the analyst and for the officer, on the carrier of list_world.py."""
    settings.HOME = tmp_path / "home"
    world.write_stores(settings.HOME)
    carrier.write(settings.HOME, carrier.Carrier(name="試験の事業者", policy=ARLINK, demo=True))
    world.fill_registers()
    pages: dict[str, Page] = {}
    contexts = []
    for username, role in ((world.ANALYST, Role.ANALYST), (world.OFFICER, Role.OFFICER)):
        open_account(username=username, password=PASSWORD, display_name=username, role=role, at=datetime.now(UTC))
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP", accept_downloads=True)
        contexts.append(context)
        page = pages[username] = context.new_page()
        page.goto(live_server.url + "/console/login/")
        page.get_by_label("アカウント名").fill(username)
        page.get_by_label("パスワード").fill(PASSWORD)
        press(page.get_by_role("button", name="管理画面に入る"))
        page.goto(live_server.url + "/console/lists/")
    yield pages
    for context in contexts:
        context.close()


def check(page: Page) -> None:
    """At both widths: one next step, nothing wider than the window, no style attribute, nothing axe objects to."""
    assert page.locator(".next").count() == 1
    assert page.locator("[style]").count() == 0
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{page.url} is {wide} px too wide at {width}"
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
        assert found.violations_count == 0, f"{page.url} at {width}: {found.generate_report()}"
    page.set_viewport_size({"width": WIDTHS[0][0], "height": WIDTHS[0][1]})


def test_a_notice_from_the_form_to_the_file_that_is_sent(
    desks: dict[str, Page], world: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from sekisho.registers.lists.rules import limits

    few = replace(limits(), people_with_values=10)
    monkeypatch.setattr("sekisho.registers.lists.actions.building.limits", lambda: few)
    analyst, officer = desks[world.ANALYST], desks[world.OFFICER]
    check(analyst)
    press(analyst.locator(".next .btn.primary"))
    analyst.get_by_label("名簿の種類").select_option("mass_notice")
    analyst.get_by_label("何に使うか").fill("設備のお知らせ")
    analyst.get_by_label("目的").select_option("service_notice")
    press(analyst.locator(".next .btn.primary"))
    assert "まだ何も出力していません" in analyst.locator(".next").inner_text()
    check(analyst)
    press(analyst.locator(".next .btn.primary"))
    analyst.wait_for_url("**/lists/L-*/")
    assert "収支は合っています" in analyst.locator("main").inner_text()
    check(analyst)
    press(analyst.get_by_role("button", name="承認を依頼する"))
    assert officer.reload() is not None
    press(officer.locator(".next .btn.primary"))
    check(officer)
    press(officer.get_by_role("button", name="この名簿を承認する"))
    analyst.reload()
    with analyst.expect_download() as download:
        analyst.get_by_role("button", name="名簿と送り状を受け取る").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        archive.extractall(tmp_path)
        names = archive.namelist()
    taken = next(tmp_path / name for name in names if name.endswith(".parquet"))
    assert any(name.endswith(".manifest.json") for name in names)
    analyst.reload()
    check(analyst)
    analyst.locator("input[type=file]").set_input_files(taken)
    with analyst.expect_download() as download:
        analyst.get_by_role("button", name="判定し直して受け取る").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        archive.extractall(tmp_path / "send")
    [send] = (tmp_path / "send").glob("*.parquet")
    assert pq.read_table(send).num_rows == pq.read_table(taken).num_rows
    assert [one.name.endswith(".manifest.json") for one in (tmp_path / "send").iterdir()].count(True) == 1
    changed = tmp_path / "other.parquet"
    pq.write_table(pq.read_table(taken).slice(1), changed)
    analyst.locator("input[type=file]").set_input_files(changed)
    press(analyst.get_by_role("button", name="判定し直して受け取る"))
    analyst.wait_for_load_state()
    assert "署名されたものではありません" in analyst.locator("main").inner_text()


def test_returned_mail_and_a_refusal_in_english(
    desks: dict[str, Page], world: ModuleType, live_server: LiveServer
) -> None:
    officer, analyst = desks[world.OFFICER], desks[world.ANALYST]
    officer.goto(live_server.url + "/console/lists/returned/")
    officer.get_by_label("お客さま番号").fill(world.customer(12))
    press(officer.get_by_role("button", name="この方の宛名を止める"))
    assert world.ref(12) in officer.locator("table").inner_text()
    check(officer)
    analyst.goto(live_server.url + "/en/console/lists/new/")
    analyst.get_by_label("What it is for").fill("figures")
    analyst.get_by_label("Purpose").select_option("research")
    analyst.locator("input[value='identity.sex']").check()
    press(analyst.locator(".next .btn.primary"))
    assert "groups of at least 10" in analyst.locator(".alert").inner_text()
    check(analyst)
    analyst.goto(live_server.url + "/console/lists/returned/")
    assert analyst.locator("main").inner_text().count("web.role-refused") == 1


def test_an_auditor_reads_and_has_nothing_to_do(
    browser: Browser, desks: dict[str, Page], world: ModuleType, live_server: LiveServer
) -> None:
    from sekisho.registers.lists import actions
    from sekisho.registers.lists.queries import Wanted

    row = actions.build_list(
        Wanted(purpose="campaign", actor=world.ANALYST, at=datetime.now(UTC), channel="mail", title="案内")
    )
    open_account(username="auditor", password=PASSWORD, display_name="監査", role=Role.AUDITOR, at=datetime.now(UTC))
    with browser.new_context(locale="ja-JP") as context:
        page = context.new_page()
        page.goto(live_server.url + f"/console/login/?next=/console/lists/{row.ref}/")
        page.get_by_label("アカウント名").fill("auditor")
        page.get_by_label("パスワード").fill(PASSWORD)
        press(page.get_by_role("button", name="管理画面に入る"))
        page.wait_for_url(f"**/lists/{row.ref}/")
        assert page.locator("main form").count() == 0
        check(page)
        page.goto(live_server.url + "/console/lists/new/")
        assert "web.role-refused" in page.locator("main").inner_text()


def test_a_large_carriers_list_is_followed_on_a_page_that_may_be_closed(
    desks: dict[str, Page], world: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "limits", lambda: replace(limits(), job=0))
    page = desks[world.ANALYST]
    press(page.locator(".next .btn.primary"))
    page.get_by_label("何に使うか").fill("秋の案内")
    page.get_by_label("目的").select_option("campaign")
    page.get_by_label("連絡の方法").select_option("mail")
    press(page.get_by_role("button", name="名簿をつくる").first)
    assert "順番を待っています" in page.inner_text(".next")
    request = page.url.rstrip("/").rpartition("/")[2]
    job = queries.job_of(request)
    assert job is not None
    check(page)
    if shots := os.environ.get("SEKISHO_SHOTS"):
        for width, height in WIDTHS:
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=f"{shots}/asked{width}.png", full_page=True)
    assert jobs.claim_job(job=job.ref, executor="worker-0", at=datetime.now(UTC))
    jobs.report_progress(job=job.ref, attempt=0, done=2, total=4, what="", at=datetime.now(UTC))
    expect(page.get_by_text("50%")).to_be_visible(timeout=20_000)  # renewed by itself
    page.goto(page.url.partition("asked/")[0])
    press(page.get_by_role("link", name="秋の案内"))
    press(page.get_by_role("button", name="名簿の作成を取りやめる"))
    given_up = queries.job_of(request)
    assert given_up is not None
    assert given_up.cancel_by == world.ANALYST
    jobs.end_job(job=job.ref, state=JobState.CANCELLED, at=datetime.now(UTC))
    expect(page.get_by_text("取りやめられました")).to_be_visible(timeout=20_000)
    with pytest.raises(SekishoError):
        working.build_list(request=request, told=lambda *_: None)
