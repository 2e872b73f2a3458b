"""The inbox in a real browser: what arrived, its pages beside the decision, a case that begins, at both widths."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import press
from django.conf import LazySettings
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.rules.intake import ArrivalState, Channel
from sekisho.entrypoints import carrier
from sekisho.registers.identities import actions as identities
from sekisho.registers.identities.actions import NewPerson
from sekisho.registers.identities.queries import IdentifierInterval
from sekisho.registers.policies import actions as policies
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
ARLINK = Path(__file__).parents[3] / "policies" / "arlink"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.once]


@pytest.fixture(scope="module")
def browser(chromium_path: str, chromium_args: list[str]) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=chromium_args)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, settings: LazySettings, tmp_path: Path) -> Iterator[Page]:
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    carrier.write(settings.HOME, carrier.Carrier(name="試験の事業者", policy=ARLINK, demo=True))
    files = {"policy.yaml": (ARLINK / "policy.yaml").read_text(encoding="utf-8")}
    policies.adopt(files=files, at=SINCE, acting_user="test")
    open_account(username="clerk", password="tests only", display_name="clerk", role=Role.CLERK, at=SINCE)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP")
    page = context.new_page()
    page.goto(live_server.url + "/console/login/")
    page.get_by_label("アカウント名").fill("clerk")
    page.get_by_label("パスワード").fill("tests only")
    press(page.get_by_role("button", name="管理画面に入る"))
    page.goto(live_server.url + "/console/inbox/")
    yield page
    context.close()


def check(page: Page) -> None:
    """At both widths nothing is wider than the window, one next step, nothing axe objects to."""
    assert page.locator(".next").count() == 1
    for width, height in ((1280, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{page.url} is {wide} px too wide at {width}"
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
        assert found.violations_count == 0, f"{page.url} at {width}: {found.generate_report()}"
    page.set_viewport_size({"width": 1280, "height": 900})


def scan(path: Path) -> Path:
    picture = Image.new("L", (827, 1169), 255)
    ImageDraw.Draw(picture).rectangle((100, 100, 700, 500), outline=0, width=6)
    picture.save(path)
    return path


def test_from_a_scan_without_a_code_to_a_case_with_a_person(page: Page, tmp_path: Path) -> None:
    held = IdentifierInterval(person="p-1", kind="customer_no", value="C00000001", role="contractor")
    person = NewPerson(ref="p-1", kinds=("customer",), acquired_on=SINCE.date(), identifiers=(held,))
    identities.import_population(people=[person], at=SINCE, acting_user="test")
    check(page)
    page.locator("input[type=file]").set_input_files(scan(tmp_path / "a.png"))
    page.get_by_label("届き方").select_option("mail")
    press(page.get_by_role("button", name="登録する", exact=True))
    assert "1件を受け付けました" in page.locator("body").inner_text()
    check(page)
    press(page.locator(".next .btn.primary"))
    page.locator("img.scan").scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    check(page)
    page.get_by_label("請求の種類").select_option("disclosure")
    press(page.get_by_role("button", name="案件をつくる"))
    assert "どなたの請求か" in page.locator(".next").inner_text()
    check(page)
    page.get_by_label("番号", exact=True).fill("C00000001")
    press(page.get_by_role("button", name="本人を特定する"))
    assert "足りないもののお願い状" in page.locator(".next").inner_text()
    check(page)
    asked = page.get_by_role("region", name="足りないもののお願い状をつくる")
    asked.get_by_label("宛名").fill("𠮷田 花子")
    asked.get_by_label("郵便番号").fill("000-0000")
    asked.get_by_label("住所", exact=True).fill("架空県見本市一丁目2番3号")
    press(page.get_by_role("button", name="お願い状をつくる"))
    assert "止まっています" in page.locator("main").inner_text()
    check(page)
    answer = page.request.get(page.url + "letters/K-2026-0001-L1.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    document = pypdfium2.PdfDocument(answer.body())
    text = document[0].get_textpage().get_text_range()
    document.close()
    for part in ("𠮷田 花子", "住民票の写し", "手数料 あと660円", "K-2026-0001"):
        assert part in text, part
    [row] = queries.arrivals()
    assert row.state is ArrivalState.CASED
    assert queries.case(row.request).person == "p-1"


def test_a_blank_form_that_opened_a_case_is_closed_as_no_request(page: Page, live_server: LiveServer) -> None:
    at = datetime.now(UTC)
    contact = actions.record_contact(channel=Channel.SHOP, arrived_at=at, at=at, acting_user="test")
    case = actions.open_case_for(ref=contact, kind="disclosure", person="", at=at, acting_user="test")
    page.goto(f"{live_server.url}/console/cases/{case}/")
    check(page)
    press(page.get_by_role("button", name="請求ではないとして終える"))
    assert not queries.case(case).is_open
    assert queries.case(case).outcome == "withdrawn"
