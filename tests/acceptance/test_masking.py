"""Blacking out in a browser: by pointer and arrow keys, by numbers without script; what stood there is gone for good."""

import io
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import drawn_papers
import fraud_world as world
import gatherings
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import press
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.actions import marking, scans
from sekisho.casework.subject_requests.actions.reading import read_arrival
from sekisho.casework.subject_requests.models import Arrival, PageFinding
from sekisho.casework.subject_requests.queries.frauds import checks_of
from sekisho.casework.subject_requests.queries.reading import open_findings
from sekisho.casework.subject_requests.queries.sealed import box, key_path
from sekisho.casework.subject_requests.rules.intake import Channel
from sekisho.evidence import queries as evidence
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
PASSWORD = "tests only"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.once]
Opened = Callable[..., Page]


@pytest.fixture
def ref(tmp_path: Path, settings: Any, transactional_db: None) -> str:
    """A copy of a card that came for a case whose papers are recorded."""
    settings.HOME = tmp_path
    gatherings.build(tmp_path)
    open_account(username="saegusa", password=PASSWORD, display_name="三枝", role=Role.CLERK, at=world.AT)
    page = world.picture("card")
    [came] = actions.receive(
        pages=[page], channel=Channel.MAIL, arrived_at=world.AT, at=world.AT, acting_user="account:1"
    )
    case = actions.open_case_for(
        ref=came, kind="disclosure", person=gatherings.HANA, at=world.AT, acting_user="account:1"
    )
    shown = frozenset({"registered_domicile"})
    paper = actions.Presented(paper="drivers_licence", shows=shown)
    actions.record_paper(reference=case, paper=paper, at=world.AT, acting_user="account:1")
    return came


