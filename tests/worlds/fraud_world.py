"""The small carrier of gatherings.py with more people, and a desk that plays scripts of tests/casework/{frauds,honest}.yaml.

A script says who writes, for whom, with which papers, agent and fee, what changed before, and what must come of it. The desk
does all a clerk does, by the room's own actions, and stops where the product stops it: nothing here decides.
"""

import datetime as dt
import random
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import gatherings
import pylopdf_fonts_cjk
from PIL import Image, ImageDraw, ImageFont
from ruamel.yaml import YAML

from sekisho.casework.subject_requests import actions, queries, rules
from sekisho.casework.subject_requests.actions import Presented, Recipient, frauds, marking
from sekisho.casework.subject_requests.queries.frauds import checks_of
from sekisho.casework.subject_requests.rules.answering_lines import answering
from sekisho.casework.subject_requests.rules.fees import Tendered
from sekisho.casework.subject_requests.rules.fraud import AddressIs, Result, Showing, State
from sekisho.casework.subject_requests.rules.intake import Channel
from sekisho.casework.subject_requests.rules.papers import Agency, Whose
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.registers.identities import actions as identities
from sekisho.registers.identities import queries as registered
from sekisho.registers.identities.actions import NewPerson, Recorded
from sekisho.registers.identities.rules import IdentifierInterval, NameInterval

CLERK, SECOND, OFFICER = "account:1", "account:2", "account:9"
AT = gatherings.AT
POLICIES = Path(__file__).resolve().parents[2] / "policies"
SCRIPTS = Path(__file__).resolve().parents[1] / "casework"
BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
MORE: tuple[
    tuple[str, str, str, str, str, date | None, dict[str, Any]], ...
] = (  # who, kind of person, identifier, its value, name, born, more
    ("P-sora", "customer", "customer_no", "C10", "須藤 空", date(2012, 5, 5), {"guardian": "P-hana"}),
    ("P-gen", "customer", "customer_no", "C11", "郡司 玄", date(1940, 1, 1), {"deceased_on": date(2026, 5, 1)}),
    ("P-rei", "customer", "customer_no", "C12", "郡司 玲", date(1970, 2, 2), {}),
    ("P-li", "customer", "customer_no", "C13", "LI XIAOMING", date(1990, 3, 3), {}),
    ("P-yoshi", "customer", "customer_no", "C14", "𠮷﨑 髙", date(1985, 4, 4), {}),
    ("P-safe", "customer", "customer_no", "C15", "守屋 環", date(1991, 6, 6), {"is_protected": True}),
    ("P-corp", "customer", "customer_no", "C16", "株式会社見本", None, {"is_corporate": True}),
    ("P-user", "line_user", "number", "09000000021", "宇野 使", date(1988, 7, 7), {}),
    ("P-share", "shareholder", "shareholder_no", "S1", "加部 主", date(1966, 8, 8), {}),
    ("P-left", "leaver", "staff_no", "E1", "退出 職", date(1979, 9, 9), {}),
    ("P-staff", "staff", "staff_no", "E2", "勤務 中", date(1983, 9, 9), {}),
    ("P-apply", "job_applicant", "applicant_no", "A1", "応募 志", date(2001, 10, 10), {}),
    ("P-bill", "bill_recipient", "recipient_no", "B1", "送付 先", date(1977, 11, 11), {}),
    ("P-mail", "inquirer", "mail", "toi@example.jp", "問合 人", None, {}),
    ("P-deal", "business_contact", "contact_no", "D1", "取引 担", None, {}),
)


def scripts(name: str) -> list[dict[str, Any]]:
    """Scripts of a file, with its papers put in their place."""
    told = YAML(typ="safe").load((SCRIPTS / f"{name}.yaml").read_text(encoding="utf-8"))
    for script in told["scripts"]:
        for case in (script, *script.get("earlier", ())):
            case["papers"] = [_paper(one, told["papers"]) for one in case.get("papers", ())]
    return list(told["scripts"])


def build(home: Path, policy: str) -> None:
    """Stores and registers under one of the two carriers' policies."""
    gatherings.POLICY = POLICIES / policy / "policy.yaml"
    gatherings.build(home)
    people = [
        NewPerson(
            ref=ref,
            kinds=(kind,),
            acquired_on=date(2020, 1, 1),
            born_on=born,
            identifiers=(IdentifierInterval(person=ref, kind=identifier, value=value, since=BEGAN),),
            names=(NameInterval(name=name, kana=""),),
            **more,
        )
        for ref, kind, identifier, value, name, born, more in MORE
    ]
    lines = IdentifierInterval(person="P-corp", kind="contracted_number", value="09000000021", since=BEGAN)
    people[6] = NewPerson(
        ref="P-corp",
        kinds=("customer",),
        acquired_on=date(2020, 1, 1),
        is_corporate=True,
        identifiers=(*people[6].identifiers, lines),
        names=people[6].names,
    )
    identities.import_population(people=people, at=AT, acting_user="test")
    _hold(home)


