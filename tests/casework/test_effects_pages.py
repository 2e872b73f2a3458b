"""Books, fees, complaints, corrections and effects in a real browser, at both widths, readable by everybody."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import effects_world
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import press
from django.conf import LazySettings
from django.utils import timezone
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.rules.fees import Tendered
from sekisho.casework.subject_requests.rules.intake import Channel
from sekisho.entrypoints import carrier as carriers
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
ARLINK = Path(__file__).parents[2] / "policies" / "arlink"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE = {"width": 390, "height": 844}
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.once]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, Path]:
    module, stores = effects_world.carrier(), tmp_path_factory.mktemp("pages")
    module.write_stores(stores)
    return module, stores


@pytest.fixture(scope="module")
def browser(chromium_path: str, chromium_args: list[str]) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=chromium_args)
        yield browser
        browser.close()


@pytest.fixture
def page(
    browser: Browser,
    live_server: LiveServer,
    settings: LazySettings,
    tmp_path: Path,
    made: tuple[ModuleType, Path],
) -> Iterator[Page]:
    settings.HOME = tmp_path / "home"
    shutil.copytree(made[1], settings.HOME)
    carriers.write(settings.HOME, carriers.Carrier(name="試験の事業者", policy=ARLINK, demo=True))
    made[0].fill_registers()
    open_account(username="clerk", password="tests only", display_name="clerk", role=Role.CLERK, at=SINCE)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP", base_url=live_server.url)
    page = context.new_page()
    page.goto("/console/login/")
    page.get_by_label("アカウント名").fill("clerk")
    page.get_by_label("パスワード").fill("tests only")
    press(page.get_by_role("button", name="管理画面に入る"))
    yield page
    context.close()


def require_readable(page: Page, tmp_path: Path, name: str) -> None:
    """No fault of access at either width, nothing that scrolls sideways."""
    for width in (None, PHONE):
        if width:
            page.set_viewport_size(width)  # type: ignore[arg-type]
        page.screenshot(path=tmp_path / f"{name}{'-phone' if width else ''}.png", full_page=True)
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.set_viewport_size({"width": 1280, "height": 900})


def opened(world: ModuleType, kind: str) -> str:
    at = timezone.now()
    arrived = at - timedelta(days=1)
    return actions.open_case(
        person=world.HANA, kind=kind, received_on=arrived.date(), at=at, acting_user="sato"
    ).reference


def test_what_is_wrong_is_recorded_and_taken_back(page: Page, made: tuple[ModuleType, Path], tmp_path: Path) -> None:
    reference = opened(made[0], "correction")
    page.goto(f"/console/cases/{reference}/after/")
    for wrong in ("𠮷田 花乃", "まちがい"):
        page.get_by_label("項目").select_option("identity.name")
        page.get_by_label("誤り（いま記録されている内容）").fill(wrong)
        page.get_by_label("正しい内容").fill("𠮷田 華乃")
        press(page.get_by_role("button", name="直す内容を記録する"))
    assert "𠮷田" not in page.content(), "a page that anybody at the desk opens shows no value"
    require_readable(page, tmp_path, "corrections")
    press(page.get_by_role("button", name=f"{reference}-C2を取り消す"))
    assert [one.ref for one in queries.corrections_of(reference)] == [f"{reference}-C1"]


def test_effects_that_wait_are_shown_with_their_code_and_recipients_with_their_term(
    page: Page, made: tuple[ModuleType, Path], settings: LazySettings, tmp_path: Path
) -> None:
    world = made[0]
    answer = effects_world.sent_answer(
        world,
        kind="correction",
        person=world.HANA,
        lines=[effects_world.line("identity.name")],
        corrections=[effects_world.wrong_name(world, "𠮷田 華乃")],
    )
    (Path(settings.HOME) / "systems" / "hr.sqlite3").rename(tmp_path / "away")
    actions.bring_about(answer_ref=answer, at=timezone.now(), acting_user="sato")
    page.goto(f"/console/cases/{answer.removesuffix('-A1')}/after/")
    assert page.get_by_text("できていません").count() == 1
    require_readable(page, tmp_path, "effects")
    press(page.get_by_role("button", name="訂正をやり直す"))
    assert page.get_by_text("やり直しを依頼しました。").count() == 1


def test_money_that_is_owed_is_given_back_and_the_day_balances(
    page: Page, made: tuple[ModuleType, Path], tmp_path: Path
) -> None:
    reference, at = opened(made[0], "disclosure"), timezone.now()
    for instrument, yen in (("postal_money_order", 1000), ("stamps", 10)):
        piece = Tendered(instrument=instrument, yen=yen, issued_on=at.date() - timedelta(days=3))
        actions.record_payment(reference=reference, piece=piece, came_by=Channel.MAIL, at=at, acting_user="sato")
    page.goto("/console/fees/")
    require_readable(page, tmp_path, "fees")
    press(page.get_by_role("link", name="返還を記録する"))
    page.get_by_label("書留または振込の番号").fill("123-45-67890-1")
    press(page.get_by_role("button", name="返還を記録する"))
    assert queries.money_of(reference, timezone.now()).owed == 0
    page.goto("/console/fees/")
    assert page.get_by_text("合っています").count() == 1
    with page.expect_download() as download:
        page.get_by_role("link", name="この日の日計をCSVで受け取る").click()
    told = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert told[0] == "what,on,case,instrument,before,came,went,after"
    assert [line.rsplit(",", 1)[1] for line in told if line.startswith(("fees", "owed"))] == ["660", "0"]


def test_a_complaint_is_recorded_and_answered(page: Page, tmp_path: Path) -> None:
    page.goto("/console/complaints/")
    page.get_by_label("お申し出の内容").fill("案内が遅い")
    press(page.get_by_role("button", name="苦情を記録する"))
    require_readable(page, tmp_path, "complaint")
    page.get_by_label("お返事の内容").fill("調べてご説明しました")
    press(page.get_by_role("button", name="お返事を記録する"))
    assert page.get_by_text("調べてご説明しました").count() == 1
    page.goto("/console/complaints/")
    require_readable(page, tmp_path, "complaints")
    assert queries.complaints(timezone.now(), open_only=True) == ()


def test_the_book_of_a_holiday_weekend_lists_everything_in_the_order_of_arrival(
    page: Page, made: tuple[ModuleType, Path], tmp_path: Path
) -> None:
    monday = datetime(2026, 9, 24, 0, 0, tzinfo=UTC)  # the day after four days off
    refs = []
    for days, hours in ((3, 0), (1, 0), (5, 12), (2, 5)):  # recorded in another order than they came
        came = monday - timedelta(days=days, hours=hours)
        refs.append((came, actions.record_contact(channel=Channel.FAX, arrived_at=came, at=monday, acting_user="sato")))
    page.goto("/console/book/?until=2026-09-24")
    expected = [ref for came, ref in sorted(refs) if came.date().isoformat() >= "2026-09-19"]
    assert len(expected) >= 3
    shown = page.locator("table").last.locator("tbody th a").all_inner_texts()
    assert shown == expected
    assert page.get_by_text(f"あと{len(expected)}件").count() == 1
    assert page.get_by_role("link", name=f"{expected[0]}を開く").count() == 1
    require_readable(page, tmp_path, "book")


def test_texts_are_put_right_by_keyboard_and_what_is_kept_says_why(
    page: Page, made: tuple[ModuleType, Path], settings: LazySettings, tmp_path: Path
) -> None:
    world = made[0]
    tickets = next((Path(settings.HOME) / "systems" / "support").rglob("*.jsonl"))
    first = tickets.read_text(encoding="utf-8").splitlines()[0]
    more = first.replace('"T0001"', '"T9001"').replace("の件。", "の件。名前は𠮷田　花乃と申します。")
    tickets.write_text(f"{tickets.read_text(encoding='utf-8')}{more}\n", encoding="utf-8")
    answer = effects_world.sent_answer(
        world,
        kind="correction",
        person=world.HANA,
        lines=[effects_world.line("identity.name")],
        corrections=[effects_world.wrong_name(world, "𠮷田 華乃")],
    )
    actions.bring_about(answer_ref=answer, at=timezone.now(), acting_user="sato")
    reference = answer.removesuffix("-A1")
    page.goto(f"/console/cases/{reference}/after/")
    require_readable(page, tmp_path, "waiting")
    press(page.get_by_role("link", name="文の中の訂正へ"))
    require_readable(page, tmp_path, "texts")
    assert page.locator("[data-redaction]").count() == 2
    page.keyboard.press("j")
    page.keyboard.press("x")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("[data-redaction]").count() == 1
    page.keyboard.press("j")
    page.keyboard.press("l")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_text("この方の行の文に、誤った内容は残っていません。").count() == 1
    require_readable(page, tmp_path, "texts-done")
    assert all(one.state.value == "done" for one in queries.effects_of(answer))
    assert tickets.read_text(encoding="utf-8").count("𠮷田 華乃") == 1