@pytest.fixture
def opened(browser: Browser, live_server: LiveServer, ref: str) -> Iterator[Opened]:
    contexts = []

    def open_page(*, script: bool = True, width: int = 1280) -> Page:
        context = browser.new_context(
            java_script_enabled=script, locale="ja-JP", viewport={"width": width, "height": 900}
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{live_server.url}/console/login/")
        page.locator("input[name=username]").fill("saegusa")
        page.locator("input[name=password]").fill(PASSWORD)
        press(page.locator("main button[type=submit]"))
        page.goto(f"{live_server.url}/console/inbox/{ref}/mask/")
        return page

    yield open_page
    for context in contexts:
        context.close()


def dark(ref: str, left: float, top: float, right: float, bottom: float) -> float:
    """How much of a place of the only page is black, from 0 to 1; corners in thousandths."""
    [png] = scans.open_pages(ref)
    page = Image.open(io.BytesIO(png)).convert("L")
    across, down = page.width / 1000, page.height / 1000
    cut = page.crop((round(left * across), round(top * down), round(right * across), round(bottom * down)))
    histogram = cut.histogram()
    return sum(histogram[:10]) / sum(histogram)


def asked(ref: str) -> set[str]:
    """Which questions about the case stand open."""
    return {one.code for one in checks_of(queries.arrival(ref).request, world.AT) if one.state.value != "clear"}


def test_a_box_is_drawn_moved_by_arrow_keys_and_burned_in_for_good(opened: Opened, ref: str) -> None:
    before, key = box(ref).read_bytes(), key_path(ref).read_bytes()
    assert "unmasked-pages" in asked(ref)
    page = opened()
    paper = page.locator(".paper").first
    paper.scroll_into_view_if_needed()
    frame = paper.bounding_box()
    assert frame is not None
    page.mouse.move(frame["x"] + frame["width"] * 0.2, frame["y"] + frame["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.6, frame["y"] + frame["height"] * 0.3, steps=4)
    page.mouse.up()
    drawn = page.locator(".mask-box:visible")
    expect(drawn).to_have_count(1)
    left = int(page.locator("input[name=left-0]").input_value())
    drawn.press("ArrowRight")
    drawn.press("Shift+ArrowDown")
    assert int(page.locator("input[name=left-0]").input_value()) == left + 5
    page.locator("select[name=part-0]").select_option("registered_domicile")
    corners = [int(page.locator(f"input[name={name}-0]").input_value()) for name in ("left", "top", "right", "bottom")]
    pictures(page, "masking")
    press(page.locator(".next .btn.primary"))
    assert page.url.endswith(f"/cases/{queries.arrival(ref).request}/")
    assert dark(ref, *(corner + by for corner, by in zip(corners, (4, 4, -4, -4), strict=True))) == 1.0
    assert dark(ref, 0, 700, 1000, 1000) == 0.0, "nothing else is touched"
    assert box(ref).read_bytes() != before
    assert key_path(ref).read_bytes() != key, "the key of the page without the box is gone"
    assert not box(ref + marking.NEXT).exists()
    assert "unmasked-pages" not in asked(ref)
    stands = queries.standing(queries.arrival(ref).request, world.AT)
    assert stands.evidence.to_mask == ()
    [entry] = evidence.records(kinds=["arrival.masked"])
    assert entry.body["parts"] == ["registered_domicile"]


def test_without_script_the_corners_are_numbers_and_a_wrong_one_is_refused_with_the_rest_kept(
    opened: Opened, ref: str
) -> None:
    page = opened(script=False, width=390)
    for name, value in (("left", "100"), ("top", "100"), ("right", "50"), ("bottom", "200")):
        page.locator(f"input[name={name}-0]").fill(value)
    press(page.locator(".next .btn.primary"))
    expect(page.locator("[role=alert]")).to_be_visible()
    assert page.locator("input[name=left-0]").input_value() == "100"
    page.locator("input[name=right-0]").fill("900")
    pictures(page, "masking-without-script")
    press(page.locator(".next .btn.primary"))
    assert dark(ref, 110, 110, 890, 190) == 1.0


def test_pages_with_nothing_to_hide_are_noted_and_the_page_is_open_to_everybody(opened: Opened, ref: str) -> None:
    page = opened()
    found = Axe().run(page, options={"runOnly": WCAG})
    assert found.violations_count == 0, found.generate_report()
    press(page.get_by_role("button", name="塗るところは写っていない"))
    assert "unmasked-pages" not in asked(ref)
    expect(page.locator("#checks")).to_be_visible()
    pictures(page, "case-checks")


def test_what_a_machine_found_is_burned_in_or_set_aside_with_a_reason(
    browser: Browser, live_server: LiveServer, ref: str, opened: Opened
) -> None:
    drawn = drawn_papers.residence_record(random.Random(1), size=(1450, 860))
    [found] = actions.receive(
        pages=[drawn.page], channel=Channel.MAIL, arrived_at=world.AT, at=world.AT, acting_user="account:1"
    )
    actions.link(ref=found, reference=queries.arrival(ref).request, at=world.AT, acting_user="account:1")
    read_arrival(ref=found, at=world.AT, acting_user="reconciler")
    assert {one.part for one in open_findings(found)} == {"registered_domicile", "my_number"}
    assert "page-findings" in asked(found)
    page = opened()
    page.goto(page.url.replace(ref, found))
    pictures(page, "masking-found")
    expect(page.locator(".mask-box.proposed:visible")).to_have_count(2)
    report = Axe().run(page, options={"runOnly": WCAG})
    assert report.violations_count == 0, report.generate_report()
    expect(page.get_by_role("button", name="塗るところは写っていない")).to_have_count(0)
    number = page.locator("input[name^=finding-] >> nth=1").get_attribute("name").removeprefix("finding-")  # type: ignore[union-attr]
    box = page.locator(f".mask-box[aria-label^='囲み{int(number) + 1}']")
    box.press("Enter")
    expect(page.locator(f"select[name=aside-{number}]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".mask-box.aside:visible")).to_have_count(1)
    press(page.locator(".next .btn.primary"))
    assert open_findings(found) == ()
    rows = {one.part: one for one in PageFinding.objects.filter(arrival__ref=found)}
    assert [rows[part].settled for part in ("registered_domicile", "my_number")] == ["masked", "set_aside"]
    assert rows["my_number"].reason == "another_number"
    one = rows["registered_domicile"]
    assert dark(found, one.left + 1, one.top + 1, one.right - 1, one.bottom - 1) == 1.0
    assert "pages-unread" in asked(found), "until it was read again"


def test_without_script_what_was_found_is_set_aside_by_a_list(opened: Opened, ref: str) -> None:
    row = Arrival.objects.get(ref=ref)
    box = {"left": 100, "top": 300, "right": 500, "bottom": 360}
    PageFinding.objects.create(
        arrival=row, page=1, part="my_number", by="my_number", rules="", found_at=world.AT, **box
    )
    page = opened(script=False, width=390)
    pictures(page, "masking-found-without-script")
    page.locator("select[name=aside-0]").select_option("already_dark")
    press(page.locator(".next .btn.primary"))
    assert open_findings(ref) == ()


def pictures(page: Page, name: str) -> None:
    """Kept to be looked at where SEKISHO_PICTURES names a folder."""
    folder = os.environ.get("SEKISHO_PICTURES")
    if folder:
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