def _hold(home: Path) -> None:
    """Rows of the people added here, in the stores of gatherings.py."""
    with closing(sqlite3.connect(home / "systems" / "crm.sqlite3")) as store, store:
        store.executemany(
            "INSERT INTO subscribers VALUES (?, ?, '架空県見本市', '', ?, 0, '2020-01-01', NULL)",
            [(value, name, str(born or "")) for _, _, kind, value, name, born, _ in MORE if kind == "customer_no"],
        )
    with closing(sqlite3.connect(home / "systems" / "cdr.sqlite3")) as store, store:
        called = ("09000000021", gatherings.FRIENDS, "2026-08-02T01:00:00+00:00", 15, "T-USER")
        store.execute("INSERT INTO calls VALUES (NULL, ?, ?, ?, ?, ?)", called)


def played(script: Mapping[str, Any]) -> str:
    """What came of a script: `served:OUTCOME`, `check:CODES` that stood open at the approval, or the code that stopped it."""
    for event in script.get("before", ()):
        _happen(event)
    for earlier in script.get("earlier", ()):
        for _ in range(earlier.get("times", 1)):
            _case(earlier, finish=earlier.get("finish", False))
    try:
        reference, ref = _case(script, finish=True)
    except SekishoError as error:
        return (
            str(error.values["checks"] and f"check:{error.values['checks']}")
            if "checks" in error.values
            else error.code
        )
    leaves = b"".join(queries.files_of(ref).values()).decode("utf-8", "ignore")
    for value in script.get("never", ()):
        if value in leaves:
            return f"told {value}"
    for value in script.get("tells", ()):
        if value not in leaves:
            return f"did not tell {value}"
    return f"served:{queries.case(reference).outcome}"


def _case(told: Mapping[str, Any], *, finish: bool) -> tuple[str, str]:
    received = told.get("received", tokyo_date(AT))
    reference = _arrived(told, received)
    person = _person(told["of"], received)
    actions.identify(reference=reference, person=person, at=AT, acting_user=CLERK)
    for paper in told.get("papers", ()):
        actions.record_paper(reference=reference, paper=paper, at=AT, acting_user=CLERK)
    actions.choose(
        reference=reference, reply=told.get("reply", "electronic"), agency=Agency(told.get("agency", "none")),
        at=AT, acting_user=CLERK,
    )  # fmt: skip
    for piece in told.get("fee", ()):
        tendered = Tendered(instrument=piece["by"], yen=piece["yen"], issued_on=piece.get("issued_on"))
        actions.record_payment(reference=reference, piece=tendered, came_by=Channel.MAIL, at=AT, acting_user=CLERK)
    frauds.record_sender(
        reference=reference, agent=told.get("agent", ""), address_is=AddressIs(told.get("address", "contract")),
        changed_on=told.get("address_since"), at=AT, acting_user=CLERK,
    )  # fmt: skip
    if "other_way" in told:
        actions.propose_other_way(reference=reference, why=told["other_way"]["why"], at=AT, acting_user=CLERK)
        by = CLERK if told["other_way"].get("by") == "same" else SECOND
        actions.approve_other_way(reference=reference, at=AT, acting_user=by)
    if told.get("blacked_out", True):
        for arrival in queries.arrivals(request=reference):
            marking.black_out(ref=arrival.ref, boxes=(), at=AT, acting_user=CLERK)
    if not finish:
        return reference, ""
    if told.get("asks_before_identity"):
        return reference, actions.draft_answer(
            reference=reference, decisions=[], to=_to(told), at=AT, acting_user=CLERK
        )
    if "died_on" in told:
        actions.record_death(reference=reference, on=told["died_on"], at=AT, acting_user=CLERK)
    actions.record_identity_check(reference=reference, at=AT, acting_user=CLERK)
    return reference, _answered(reference, told)


def _answered(reference: str, told: Mapping[str, Any]) -> str:
    if queries.case(reference).kind in answering()["gathered"]:
        ref = actions.gather(reference=reference, at=AT, acting_user=CLERK)
        for one in queries.gathered(ref).waiting:
            actions.decide_redaction(ref=ref, number=one.number, keep=True, at=AT, acting_user=CLERK)
    answer = actions.draft_answer(reference=reference, decisions=[], to=_to(told), at=AT, acting_user=CLERK)
    for code, result in told.get("checks", {}).items():
        _record(reference, code, result)
    by = CLERK if told.get("approved_by") == "same" else SECOND
    sealed = queries.answer(answer).sha256
    if told.get("other_bytes"):
        sealed = sealed[::-1]
    actions.open_answer(ref=answer, account=by, at=AT)
    actions.approve_answer(ref=answer, sha256=sealed, at=AT, acting_user=by)
    if told.get("paper_after"):
        actions.record_paper(
            reference=reference, paper=Presented(paper="passport", matches=False), at=AT, acting_user=CLERK
        )
    actions.send_answer(ref=answer, sent_on=tokyo_date(AT), at=AT, acting_user=CLERK)
    if told.get("sent_twice"):
        actions.send_answer(ref=answer, sent_on=tokyo_date(AT), at=AT, acting_user=CLERK)
    return answer


