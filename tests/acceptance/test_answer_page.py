"""An answer in a browser: decided and drafted by one clerk, read and approved by another, sent; nobody's typing is lost."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import answers_world as aw
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import press
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.answering import AnswerState
from sekisho.casework.subject_requests.rules.papers import Agency, Presented, Whose
from sekisho.evidence import queries as evidence
from sekisho.registers.identities import queries as identities
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

# Playwright keeps an event loop running in this thread; the tests' own queries are not asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
PASSWORD = "tests only"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.once]
Desk = Callable[[str], Page]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, Path]:
    module, home = aw.carrier(), tmp_path_factory.mktemp("answer-page")
    module.write_stores(home)
    return module, home


@pytest.fixture
def world(stores: tuple[ModuleType, Path], tmp_path: Path, settings: Any, transactional_db: None) -> ModuleType:
    module, home = stores
    settings.HOME = tmp_path / "home"
    shutil.copytree(home, settings.HOME)
    module.fill_registers()
    for username in ("saegusa", "mori"):
        open_account(username=username, password=PASSWORD, display_name=username, role=Role.CLERK, at=module.AT)
    return module


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, world: ModuleType) -> Iterator[Desk]:
    contexts = []

    def sign_in(username: str) -> Page:
        context = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{live_server.url}/console/login/")
        page.locator("input[name=username]").fill(username)
        page.locator("input[name=password]").fill(PASSWORD)
        press(page.locator("main button[type=submit]"))
        return page

    yield sign_in
    for context in contexts:
        context.close()


def opened(page: Page, live_server: LiveServer, case: str) -> Page:
    """The page of the answer, behind the person's page, opened as a clerk opens it."""
    page.goto(f"{live_server.url}/console/cases/{case}/answer/")
    if page.url.endswith("/person/"):
        press(page.locator(".next .btn.primary"))
        page.goto(f"{live_server.url}/console/cases/{case}/answer/")
    return page


