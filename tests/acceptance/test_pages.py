"""The pages in a real browser, on the demo carrier: desktop and phone, Japanese and English."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import press
from django.conf import LazySettings
from playwright.sync_api import Browser, ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from sekisho.assurance.promises import actions as promises
from sekisho.assurance.promises.queries import board
from sekisho.casework.subject_requests import actions as requests
from sekisho.casework.subject_requests import queries as requests_queries
from sekisho.casework.subject_requests.queries import holdings as held_about
from sekisho.connectors.documents import read_folder
from sekisho.connectors.source import In
from sekisho.demo.building import build
from sekisho.demo.built import Built
from sekisho.demo.loading import load
from sekisho.entrypoints import carrier
from sekisho.evidence import queries as evidence
from sekisho.registers.datamap import queries as datamap
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

# Playwright keeps an event loop running in this thread; the tests' own queries are not asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

ARLINK = Path(__file__).resolve().parents[2] / "policies" / "arlink"
WIDTHS = ((1280, 900), (390, 844))  # desktop, phone
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PASSWORD = "tests only"
KANA = re.compile("[ぁ-ヿ]")
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.once]


@dataclass
class Desk:
    """A browser page that remembers what the browser complained about."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page

    def sign_in(self, username: str) -> None:
        page = self.open("/console/login/")
        page.get_by_label("アカウント名").fill(username)
        page.get_by_label("パスワード").fill(PASSWORD)
        press(page.get_by_role("button", name="管理画面に入る"))
        page.wait_for_url("**/console/promises/")

    def check(self) -> None:
        """At both widths: nothing wider than the window, no style attribute, no complaint, nothing axe objects to."""
        for width, height in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": height})
            wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{self.page.url} is {wide} px too wide at {width}"
            found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": WCAG}})
            assert found.violations_count == 0, f"{self.page.url} at {width}: {found.generate_report()}"
        assert self.page.locator("[style]").count() == 0
        assert self.complaints == []
        self.page.set_viewport_size({"width": WIDTHS[0][0], "height": WIDTHS[0][1]})


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer) -> Iterator[Desk]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP")
    desk = Desk(context.new_page(), live_server.url)

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            desk.complaints.append(message.text)

    desk.page.on("console", note)
    desk.page.on("pageerror", lambda error: desk.complaints.append(str(error)))
    yield desk
    context.close()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The stores of a small demo carrier, which no page changes."""
    home = tmp_path_factory.mktemp("home")
    carrier.write(home, carrier.Carrier(name="株式会社アーラリンク", policy=ARLINK, demo=True))
    return build(home, datetime.now(UTC).replace(microsecond=0), subscribers=200, calls_count=3_000)


@pytest.fixture
def demo(live_server: LiveServer, settings: LazySettings, built: Built) -> dict[str, str]:
    """The carrier in the registers, with one open case about whoever used to hold a recycled number."""
    at = datetime.now(UTC)
    settings.HOME = built.home
    load(built, read_folder(ARLINK), at=at, step=lambda _what, _count: None)
    for username, role in (("mori", Role.OFFICER), ("sato", Role.CLERK), ("ogata", Role.ANALYST)):
        open_account(username=username, password=PASSWORD, display_name=username, role=role, at=at)
    case = requests.open_case(
        person=built.recycled.ref,
        kind="disclosure",
        received_on=(at - timedelta(days=2)).date(),
        at=at,
        acting_user="test",
    )
    promises.check_all(at)
    return {"case": case.reference, "number": built.recycled.number, "name": built.recycled.name}


def test_the_board_shows_every_promise_and_why_some_are_broken(desk: Desk, demo: dict[str, str]) -> None:
    desk.sign_in("mori")
    page = desk.page
    assert page.locator("tr[id^='B-']").count() == 104
    assert page.locator(".spine i").count() == 104
    assert page.locator(".next").count() == 1
    assert page.locator(".st.broken").count() >= 1
    assert page.locator(".why").first.is_visible()
    desk.check()
    press(page.locator(".filter a", has_text="違反"))
    page.wait_for_url("**/?state=broken")
    assert page.locator("tr[id^='B-'] .st:not(.broken)").count() == 0


def test_an_english_board_is_english(desk: Desk, demo: dict[str, str]) -> None:
    in_japanese = [row.proof for row in board(datetime.now(UTC), language="en") if row.figure and row.language != "en"]
    assert in_japanese == []
    desk.sign_in("mori")
    page = desk.open("/en/console/promises/")
    names = ("見本", "株式会社", "日本語")
    lines = [line for line in page.locator("main").inner_text().splitlines() if KANA.search(line)]
    assert [line for line in lines if not any(name in line for name in names)] == []
    desk.check()


def test_the_policy_stands_beside_its_states(desk: Desk, demo: dict[str, str]) -> None:
    desk.sign_in("mori")
    page = desk.open("/console/policy/")
    assert page.locator("tr[id^='B-']").count() == 104
    assert page.locator("tr[id='B-20'] .st").count() == 1
    desk.check()


def test_the_persons_page_opens_only_under_an_open_case_and_only_when_recorded(
    desk: Desk, demo: dict[str, str]
) -> None:
    desk.sign_in("sato")
    page = desk.open(f"/console/cases/{demo['case']}/person/")
    assert page.get_by_role("heading", name="本人の台帳は閉じています").is_visible()
    assert evidence.records(kinds=["person-page.opened"]) == ()
    desk.check()
    press(page.get_by_role("button", name="閲覧を記録して台帳を開く"))
    assert page.get_by_text("案件のもとで開いています").is_visible()
    assert page.get_by_text("いまは別の方の番号です").is_visible()
    text = page.locator("main").inner_text()
    assert demo["number"] not in text
    assert demo["name"].replace(" ", "") not in text.replace(" ", "")
    assert len(evidence.records(kinds=["person-page.opened"])) == 1
    assert len(evidence.records(kinds=["person-page.viewed"])) == 1
    desk.check()


def test_law_and_promise_stand_side_by_side_for_whoever_asks_to_be_erased(desk: Desk, demo: dict[str, str]) -> None:
    person, at = requests_queries.case(demo["case"]).person, datetime.now(UTC)
    stop = requests.open_case(
        person=person, kind="suspension", received_on=(at - timedelta(days=2)).date(), at=at, acting_user="test"
    ).reference
    desk.sign_in("sato")
    desk.open(f"/console/cases/{stop}/answer/")
    assert desk.page.get_by_role("heading", name="本人の台帳は閉じています").is_visible()
    press(desk.page.get_by_role("button", name="閲覧を記録して台帳を開く"))
    page = desk.open(f"/console/cases/{stop}/answer/")
    text = page.locator("main").inner_text()
    assert "方針の約束" in text
    assert demo["number"] not in text
    desk.check()


def test_the_persons_page_is_refused_without_a_case_after_closing_and_to_others(
    desk: Desk, demo: dict[str, str]
) -> None:
    desk.sign_in("sato")
    assert desk.open("/console/cases/K-2026-9999/person/").get_by_text("requests.unknown-case").is_visible()
    page = desk.open(f"/console/cases/{demo['case']}/person/")
    press(page.get_by_role("button", name="閲覧を記録して台帳を開く"))
    desk.open(f"/console/cases/{demo['case']}/")
    assert page.get_by_role("button", name="本人確認を記録する").count() == 0
    desk.check()
    for paper, day, when in (
        ("drivers_licence", "有効期限", timedelta(days=700)),
        ("residence_record", "発行日", timedelta(days=-20)),
    ):
        form = page.locator("form[action$='/papers/']")
        form.locator("[name=paper]").select_option(paper)
        form.get_by_label(day).fill((datetime.now(UTC) + when).date().isoformat())
        press(form.get_by_role("button"))
    press(page.get_by_role("button", name="本人確認を記録する"))
    press(page.get_by_role("button", name="取り下げとして終える"))
    page = desk.open(f"/console/cases/{demo['case']}/person/")
    assert page.get_by_text("台帳は開けません").is_visible()
    assert page.get_by_role("button", name="閲覧を記録して台帳を開く").count() == 0
    desk.open("/console/promises/")
    press(page.get_by_role("button", name="終える"))
    desk.sign_in("ogata")
    assert desk.open(f"/console/cases/{demo['case']}/person/").get_by_text("web.role-refused").is_visible()


def test_a_recycled_number_is_shown_to_each_holder_for_their_own_time_only(demo: dict[str, str], built: Built) -> None:
    former, number = built.recycled, built.recycled.number
    source = datamap.open_source("cdr")
    sides = {"caller": In("caller", (number,)), "callee": In("callee", (number,))}
    started = [
        at
        for side in sides.values()
        for batch in source.rows("calls", ["started_at"], [side])
        for at in batch.column(0).to_pylist()
    ]
    source.close()
    theirs = [at for at in started if former.held_from <= at < former.held_until]
    later = [at for at in started if at >= former.held_until]
    assert later, "the number was used after it changed hands"
    held, unreadable = held_about(former.ref, datetime.now(UTC))
    calls = [holding.rows for holding in held if holding.place.en == "cdr.calls"]
    assert unreadable == ()
    assert sum(calls) == len(theirs)
    assert all(not holding.values for holding in held if holding.item == "traffic")


def test_a_case_is_opened_from_the_paper_and_a_wrong_number_is_explained(desk: Desk, demo: dict[str, str]) -> None:
    desk.sign_in("sato")
    page = desk.open("/console/cases/")
    desk.check()
    page.get_by_label("番号", exact=True).fill("C99999999")
    press(page.get_by_role("button", name="案件をつくる"))
    assert page.get_by_role("alert").get_by_text("1人に定まりません").is_visible()
    assert page.get_by_label("番号", exact=True).get_attribute("aria-invalid") == "true"
    desk.check()


def test_the_centre_tells_the_public_the_same(desk: Desk, demo: dict[str, str]) -> None:
    page = desk.open("/")
    assert page.locator(".clause").count() == 104
    assert page.locator(".alert.broken").count() >= 1
    desk.check()
    press(page.get_by_role("link", name="English"))
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator(".clause").count() == 104
    desk.check()
    for path in ("/requests/", "/versions/", "/versions/1.0/", "/en/requests/", "/nowhere/"):
        desk.open(path)
        desk.check()


def test_pages_work_without_scripts(
    browser: Browser, chromium_path: str, live_server: LiveServer, demo: dict[str, str]
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    desk = Desk(context.new_page(), live_server.url)
    desk.sign_in("mori")
    desk.page.get_by_text("メニュー").click()
    press(desk.page.get_by_role("link", name="方針の文", exact=True))
    assert desk.page.locator("tr[id^='B-']").count() == 104
    context.close()


def test_the_keyboard_is_enough(desk: Desk, demo: dict[str, str]) -> None:
    desk.sign_in("mori")
    page = desk.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "本文へ進む"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("/窓口")
    assert page.locator("#q").input_value() == "/窓口"