def _record(reference: str, code: str, result: str) -> None:
    """A clerk's note of one question; the officer's where it is the officer's."""
    for one in checks_of(reference, AT):
        if one.code == code and one.state is State.OPEN:
            officer = one.by_officer and not result.startswith("clerk:")
            frauds.record_check(
                reference=reference, key=one.seen.key, result=Result(result.removeprefix("clerk:")),
                how="契約の番号へ折り返し", is_officer=officer, at=AT, acting_user=OFFICER if officer else CLERK,
            )  # fmt: skip
            return
    raise AssertionError(f"{code} was not asked: {[one.code for one in checks_of(reference, AT)]}")


def _arrived(told: Mapping[str, Any], received: date) -> str:
    kind = told.get("kind", "disclosure")
    if not told.get("pages"):
        return actions.open_case(person="", kind=kind, received_on=received, at=AT, acting_user=CLERK).reference
    pages = [picture(one) for one in told["pages"]]
    when = datetime.combine(received, dt.time.fromisoformat(told.get("hour", "10:00")), UTC) - timedelta(hours=9)
    [ref] = actions.receive(
        pages=pages, channel=Channel(told.get("channel", "mail")), arrived_at=min(when, AT), at=AT, acting_user=CLERK
    )
    return actions.open_case_for(ref=ref, kind=kind, person="", at=AT, acting_user=CLERK)


def picture(name: str) -> Image.Image:
    """A copy of somebody's card; `NAME/turned`, `NAME/small`: the same copy as it comes again."""
    whose, _, how = name.partition("/")
    drawn, page = random.Random(whose), Image.new("L", (1200, 1700), 255)
    pen, font = ImageDraw.Draw(page), ImageFont.truetype(str(pylopdf_fonts_cjk.sans_path()), 36)
    pen.rectangle((120, 300, 1000, 900), outline=0, width=5)
    for line in range(6):
        pen.text((150, 330 + line * 90), "".join(drawn.choices("山川田佐藤高橋12345町丁目", k=14)), font=font, fill=0)
    for _ in range(12):
        left, top = 720 + drawn.randint(0, 180), 450 + drawn.randint(0, 280)
        pen.ellipse((left, top, left + 60, top + drawn.randint(20, 80)), fill=drawn.randint(0, 255))
    turned = {"": page, "turned": page.rotate(180), "small": page.resize((900, 1275))}
    return turned[how]


def _person(of: Mapping[str, Any], received: date) -> str:
    [(kind, value)] = ((key, str(value)) for key, value in of.items() if key != "used_on")
    day = of.get("used_on") or received
    moment = datetime.combine(day, dt.time(12), UTC) - timedelta(hours=9)
    person = registered.person_of(kind, value, moment)
    if person is None:
        raise SekishoError("requests.person-not-found", room=rules.ROOM)
    return person


def _happen(event: Mapping[str, Any]) -> None:
    [(what, told)] = event.items()
    on = identities.midnight(told["on"]) if "on" in told else AT
    if what == "renamed":
        recorded = Recorded(happened=on, at=AT, document="family_register", acting_user="test")
        identities.rename(person=told["who"], name=told["name"], kana="", told=recorded)
    elif what == "new_number":
        recorded = Recorded(happened=on, at=AT, document="application", acting_user="test")
        identities.assign(number=told["number"], person=told["who"], told=recorded)
    elif what == "protected":
        frauds.protect(person=told["who"], showing=Showing.SUPPORT_MEASURE, at=AT, acting_user=CLERK)
    else:
        raise AssertionError(what)


def _paper(told: Any, named: Mapping[str, Any]) -> Presented:
    row = (
        dict(named[told]) if isinstance(told, str) else dict(named[told["like"]] if "like" in told else {}) | dict(told)
    )
    row.pop("like", None)
    for key in ("shows", "masked"):
        row[key] = frozenset(row.get(key, ()))
    return Presented(**(row | {"whose": Whose(row.get("whose", "person"))}))


def _to(told: Mapping[str, Any]) -> Recipient:
    return Recipient(name=told.get("name", "櫛田 真澄"), postal_code="000-0000", address="架空県見本市一丁目2番3号")
