"""The page for SQL under a purpose, in a real browser: what may be seen, why not, the answer, its CSV."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import press
from django.conf import LazySettings
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from sekisho.entrypoints import carrier
from sekisho.registers.projections import console, rules
from sekisho.registers.projections.actions import build_asked
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

# Playwright keeps an event loop running in this thread; the tests' own queries are not asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

TESTS = Path(__file__).resolve().parents[1]
ARLINK = TESTS.parent / "policies" / "arlink"
WIDTHS = ((1280, 900), (390, 844))
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PASSWORD = "tests only"
ANALYST = "s-analyst"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.once]


@pytest.fixture(scope="module")
def world() -> ModuleType:
    path = TESTS / "registers" / "projections" / "sql_world.py"
    spec = importlib.util.spec_from_file_location("sql_world", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sql_world"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def page(
    browser: Browser,
    live_server: LiveServer,
    world: ModuleType,
    tmp_path: Path,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Page]:
    settings.HOME = tmp_path / "home"
    world.write_stores(settings.HOME)
    carrier.write(settings.HOME, carrier.Carrier(name="試験の事業者", policy=ARLINK, demo=True))
    world.fill_registers()
    monkeypatch.setattr(console, "timezone", SimpleNamespace(now=lambda: world.AT))
    open_account(username=ANALYST, password=PASSWORD, display_name=ANALYST, role=Role.ANALYST, at=world.AT)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP", accept_downloads=True)
    page = context.new_page()
    page.goto(live_server.url + "/console/login/")
    page.get_by_label("アカウント名").fill(ANALYST)
    page.get_by_label("パスワード").fill(PASSWORD)
    press(page.get_by_role("button", name="管理画面に入る"))
    page.goto(live_server.url + "/console/sql/")
    yield page
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


def write(page: Page, query: str) -> None:
    page.get_by_role("textbox", name="照会", exact=True).fill(query)
    press(page.locator("form#query").get_by_role("button", name="実行する"))


def test_from_the_schema_to_a_refusal_to_the_answer_and_its_csv(page: Page, tmp_path: Path) -> None:
    schema = page.locator(".box").inner_text()
    assert "crm.subscribers" in schema
    assert "年だけ" in schema
    assert page.locator(".cat li.no code", has_text="phone").count() == 2  # of the table, and of the view over it
    assert "crm.current" in schema
    check(page)

    write(page, "SELECT name, count(*) AS n FROM crm.subscribers GROUP BY name")
    why = page.locator(".why").inner_text()
    assert "crm.subscribers.name" in why
    assert "B-52" in why
    assert page.get_by_role("textbox", name="照会", exact=True).input_value().startswith("SELECT name")
    check(page)

    write(page, 'SELECT sex AS "=cmd", count(*) AS n FROM crm.subscribers GROUP BY sex ORDER BY sex')
    assert page.locator("main table").first.locator("tbody tr").count() == 2
    assert "10人に満たない" in page.locator("main").inner_text()
    check(page)
    with page.expect_download() as download:
        page.locator(".next .btn.primary").click()
    target = tmp_path / "answer.csv"
    download.value.save_as(target)
    assert target.read_text(encoding="utf-8-sig").splitlines()[0] == "'=cmd,n"

    page.get_by_label("照会の目的").select_option("billing")
    press(page.get_by_role("button", name="この目的で見える列を出す"))
    assert "cdr.calls" in page.locator(".box").inner_text()


@pytest.mark.once
def test_a_large_table_says_that_its_copy_is_being_built_and_then_answers(
    page: Page, world: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "job_rows", lambda: 10)
    write(page, "SELECT sex, count(*) AS n FROM crm.subscribers GROUP BY sex")
    assert "crm.subscribers は大きな表のため" in page.locator(".next").inner_text()
    check(page)
    waited = str(page.locator("[name=waited]").get_attribute("value"))
    build_asked(request=waited, at=world.AT, progress=lambda *_: None)
    press(page.get_by_role("button", name="もう一度実行する"))
    assert page.locator(".ledger tbody tr").first.is_visible()
    assert "2行の結果" in page.locator(".next").inner_text()


def test_a_clerk_of_the_desk_may_not_ask(
    browser: Browser, live_server: LiveServer, page: Page, world: ModuleType
) -> None:
    open_account(username="s-desk", password=PASSWORD, display_name="s-desk", role=Role.CLERK, at=world.AT)
    context = browser.new_context(locale="ja-JP")
    other = context.new_page()
    other.goto(live_server.url + "/console/login/")
    other.get_by_label("アカウント名").fill("s-desk")
    other.get_by_label("パスワード").fill(PASSWORD)
    press(other.get_by_role("button", name="管理画面に入る"))
    answer = other.goto(live_server.url + "/console/sql/")
    assert answer is not None
    assert answer.status == 403
    context.close()
