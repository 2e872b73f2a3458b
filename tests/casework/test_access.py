"""The secret of a case: given out once, hashed, closed after wrong tries, and no answer tells which number exists."""

import ast
import inspect
import os
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pypdfium2
import pytest
from django.conf import LazySettings
from django.contrib.auth import hashers
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from sekisho.casework.subject_requests import actions, queries, rules
from sekisho.casework.subject_requests.actions import access
from sekisho.casework.subject_requests.models import CaseAccess, CaseAccessUse
from sekisho.casework.subject_requests.queries.access import looks_at
from sekisho.casework.subject_requests.rules.access import LENGTH, SIGNS, Use, printed, typed
from sekisho.engine.errors import SekishoError
from sekisho.evidence import queries as evidence
from sekisho.registers.policies import actions as policies
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
ARLINK = Path(__file__).parents[2] / "policies" / "arlink" / "policy.yaml"
TO = actions.Recipient(name="𠮷田 花子", postal_code="000-0000", address="架空県見本市一丁目2番3号")
TRIES = rules.limits()["access"]["tries"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def case(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    settings.HOME = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # the work is counted, not done
    monkeypatch.setattr(hashers.PBKDF2PasswordHasher, "iterations", 1)
    access.nobodys_hash.cache_clear()
    files = {"policy.yaml": ARLINK.read_text(encoding="utf-8")}
    policies.adopt(files=files, at=datetime(2026, 1, 1, tzinfo=UTC), acting_user="test")
    return actions.open_case(person="p-1", kind="disclosure", received_on=AT.date(), at=AT, acting_user="s-1").reference


def issue(case: str, at: datetime = AT) -> str:
    return access.issue_access(reference=case, at=at, acting_user="s-1")


def use(number: str, secret: str, at: datetime = AT) -> str:
    """What came of it: the case, or the code of the refusal."""
    try:
        return access.use_access(receipt_no=number, secret=secret, what=Use.STATUS, at=at)
    except SekishoError as refused:
        return f"{refused.code}{refused.values or ''}"  # no value may tell one refusal from another


def test_a_secret_opens_its_case_however_it_is_typed(case: str) -> None:
    secret = issue(case)
    assert len(secret) == LENGTH + 3
    assert set(secret) <= {*SIGNS, "-"}
    for text in (secret, secret.lower(), secret.replace("-", ""), secret.replace("-", " "), f"　{secret}"):
        assert use(case.lower(), text) == case
    wide = secret.translate({ord(sign): ord(sign) + 0xFEE0 for sign in SIGNS})
    assert use(case, wide) == case


@given(st.text(SIGNS, min_size=LENGTH, max_size=LENGTH))
def test_what_is_printed_can_be_typed(signs: str) -> None:
    assert typed(printed(signs)) == signs


def test_no_table_and_no_evidence_holds_the_secret(case: str) -> None:
    secret = issue(case).replace("-", "")
    row = CaseAccess.objects.get()
    assert secret not in row.secret_hash
    bodies = [str(one.body) for one in evidence.records(kinds=["request.access-issued", "request.access-used"])]
    assert bodies
    assert not any(secret in body or printed(secret) in body for body in bodies)


def test_a_new_secret_ends_the_old_one(case: str) -> None:
    old, new = issue(case), issue(case, AT + timedelta(days=1))
    later = AT + timedelta(days=2)
    assert (use(case, old, later), use(case, new, later)) == ("requests.access-refused", case)


def test_wrong_tries_close_it_for_a_while_and_nobody_is_told(case: str) -> None:
    secret, wrong = issue(case), printed("A" * LENGTH)
    told = {use(case, wrong) for _ in range(TRIES)}
    told.add(use(case, secret))  # the right one, while it is closed
    assert told == {"requests.access-refused"}
    minutes = rules.limits()["access"]["closed_minutes"]
    assert use(case, secret, AT + timedelta(minutes=minutes, seconds=-1)) == "requests.access-refused"
    assert use(case, secret, AT + timedelta(minutes=minutes)) == case


def test_a_right_one_in_between_begins_the_count_anew(case: str) -> None:
    secret = issue(case)
    for _ in range(3):
        for _ in range(TRIES - 1):
            use(case, "wrong")
        assert use(case, secret) == case


def test_knocking_on_a_closed_one_does_not_keep_it_closed(case: str) -> None:
    secret, minutes = issue(case), rules.limits()["access"]["closed_minutes"]
    for minute in range(minutes):
        use(case, "wrong", AT)
        use(case, "wrong", AT + timedelta(minutes=minute))
    for _ in range(TRIES):
        use(case, "wrong", AT)
    row = CaseAccess.objects.get()
    assert row.closed_until is not None
    assert use(case, secret, row.closed_until) == case


def test_it_ends(case: str) -> None:
    secret = issue(case)
    ends = CaseAccess.objects.get().expires_at
    assert (use(case, secret, ends - timedelta(seconds=1)), use(case, secret, ends)) == (
        case,
        "requests.access-refused",
    )


def test_unknown_closed_expired_and_wrong_do_the_same_work(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: one hash at the same cost and one transaction with one entry, whatever the number is."""
    secret, hashed = issue(case), list[str]()
    real = hashers.check_password

    def counted(password: str, encoded: str) -> bool:
        hashed.append("$".join(encoded.split("$")[:2]))  # algorithm and cost
        return real(password, encoded)

    monkeypatch.setattr(access, "check_password", counted)

    def work_of(number: str, secret: str, at: datetime) -> tuple[int, int, tuple[str, ...]]:
        hashes, entries = len(hashed), len(refusals())
        with CaptureQueriesContext(connection) as asked:
            assert use(number, secret, at) == "requests.access-refused"
        statements = tuple(one["sql"].split("WHERE")[0].split("VALUES")[0].split(" SET ")[0] for one in asked)
        told = tuple(re.sub(r"\"s\d+_x\d+\"", "savepoint", one) for one in statements)
        return len(hashed) - hashes, len(refusals()) - entries, told

    work = [work_of("K-2026-9999", secret, AT), work_of("no number", "", AT), work_of(case, "wrong", AT)]
    for _ in range(TRIES):
        use(case, "wrong")
    work += [work_of(case, secret, AT), work_of(case, secret, CaseAccess.objects.get().expires_at)]  # closed, over
    assert [one[:2] for one in work] == [(1, 1)] * 5
    ends = work[0][2]
    assert len({tuple(one for one in told if "SAVEPOINT" not in one) for _, _, told in work}) == 1
    assert any(one.startswith("INSERT") for one in ends)
    assert CaseAccessUse.objects.filter(access_id=access.NOBODY).count() == 0  # what was written for nobody is gone
    assert len(set(hashed)) == 1


def refusals() -> tuple[object, ...]:
    return evidence.records(kinds=["request.access-refused"], newest=1000)


def test_every_use_is_shown(case: str) -> None:
    secret = issue(case)
    use(case, secret)
    use(case, "wrong", AT + timedelta(minutes=1))
    access.record_use(reference=case, what=Use.PACKAGE, at=AT + timedelta(minutes=2))
    assert [look.what for look in looks_at(case)] == [Use.PACKAGE, Use.REFUSED, Use.STATUS]
    assert CaseAccessUse.objects.count() == 3


def test_the_carrier_s_own_hash_is_a_slow_one() -> None:
    assert hashers.make_password("x").startswith("argon2$argon2id$")


def test_a_secret_is_made_of_good_chance() -> None:
    tree = ast.parse(inspect.getsource(access))
    names = {
        node.value.id for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    assert "secrets" in names
    assert "random" not in names


def printed_in(ref: str) -> str:
    """The secret a letter prints."""
    document = pypdfium2.PdfDocument(actions.open_letter(ref=ref, account="s-1", at=AT))
    text = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    if folder := os.environ.get("SEKISHO_PICTURES"):
        pypdfium2.PdfDocument(actions.open_letter(ref=ref, account="s-1", at=AT))[0].render(scale=1.6).to_pil().save(
            f"{folder}/{ref}.png"
        )
    [found] = set(re.findall(rf"(?:[{SIGNS}]{{4}}-){{3}}[{SIGNS}]{{4}}", text))
    return str(found)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_letter_of_acceptance_prints_a_secret_that_opens(case: str, language: str) -> None:
    letter = partial(actions.write_letter, reference=case, to=TO, acting_user="s-1", language=language)
    first = printed_in(letter(kind="acceptance", at=AT))
    assert use(case, first) == case
    again = printed_in(letter(kind="access", at=AT + timedelta(days=1)))
    later = AT + timedelta(days=2)
    assert (use(case, first, later), use(case, again, later)) == ("requests.access-refused", case)


def test_other_letters_print_none(case: str) -> None:
    actions.write_letter(kind="deficiency", reference=case, to=TO, at=AT, acting_user="s-1")
    assert CaseAccess.objects.count() == 0


def test_the_desk_sends_a_secret_by_post_and_never_sees_it(case: str, client: Client) -> None:
    open_account(username="clerk", password="tests only", display_name="clerk", role=Role.CLERK, at=AT)
    client.post("/console/login/", {"username": "clerk", "password": "tests only"})
    given = {"name": TO.name, "postal_code": TO.postal_code, "address": TO.address}
    shown = [client.post(f"/console/cases/{case}/access/", given, follow=True).content.decode() for _ in range(2)]
    assert "受付のお知らせをつくりました" in shown[0]
    assert "前の合言葉は、もう使えません" in shown[1]
    refs = [one.ref for one in queries.letters_of(case)]
    assert [one.kind for one in queries.letters_of(case)] == ["acceptance", "access"]
    assert not any(printed_in(ref) in page for ref in refs for page in shown)
    nameless = actions.open_case(
        person="", kind="disclosure", received_on=AT.date(), at=AT, acting_user="s-1"
    ).reference
    page = client.post(f"/console/cases/{nameless}/access/", given, follow=True).content.decode()
    assert f"/letters/{queries.letters_of(nameless)[0].ref}.pdf" in page, (
        "it is printed before anybody knows whose request it is"
    )