def check(page: Page, name: str, tmp_path: Path) -> None:
    """At both widths: nothing wider than the window, nothing axe objects to; a picture for somebody to look at."""
    folder = aw.looked_at(tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    assert page.evaluate("document.querySelectorAll('[style]').length") == 0
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is {wide} px too wide at {width}"
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
        assert found.violations_count == 0, f"{name} at {width}: {found.generate_report()}"
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.locator(".next").count() == 1


def test_an_answer_from_the_table_to_the_post(
    desk: Desk, live_server: LiveServer, world: ModuleType, tmp_path: Path
) -> None:
    case = aw.ready(world, "disclosure", reply="mail")
    clerk, second = desk("saegusa"), desk("mori")
    clerk.goto(f"{live_server.url}/console/cases/{case}/")
    expect(clerk.locator(".next .what")).to_have_text("答えを決め、送るものをつくる。")
    check(clerk, "case", tmp_path)
    page = opened(clerk, live_server, case)
    page.locator("select[name='answer-identity@crm.customers']").select_option(
        label="応じない：本人または第三者の生命、身体、財産その他の権利利益を害するおそれがある"
    )
    page.locator("input[name='reason-identity@crm.customers']").fill("同居の方に知られるおそれがあるため")
    page.get_by_label("宛名").fill("𠮷田 花乃")
    page.get_by_label("郵便番号").fill("000-0000")
    page.get_by_label("住所", exact=True).fill("架空県見本市髙﨑町一丁目2番3号")
    check(page, "answer-deciding", tmp_path)
    press(page.get_by_role("button", name="送るものをつくる"))
    answer = queries.answer_in_hand(case)
    assert answer is not None
    assert answer.outcome == Outcome.PARTIAL
    expect(page.locator(".next .what")).to_have_text("別の人の承認を待つ。")
    assert page.get_by_role("button", name="この内容を承認する").count() == 0
    page = opened(second, live_server, case)
    check(page, "answer-approving", tmp_path)
    with page.expect_download() as download:
        page.get_by_role("link", name="送るものすべて（ZIP）").click()
    content = Path(download.value.path()).read_bytes()
    assert sha256(content).hexdigest() == answer.sha256
    assert "髙﨑町" in aw.text_of(next(iter(aw.files(content).values())))
    page.get_by_label("送るものを開いて読み").check()
    press(page.get_by_role("button", name="この内容を承認する"))
    assert queries.answer(answer.ref).state is AnswerState.APPROVED
    page = opened(clerk, live_server, case)
    check(page, "answer-sending", tmp_path)
    page.get_by_label("書留の番号").fill("123-45-67890-1")
    press(page.get_by_role("button", name="送ったことを記録して案件を終える"))
    closed = queries.case(case)
    assert (closed.is_open, closed.outcome) == (False, Outcome.PARTIAL)
    assert queries.answer(answer.ref).registered_no == "123-45-67890-1"
    check(page, "answer-sent", tmp_path)
    assert len(evidence.records(kinds=["request.answer-opened"])) == 1
    clerk.goto(f"{live_server.url}/console/cases/{case}/")
    expect(clerk.get_by_text("書留 123-45-67890-1")).to_be_visible()


def test_a_change_after_the_approval_sends_the_clerk_back_to_a_new_draft(
    desk: Desk, live_server: LiveServer, world: ModuleType, tmp_path: Path
) -> None:
    case = aw.ready(world, "purpose_notice")
    ref = aw.drafted(world, case)
    actions.open_answer(ref=ref, account=aw.SECOND, at=world.AT)
    actions.approve_answer(ref=ref, sha256=queries.answer(ref).sha256, at=world.AT, acting_user=aw.SECOND)
    paper = actions.Presented(paper="passport")
    actions.record_paper(reference=case, paper=paper, at=world.AT, acting_user=aw.CLERK)
    page = opened(desk("saegusa"), live_server, case)
    expect(page.locator(".next .what")).to_have_text("回答を取り下げて、つくり直す。")
    assert page.get_by_role("button", name="ダウンロードできるようにして案件を終える").count() == 0
    check(page, "answer-outdated", tmp_path)
    press(page.get_by_role("button", name="回答を取り下げて、つくり直す"))
    assert queries.answer(ref).state is AnswerState.WITHDRAWN
    assert page.get_by_role("button", name="送るものをつくる").is_visible()


def test_of_two_clerks_on_one_case_the_later_is_told_what_changed_and_keeps_what_they_typed(
    desk: Desk, live_server: LiveServer, world: ModuleType, tmp_path: Path
) -> None:
    case = actions.open_case(
        person=world.HANA, kind="disclosure", received_on=world.ON, at=world.AT, acting_user=aw.CLERK
    ).reference
    first, second = desk("saegusa"), desk("mori")
    for page in (first, second):
        page.goto(f"{live_server.url}/console/cases/{case}/")
    first.locator("form[action$='/payments/']").locator("[name=yen]").fill("500")
    press(first.locator("form[action$='/payments/']").get_by_role("button"))
    second.locator("form[action$='/papers/']").locator("[name=paper]").select_option("passport")
    second.locator("form[action$='/papers/']").locator("[name=expires_on]").fill("2031-02-03")
    press(second.locator("form[action$='/papers/']").get_by_role("button"))
    expect(second.locator(".alert.open[role=alert]")).to_contain_text("手数料")
    assert queries.standing(case, world.AT).papers == ()
    assert second.locator("form[action$='/papers/']").locator("[name=expires_on]").input_value() == "2031-02-03"
    assert second.locator("form[action$='/papers/']").locator("[name=paper]").input_value() == "passport"
    check(second, "case-changed", tmp_path)
    press(second.locator("form[action$='/papers/']").get_by_role("button"))
    stands = queries.standing(case, world.AT)
    assert [one.paper for one in stands.papers] == ["passport"]
    assert [one.yen for one in stands.pieces] == [500]


def test_an_heir_and_a_stop_of_some_purposes(
    desk: Desk, live_server: LiveServer, world: ModuleType, tmp_path: Path
) -> None:
    page = desk("saegusa")
    case = aw.ready(world, "suspension")
    opened(page, live_server, case)
    place = next(one.key for one in queries.open_lines(case, world.AT) if one.item == "inquiry")
    picked = page.locator(f"select[name='answer-{place}']")
    for select in page.locator("select[name^='answer-']").all():
        select.select_option(label="求められていない")
    picked.select_option(label="消さずに、選んだ目的での利用だけをやめる")
    cell = page.locator("td", has=picked)
    cell.locator("summary").click()
    cell.locator("input[type=checkbox][value=support]").check()
    page.get_by_label("宛名").fill("𠮷田 花乃")
    page.get_by_label("郵便番号").fill("000-0000")
    page.get_by_label("住所", exact=True).fill("架空県見本市髙﨑町一丁目2番3号")
    check(page, "kinds-stopping", tmp_path)
    press(page.get_by_role("button", name="送るものをつくる"))
    answer = queries.answer_in_hand(case)
    assert answer is not None
    stopped = [line for line in answer.lines if line["answer"] == "grant"]
    assert [line["item"] for line in stopped] == ["inquiry"]
    assert isinstance(stopped[0]["purposes"], list)
    assert len(stopped[0]["purposes"]) == 1

    at, heirs = world.AT, {"reference": "", "at": world.AT, "acting_user": "account:1"}
    case = actions.open_case(person=world.KEN, kind="disclosure", received_on=world.ON, at=at, acting_user="account:1").reference  # fmt: skip
    heirs["reference"] = case
    actions.choose(**heirs, reply="electronic", agency=Agency.HEIR)
    for paper in (
        Presented(paper="drivers_licence", whose=Whose.HEIR, expires_on=date(2028, 5, 9)),
        Presented(paper="residence_record", whose=Whose.HEIR, issued_on=date(2026, 10, 1)),
        Presented(paper="heirship_certificate", whose=Whose.ESTATE, issued_on=date(2026, 6, 1)),
    ):
        actions.record_paper(**heirs, paper=paper)
    page.goto(f"{live_server.url}/console/cases/{case}/")
    expect(page.locator(".next .what")).to_have_text("書類にある亡くなった日を登録する。")
    check(page, "kinds-heir", tmp_path)
    page.locator("input[name=died_on]").fill("2026-04-30")
    press(page.get_by_role("button", name="登録する", exact=True))
    assert identities.standing_of(world.KEN, at).deceased_on == date(2026, 4, 30)
    expect(page.locator(".next .what")).to_have_text("請求した方が相続人であることを、届いた書類で確かめて記録する。")
    check(page, "kinds-heir-checked", tmp_path)
