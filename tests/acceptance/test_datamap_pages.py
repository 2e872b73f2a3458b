"""The page of 個人情報管理台帳 in a real browser: who may see it, what it asks for, the picture and its tables, the sheet."""

import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import press
from django.conf import LazySettings
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from sekisho.connectors.documents import read_folder
from sekisho.demo.building import build
from sekisho.entrypoints import carrier
from sekisho.registers.datamap import actions
from sekisho.registers.policies import actions as policy_actions
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

# Playwright keeps an event loop running in this thread; the tests' own queries are not asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
FOLDER = Path(__file__).resolve().parents[2] / "policies" / "arlink"
WIDTHS = ((1280, 900), (1024, 768), (800, 600), (390, 844))
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PASSWORD = "tests only"
NAMES = {"m-officer": Role.OFFICER, "m-auditor": Role.AUDITOR, "m-clerk": Role.CLERK}
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [document.documentElement.scrollWidth,
    ...[...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > innerWidth)
        .map(one => one.outerHTML.slice(0, 120))]"""
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.once]


@pytest.fixture
def served(live_server: LiveServer, tmp_path: Path, settings: LazySettings) -> LiveServer:
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    build(settings.HOME, AT, subscribers=100, calls_count=200)
    carrier.write(settings.HOME, carrier.Carrier(name="試験の事業者", policy=FOLDER, demo=True))
    files = read_folder(FOLDER)
    policy_actions.adopt(files=files, at=AT, acting_user="test")
    actions.adopt(files=files, at=AT, acting_user="test")
    for name, role in NAMES.items():
        open_account(username=name, password=PASSWORD, display_name=name, role=role, at=AT)
    return live_server


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP").new_page()
    yield page
    page.context.close()


def enter(page: Page, served: LiveServer, name: str) -> None:
    page.goto(served.url + "/console/login/")
    page.get_by_label("アカウント名").fill(name)
    page.get_by_label("パスワード").fill(PASSWORD)
    press(page.get_by_role("button", name="管理画面に入る"))


def test_the_officer_looks_counts_reads_and_takes_the_sheet(page: Page, served: LiveServer) -> None:
    enter(page, served, "m-officer")
    press(page.get_by_role("link", name="個人情報管理台帳"))
    assert "まだ一度も確かめていない" in page.locator(".next").inner_text()
    press(page.get_by_role("button", name="いまの系と照らし合わせて数える"))
    asked = page.locator(".next").inner_text()
    assert "データマップと違う系がある: 顧客管理" in asked  # the planted column
    rows = page.locator("table.held tbody tr", has_text="お支払い口座の情報")
    assert "契約の終了から1年間" in rows.inner_text()
    assert page.locator(".drawn svg").get_attribute("role") == "img"
    page.get_by_text("図を表で読む").click()
    outside = page.get_by_role("table", name="社外へ渡すもの")
    assert "滞納債権の譲受人" in outside.inner_text()
    assert "通信の秘密" not in outside.inner_text()
    assert "通信の秘密を受け継ぐ" in page.get_by_role("table", name="系から系へ作られるもの").inner_text()
    for details in page.locator("table.held details").all()[:4]:
        details.locator("summary").click()
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width
        found = Axe().run(page, options={"runOnly": WCAG}).response["violations"]
        assert not found, (width, [(one["id"], one["nodes"][0]["html"][:200]) for one in found])
    with page.expect_download() as taken:
        page.get_by_role("link", name="台帳を表計算ファイルで受け取る").click()
    sheet = openpyxl.load_workbook(io.BytesIO(Path(taken.value.path()).read_bytes())).worksheets[0]
    assert sheet.max_row > 10


def test_the_auditor_reads_and_does_not_look(page: Page, served: LiveServer) -> None:
    enter(page, served, "m-auditor")
    page.goto(served.url + "/en/console/datamap/")
    assert "Register of personal information" in page.locator("h1").inner_text()
    assert page.locator("form[action$='/datamap/look/']").count() == 0
    assert page.locator(".next .btn.primary").count() == 1


@pytest.mark.parametrize("is_counted", [False, True], ids=["never looked", "counted"])
def test_no_page_is_wider_than_its_window(page: Page, served: LiveServer, *, is_counted: bool) -> None:
    enter(page, served, "m-officer")
    if is_counted:
        page.goto(served.url + "/console/datamap/")
        press(page.get_by_role("button", name="いまの系と照らし合わせて数える"))
    for address in ("/console/datamap/", "/en/console/datamap/"):
        page.goto(served.url + address)
        for width, height in WIDTHS:
            page.set_viewport_size({"width": width, "height": height})
            for opens in ("false", "true"):  # what is folded away is as narrow as what is not
                page.evaluate(f"document.querySelectorAll('main details').forEach(one => one.open = {opens})")
                assert page.evaluate(TOO_WIDE) == [], (address, width, opens)


def test_the_desk_does_not_see_it(page: Page, served: LiveServer) -> None:
    enter(page, served, "m-clerk")
    assert page.get_by_role("link", name="個人情報管理台帳").count() == 0
    answer = page.goto(served.url + "/console/datamap/ledger.xlsx")
    assert answer is not None
    assert answer.status == 403
