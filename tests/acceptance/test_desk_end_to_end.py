"""A request from the printed form to the receipt, as two clerks and the person do it in a browser, for both policies.

The form is printed, faxed, dropped in a folder; its code opens the case; papers, fee, who it is; everything is gathered and gone
through; one clerk drafts, another approves; the person takes the answer at the centre and checks the receipt without us.
"""

import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import answers_world as aw
import pypdfium2
import pytest
import yaml
from browsing import press
from click.testing import CliRunner
from PIL import ImageFilter
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from sekisho.casework.subject_requests import queries
from sekisho.casework.subject_requests.centre import status
from sekisho.casework.subject_requests.queries import frauds
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.intake import ArrivalState
from sekisho.entrypoints import carrier
from sekisho.entrypoints.cli.desk import command as desk_command
from sekisho.evidence import actions as ledger
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
ROOT = Path(__file__).resolve().parents[2]
VERIFIER = ROOT / "verifier" / "sekisho_verify.py"
PASSWORD = "tests only"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, Path]:
    module, home = aw.carrier(), tmp_path_factory.mktemp("desk")
    module.write_stores(home)
    return module, home


@pytest.fixture(params=["arlink", "carrier"])
def world(
    request: pytest.FixtureRequest,
    stores: tuple[ModuleType, Path],
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> ModuleType:
    module, home = stores
    settings.HOME = tmp_path / "home"
    monkeypatch.setenv("SEKISHO_HOME", str(settings.HOME))
    shutil.copytree(home, settings.HOME)
    folder = ROOT / "policies" / request.param
    if request.param != "arlink":
        datamap = yaml.safe_load(module.DATAMAP)
        del datamap["systems"]["hr"]  # this policy says nothing of applicants for a post
        files = {
            "policy.yaml": (folder / "policy.yaml").read_text(encoding="utf-8"),
            "datamap.yaml": yaml.dump(datamap),
        }
        monkeypatch.setattr(module, "documents", lambda: files)
    module.fill_registers()
    carrier.write(settings.HOME, carrier.Carrier(name="試験の事業者", policy=folder, demo=True))
    for username in ("saegusa", "mori"):
        open_account(username=username, password=PASSWORD, display_name=username, role=Role.CLERK, at=module.AT)
    status.WINDOW.forget()
    return module


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer, world: ModuleType) -> Iterator[Callable[[str], Page]]:
    contexts = []

    def opened(username: str = "") -> Page:
        context = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 900})
        contexts.append(context)
        page = context.new_page()
        if username:
            page.goto(f"{live_server.url}/console/login/")
            page.locator("input[name=username]").fill(username)
            page.locator("input[name=password]").fill(PASSWORD)
            press(page.locator("main button[type=submit]"))
        return page

    yield opened
    for context in contexts:
        context.close()


