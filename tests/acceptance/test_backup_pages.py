"""The page of backups in a real browser: the worst first, times by store, what no drill could try, both widths, both languages."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import press
from django.conf import LazySettings
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer
from restores import small_world

from sekisho.registers.backups.actions.drilling import record_drill
from sekisho.registers.backups.actions.making import make_backup
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

# Playwright keeps an event loop running in this thread; the tests' own queries are not asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

WIDTHS = ((1280, 900), (390, 844))
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PASSWORD = "tests only"
SYSTEMS = ("", "crm", "hr", "billing", "cdr", "support", "sekisho")
TIMES = {
    "backup": (""),
    "copied": ("crm", "hr", "billing", "cdr", "support", "sekisho"),
    "erased": ("crm", "billing", "cdr", "support", "sekisho"),
    "restored": (""),
    "looked": ("crm", "hr", "billing", "cdr", "support", "sekisho"),
}
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.once]


@pytest.fixture
def page(
    browser: Browser, live_server: LiveServer, tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Page]:
    world = small_world()
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    monkeypatch.setenv("SEKISHO_HOME", str(settings.HOME))
    world.write_stores(settings.HOME)
    world.fill_registers()
    now = datetime.now(UTC)
    for username, role in (("hogo", Role.OFFICER), ("madoguchi", Role.CLERK)):
        open_account(username=username, password=PASSWORD, display_name=username, role=role, at=now)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP")
    page = context.new_page()
    sign_in(page, live_server, "hogo")
    yield page
    context.close()


def sign_in(page: Page, live_server: LiveServer, username: str) -> None:
    page.goto(live_server.url + "/console/login/")
    page.get_by_label("アカウント名").fill(username)
    page.get_by_label("パスワード").fill(PASSWORD)
    press(page.get_by_role("button", name="管理画面に入る"))


def drill(at: datetime, *, undrilled: bool = False, resurrected: int = 0) -> None:
    stages = [
        {"stage": stage, "system": system, "milliseconds": 1234 * (index + 1)}
        for stage, systems in TIMES.items()
        for index, system in enumerate(systems or ("",))
    ]
    left = [{"system": "crm", "kind": "postgresql", "why": "no-place"}] if undrilled else []
    record_drill(
        backup="backup-0",
        people=3,
        resurrected=resurrected,
        looked_at=90,
        stages=stages,
        undrilled=left,
        at=at,
        acting_user="test",
    )


def next_step(page: Page, live_server: LiveServer) -> str:
    page.goto(live_server.url + "/console/backups/")
    assert page.locator(".next").count() == 1
    return page.inner_text(".next")


def test_the_next_step_follows_what_is_missing(page: Page, live_server: LiveServer, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    assert "sekisho backup make" in next_step(page, live_server)
    make_backup(target=tmp_path / "backups", at=now - timedelta(days=2), acting_user="test")
    assert "sekisho backup drill" in next_step(page, live_server)
    assert "2日" in page.inner_text("main")
    drill(now - timedelta(hours=2), undrilled=True)
    assert "訓練していない1件のシステム" in next_step(page, live_server)
    assert "backups.drill に" in page.inner_text("main")
    hold(page, live_server)
    drill(now - timedelta(hours=1), resurrected=1)
    assert "消去した方が復元で戻りました" in next_step(page, live_server)
    drill(now)
    assert "いますることはありません" in next_step(page, live_server)
    assert "1,234" in page.inner_text("main")
    (apart,) = (tmp_path / "home.apart").glob("*")
    shutil.rmtree(apart)
    assert "sekisho backup apart" in next_step(page, live_server)


def test_who_does_not_keep_the_machines_does_not_see_it(page: Page, live_server: LiveServer) -> None:
    page.context.clear_cookies()
    sign_in(page, live_server, "madoguchi")
    answer = page.goto(live_server.url + "/console/backups/")
    assert answer is not None
    assert answer.status == 403


def hold(page: Page, live_server: LiveServer) -> None:
    for address in ("/console/backups/", "/en/console/backups/"):
        for width, height in WIDTHS:
            page.set_viewport_size({"width": width, "height": height})
            page.goto(live_server.url + address)
            if shots := os.environ.get("SEKISHO_SHOTS"):
                page.screenshot(path=f"{shots}/backups{address[1:3]}{width}.png", full_page=True)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{address} is {wide} px too wide at {width}"
            found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
            assert found.violations_count == 0, found.generate_report()
