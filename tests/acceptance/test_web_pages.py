"""The centre's pages for asking by web and the console's contacts, in a real browser, at both widths, in both languages."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import press
from django.conf import LazySettings
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from sekisho.casework.subject_requests import queries
from sekisho.casework.subject_requests.centre import web
from sekisho.entrypoints import carrier
from sekisho.registers.policies import actions as policies
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
FOLDERS = Path(__file__).resolve().parents[1] / "policies"
WIDTHS = ((1280, 900), (390, 844))
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SINCE = datetime(2026, 4, 1, tzinfo=UTC)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.once]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, settings: LazySettings, tmp_path: Path) -> Iterator[Page]:
    settings.HOME = tmp_path
    settings.EMAIL_BACKEND = "sekisho.entrypoints.mailing.CarrierBackend"
    mail = carrier.Mail(url="folder:outbox", sender="centre@example.jp")
    carrier.write(tmp_path, carrier.Carrier(name="試験の事業者", policy=FOLDERS / "by-web", demo=True, mail=mail))
    web.WINDOW.forget()
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP").new_page()
    yield page
    page.context.close()


def adopt(name: str) -> None:
    text = (FOLDERS / name / "policy.yaml").read_text(encoding="utf-8")
    policies.adopt(files={"policy.yaml": text}, at=SINCE, acting_user="test")


def look(page: Page, name: str) -> None:
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found = Axe().run(page, options={"runOnly": WCAG})
        assert found.violations_count == 0, found.generate_report()
        if folder := os.environ.get("SEKISHO_PICTURES"):
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_asking_by_web_from_the_page_on_how_to_ask(page: Page, live_server: LiveServer, tmp_path: Path) -> None:
    adopt("by-web")
    page.goto(live_server.url + "/requests/")
    look(page, "how-by-web")
    press(page.get_by_role("row", name="開示").first.get_by_role("link", name="ウェブで申し込む"))
    look(page, "ask")
    page.get_by_label("お名前").fill("髙橋 花子")
    page.get_by_label("郵便番号とご住所").fill("100-0001 架空県見本市一丁目2番3号")
    page.get_by_label("対象の情報").fill("すべて")
    page.get_by_label("電子メールアドレス").fill("hanako@example.jp")
    press(page.get_by_role("button", name="この内容で申し込む"))
    look(page, "code")
    [kept] = (tmp_path / "outbox").iterdir()
    code = next(line for line in _mail(kept).splitlines() if line.startswith("確認コード")).split("　")[1]
    page.get_by_label("確認コード").fill(code)
    press(page.get_by_role("button", name="コードを送って申し込む"))
    look(page, "asked")
    assert queries.cases()[0].reference in page.inner_text("main")
    page.goto(live_server.url + "/en/requests/web/disclosure/")
    assert "Send the application" in page.inner_text("main")
    look(page, "ask-en")


@pytest.mark.parametrize("name", ["either-list", "stamps-only"])
def test_how_to_ask_says_what_the_policy_says(page: Page, live_server: LiveServer, name: str) -> None:
    adopt(name)
    for language in ("", "/en"):
        page.goto(live_server.url + f"{language}/requests/")
        shown = page.inner_text("main")
        assert ("1,000" in shown) == (name == "stamps-only")
        assert ("または（3）" in shown or "or (3)" in shown.lower()) == (name == "either-list")
        look(page, f"how-{name}{language.replace('/', '-')}")


def test_the_desk_s_page_of_contacts(page: Page, live_server: LiveServer) -> None:
    adopt("by-web")
    open_account(username="clerk", password="tests only", display_name="clerk", role=Role.CLERK, at=SINCE)
    page.goto(live_server.url + "/console/login/")
    page.get_by_label("アカウント名").fill("clerk")
    page.get_by_label("パスワード").fill("tests only")
    press(page.get_by_role("button", name="管理画面に入る"))
    page.goto(live_server.url + "/console/contacts/")
    page.get_by_label("届き方").select_option("phone")
    press(page.get_by_role("button", name="連絡を記録する"))
    assert "時計は動きません" in page.inner_text("main")
    look(page, "contacts")


def _mail(path: Path) -> str:
    from email import message_from_bytes, policy

    return str(message_from_bytes(path.read_bytes().rsplit(b"\n---", 1)[0], policy=policy.default).get_content())