def faxed(pdf: bytes, into: Path) -> None:
    """Every page as a fax machine sends it: black and white, askew, half as many lines down as dots across."""
    pages = []
    for page in pypdfium2.PdfDocument(pdf):
        grey = page.render(scale=200 / 72).to_pil().convert("L")
        askew = grey.rotate(1.5, fillcolor=255, expand=True).filter(ImageFilter.GaussianBlur(0.6))
        pages.append(askew.resize((askew.width, askew.height // 2)).convert("1"))
    file = io.BytesIO()
    first, *rest = pages
    first.save(file, format="TIFF", save_all=True, append_images=rest, compression="group4", dpi=(200, 100))
    into.write_bytes(file.getvalue())


def day(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def test_from_the_printed_form_to_a_receipt_that_verifies_without_us(
    visit: Callable[..., Page], live_server: LiveServer, world: ModuleType, tmp_path: Path
) -> None:
    person, clerk, second = visit(), visit("saegusa"), visit("mori")
    url = live_server.url

    person.goto(f"{url}/requests/")
    form = person.request.get(url + str(person.locator("a[href$='disclosure.pdf']").first.get_attribute("href"))).body()
    folder = tmp_path / "fax"
    folder.mkdir()
    faxed(form, folder / "0001.tiff")
    done = CliRunner().invoke(desk_command, ["receive", str(folder), "--channel", "fax", "--by", "mori"])
    assert done.exit_code == 0, done.output
    assert not list(folder.iterdir()), "what is sealed does not lie about"
    [arrived] = queries.arrivals()
    assert arrived.state is ArrivalState.CASED
    case = arrived.request

    clerk.goto(f"{url}/console/cases/{case}/")
    clerk.get_by_label("番号", exact=True).fill(world.customer_no(0))
    press(clerk.get_by_role("button", name="本人を特定する"))
    papers(clerk)
    terms = clerk.locator("form[action$='/terms/']")
    terms.locator("[name=reply]").select_option("electronic")
    press(terms.get_by_role("button"))
    fee = queries.standing(case, datetime.now(UTC)).payment.lacking
    if fee:
        payments = clerk.locator("form[action$='/payments/']")
        payments.locator("[name=yen]").fill(str(fee))
        press(payments.get_by_role("button"))
    if {one.code for one in frauds.checks_of(case, datetime.now(UTC))} & {"unmasked-pages", "pages-unread"}:
        clerk.goto(f"{url}/console/inbox/{arrived.ref}/mask/")
        press(clerk.get_by_role("button", name="塗るところは写っていない"))
        clerk.goto(f"{url}/console/cases/{case}/")
    press(clerk.get_by_role("button", name="本人確認を記録する"))
    secret = reissued(clerk)

    clerk.goto(f"{url}/console/cases/{case}/person/")
    press(clerk.get_by_role("button", name="閲覧を記録して台帳を開く"))
    clerk.goto(f"{url}/console/cases/{case}/gathering/")
    press(clerk.get_by_role("button", name="情報を集める"))
    while queries.gathered(queries.gathering_of(case)).waiting:
        press(clerk.get_by_role("button", name="黒のまま残す").first)

    clerk.goto(f"{url}/console/cases/{case}/answer/")
    clerk.get_by_label("宛名").fill("𠮷田 花乃")
    clerk.get_by_label("郵便番号").fill("000-0000")
    clerk.get_by_label("住所", exact=True).fill("架空県見本市一丁目2番3号")
    press(clerk.get_by_role("button", name="送るものをつくる"))
    second.goto(f"{url}/console/cases/{case}/answer/")
    if second.url.endswith("/person/"):
        press(second.get_by_role("button", name="閲覧を記録して台帳を開く"))
        second.goto(f"{url}/console/cases/{case}/answer/")
    with second.expect_download():
        second.get_by_role("link", name="送るものすべて（ZIP）").click()
    second.get_by_label("送るものを開いて読み").check()
    press(second.get_by_role("button", name="この内容を承認する"))
    clerk.goto(f"{url}/console/cases/{case}/answer/")
    press(clerk.get_by_role("button", name="ダウンロードできるようにして案件を終える"))
    closed = queries.case(case)
    assert (closed.is_open, closed.outcome) == (False, Outcome.GRANTED)
    ledger.sequence(at=datetime.now(UTC), holder="test")

    person.goto(f"{url}/requests/status/")
    person.get_by_label("受付番号").fill(case)
    person.get_by_label("合言葉").fill(secret)
    press(person.get_by_role("button", name="状況を見る"))
    with person.expect_download() as download:
        person.get_by_role("button", name="お答えを受け取る（ZIP）").click()
    files = aw.files(Path(download.value.path()).read_bytes())
    letter = aw.text_of(files["1_ご回答.pdf"])
    assert "𠮷田 花乃" in letter
    assert case in letter
    with person.expect_download() as download:
        person.get_by_role("button", name="お答えの控えを保存する").click()
    receipt = tmp_path / "receipt.json"
    shutil.copy(download.value.path(), receipt)
    checked = subprocess.run([sys.executable, str(VERIFIER), str(receipt)], check=False, capture_output=True)
    assert checked.returncode == 0, checked.stdout


def papers(page: Page) -> None:
    """What the policy wants to see, if it wants to see anything."""
    for paper, field, when in (("drivers_licence", "expires_on", 700), ("residence_record", "issued_on", -20)):
        form = page.locator("form[action$='/papers/']")
        if form.count() and form.locator(f"option[value={paper}]").count():
            form.locator("[name=paper]").select_option(paper)
            form.locator(f"[name={field}]").fill(day(when))
            press(form.get_by_role("button"))


def reissued(page: Page) -> str:
    """The secret as the letter that prints it says it."""
    form = page.locator("form[action$='/access/']")
    form.get_by_label("宛名").fill("𠮷田 花乃")
    form.get_by_label("郵便番号").fill("000-0000")
    form.get_by_label("住所", exact=True).fill("架空県見本市一丁目2番3号")
    press(form.get_by_role("button"))
    link = page.locator("a[href*='/letters/']").last.get_attribute("href")
    text = aw.text_of(page.request.get(page.url.split("/console/")[0] + str(link)).body())
    found = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", text)
    assert found, "the letter prints no secret"
    return found[0]
