"""A request by web: form, e-mail through a real server, code, arrival, case; and everything that is not one."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import smtp_server
import time_machine
from django.conf import LazySettings
from django.contrib.auth import hashers
from django.test import Client
from PIL import Image, ImageDraw

from sekisho.casework.subject_requests import actions, queries, rules
from sekisho.casework.subject_requests.actions import access, web
from sekisho.casework.subject_requests.centre import web as pages
from sekisho.casework.subject_requests.models import Arrival, SubjectRequest, WebRequest
from sekisho.casework.subject_requests.rules.intake import ArrivalState, Channel
from sekisho.entrypoints import carrier
from sekisho.evidence import queries as evidence
from sekisho.registers.policies import actions as policies

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
FOLDER = Path(__file__).parents[1] / "policies"
GIVEN = {
    "name": "髙橋 花子",
    "address": "100-0001 架空県見本市一丁目2番3号",
    "scope": "すべて",
    "reply": "electronic",
    "agency": "none",
    "e_mail": "hanako@example.jp",
}
CODE = re.compile(r"([A-Z0-9]{4}-[A-Z0-9]{4})\s")
pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Iterator[smtp_server.Server]:
    with smtp_server.mail_server() as server:
        yield server


@pytest.fixture
def centre(
    settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: smtp_server.Server
) -> Iterator[Client]:
    settings.HOME = tmp_path
    settings.EMAIL_BACKEND = "sekisho.entrypoints.mailing.CarrierBackend"  # Django's test runner swaps it
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    monkeypatch.setattr(hashers.PBKDF2PasswordHasher, "iterations", 1)
    access.nobodys_hash.cache_clear()
    adopt("by-web")
    mail = carrier.Mail(url=server.url, sender="centre@example.jp")
    carrier.write(tmp_path, carrier.Carrier(name="試験", policy=FOLDER / "by-web", demo=True, mail=mail))
    pages.WINDOW.forget()
    pages.CODES.forget()
    with time_machine.travel(AT, tick=False):
        yield Client()
    access.nobodys_hash.cache_clear()


def adopt(name: str, since: str = "2026-04-01") -> None:
    text = (FOLDER / name / "policy.yaml").read_text(encoding="utf-8").replace("2026-04-01", since)
    policies.adopt(files={"policy.yaml": text}, at=datetime(2026, 4, 1, tzinfo=UTC), acting_user="test")


def send(centre: Client, **changed: object) -> int:
    return int(centre.post("/requests/web/disclosure/", GIVEN | changed).status_code)


def told(server: smtp_server.Server) -> tuple[str, str]:
    """Number and code of the newest e-mail."""
    body = server.messages[-1].get_content()
    found, number = CODE.search(body), re.search(r"W-2026-[A-Z0-9]{8}", body)
    assert found is not None
    assert number is not None
    return number[0], found[1]


def confirm(centre: Client, number: str, code: str) -> int:
    return int(centre.post("/requests/web/code/", {"number": number, "code": code}).status_code)


def licence() -> io.BytesIO:
    page = Image.new("L", (600, 400), 255)
    ImageDraw.Draw(page).rectangle((50, 50, 300, 200), fill=0)
    out = io.BytesIO()
    page.save(out, "PNG")
    out.seek(0)
    out.name = "licence.png"
    return out


def test_a_request_by_web_is_an_arrival_and_a_case_like_any_other(centre: Client, server: smtp_server.Server) -> None:
    assert "/requests/web/disclosure/" in centre.get("/requests/").content.decode()
    assert send(centre, papers=[licence()]) == 302
    assert (Arrival.objects.count(), SubjectRequest.objects.count()) == (0, 0)  # nothing arrives before the code
    [message] = server.messages
    assert (message["To"], message["From"]) == ("hanako@example.jp", "centre@example.jp")
    assert "花子" not in message.get_content()
    number, code = told(server)
    with time_machine.travel(AT + timedelta(minutes=5), tick=False):
        answer = centre.post("/requests/web/code/", {"number": number, "code": code.lower()})
    assert answer["Cache-Control"] == "no-store"
    case = queries.cases()[0]
    assert case.reference in answer.content.decode()
    [arrival] = queries.arrivals()
    assert (arrival.channel, arrival.state, arrival.request) == (Channel.WEB, ArrivalState.CASED, case.reference)
    assert (arrival.pages, case.kind, case.person, case.received_on) == (2, "disclosure", "", AT.date())
    shown = actions.show_page(ref=arrival.ref, page=1, account="s-1", at=AT)
    assert Image.open(io.BytesIO(shown)).width > 1000
    assert not list(Path(access.__file__).parent.glob(number))  # nothing left beside the code


def test_the_sheets_of_a_request_are_only_ever_sealed(
    centre: Client, server: smtp_server.Server, tmp_path: Path
) -> None:
    send(centre, papers=[licence()])
    number, code = told(server)
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert not any("花子".encode() in content or b"hanako@" in content for content in files.values())
    assert (tmp_path / "scans" / f"{number}.sealed").exists()
    confirm(centre, number, code)
    assert not (tmp_path / "scans" / f"{number}.sealed").exists()
    bodies = " ".join(str(one.body) for one in evidence.records(newest=100))
    assert "花子" not in bodies
    assert "hanako" not in bodies
    assert code.replace("-", "") not in bodies


def test_wrong_codes_unknown_numbers_and_late_ones_are_told_the_same(
    centre: Client, server: smtp_server.Server
) -> None:
    send(centre)
    number, code = told(server)
    pages_told = {
        re.sub(
            r'value="[^"]*"', "", centre.post("/requests/web/code/", {"number": tried, "code": text}).content.decode()
        )
        for tried, text in ((number, "AAAA-AAAA"), ("W-2026-AAAAAAAA", code), ("x", "y"))
    }
    assert len(pages_told) == 1
    with time_machine.travel(AT + timedelta(minutes=rules.limits()["web"]["code_minutes"]), tick=False):
        assert confirm(centre, number, code) == 403
    assert SubjectRequest.objects.count() == 0


def test_a_code_dies_of_wrong_tries(centre: Client, server: smtp_server.Server) -> None:
    send(centre)
    number, code = told(server)
    for _ in range(rules.limits()["web"]["code_tries"]):
        assert confirm(centre, number, "AAAA-AAAA") == 403
    assert confirm(centre, number, code) == 403


def test_twice_confirmed_is_one_case(centre: Client, server: smtp_server.Server) -> None:
    send(centre)
    number, code = told(server)
    first = web.confirm_web_request(ref=number, code=code, at=AT)
    assert web.confirm_web_request(ref=number, code=code, at=AT) == first
    assert (SubjectRequest.objects.count(), Arrival.objects.count()) == (1, 1)


def test_what_nobody_confirms_is_destroyed(centre: Client, server: smtp_server.Server, tmp_path: Path) -> None:
    send(centre)
    number, _ = told(server)
    later = AT + timedelta(minutes=rules.limits()["web"]["code_minutes"])
    assert web.drop_web_requests(at=later - timedelta(seconds=1), acting_user="x") == 0
    assert web.drop_web_requests(at=later, acting_user="x") == 1
    assert web.drop_web_requests(at=later, acting_user="x") == 0
    assert not list(tmp_path.rglob(f"{number}*"))
    assert WebRequest.objects.count() == 0


def test_nobody_s_mailbox_is_filled_from_here(centre: Client, server: smtp_server.Server) -> None:
    limit = rules.limits()["web"]["same_mail"]
    told_pages = set()
    for _ in range(limit + 2):
        answer = centre.post("/requests/web/disclosure/", GIVEN | {"e_mail": "Hanako@example.jp"})
        told_pages.add((answer.status_code, answer["Location"]))
    assert len(server.messages) == limit
    assert len(told_pages) == 1  # whoever tries sees no difference


def test_one_address_does_not_ask_for_ever(centre: Client, server: smtp_server.Server) -> None:
    limit = rules.limits()["web"]["address_tries"]
    codes = [send(centre, e_mail=f"p{number}@example.jp") for number in range(limit + 1)]
    assert codes == [302] * limit + [429]
    assert len(server.messages) == limit


def test_a_program_that_fills_in_everything_gets_the_same_page_and_nothing_is_kept(
    centre: Client, server: smtp_server.Server
) -> None:
    assert send(centre, website="x") == 302
    assert (server.messages, WebRequest.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    "changed", [{"e_mail": "nobody"}, {"name": ""}, {"reply": "pigeon"}, {"papers": [io.BytesIO(b"MZ not a picture")]}]
)
def test_what_cannot_be_taken_is_said_at_the_form(centre: Client, changed: dict[str, object]) -> None:
    assert send(centre, **changed) == 400
    assert WebRequest.objects.count() == 0


def test_a_server_that_refuses_is_said_without_the_address(centre: Client, server: smtp_server.Server) -> None:
    server.refuses = True
    answer = centre.post("/requests/web/disclosure/", GIVEN)
    assert answer.status_code == 400
    assert "メールを送れませんでした" in answer.content.decode()


def test_under_a_policy_without_the_web_there_is_no_such_page(centre: Client) -> None:
    adopt("stamps-only", "2026-05-01")
    shown = centre.get("/requests/").content.decode()
    assert "/requests/web/" not in shown
    assert "/requests/forms/disclosure.pdf" in shown
    assert centre.get("/requests/web/disclosure/").status_code == 404
    assert send(centre) == 404


def test_a_folder_takes_the_e_mail_where_nothing_is_to_leave(centre: Client, tmp_path: Path) -> None:
    mail = carrier.Mail(url="folder:outbox", sender="centre@example.jp")
    carrier.write(tmp_path, carrier.Carrier(name="試験", policy=FOLDER / "by-web", demo=True, mail=mail))
    assert send(centre) == 302
    assert len(list((tmp_path / "outbox").iterdir())) == 1


def test_without_any_way_to_send_it_is_said(centre: Client, tmp_path: Path) -> None:
    carrier.write(tmp_path, carrier.Carrier(name="試験", policy=FOLDER / "by-web", demo=True))
    assert send(centre) == 400
