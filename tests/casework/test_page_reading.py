"""Pages read by machine: a finding blocks the check of identity and the answer, burning it in and reading again lets go."""

import random
import sys
from pathlib import Path
from typing import Any

import drawn_papers
import gatherings
import pytest

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.actions import marking, scans
from sekisho.casework.subject_requests.actions.reading import read_arrival, set_aside_finding
from sekisho.casework.subject_requests.models import PageFinding, PageReading
from sekisho.casework.subject_requests.queries.reading import held_pages, open_findings, pages_read, waiting_arrivals
from sekisho.casework.subject_requests.rules.intake import Channel
from sekisho.engine.errors import SekishoError
from sekisho.evidence import queries as evidence

AT, CLERK = gatherings.AT, "account:1"
SMALL = (900, 640)  # dots: a copy of a card, not a whole sheet, so that reading is quick
pytestmark = pytest.mark.slow


@pytest.fixture
def desk(tmp_path: Path, settings: Any, db: None) -> None:
    settings.HOME = tmp_path
    gatherings.build(tmp_path)


def arrived(page: drawn_papers.Drawn) -> tuple[str, str]:
    """A page in a case of Hana's that lacks nothing but the look at its pages."""
    faxed = drawn_papers.faxed(page.page, askew=1.5, seed=3)
    [ref] = actions.receive(pages=[faxed], channel=Channel.FAX, arrived_at=AT, at=AT, acting_user=CLERK)
    case = actions.open_case_for(ref=ref, kind="disclosure", person=gatherings.HANA, at=AT, acting_user=CLERK)
    actions.propose_other_way(reference=case, why="known for years", at=AT, acting_user=CLERK)
    actions.approve_other_way(reference=case, at=AT, acting_user="account:2")
    return ref, case


def check(case: str) -> str:
    """The code with which the check of identity is refused; empty where it is not."""
    try:
        actions.record_identity_check(reference=case, at=AT, acting_user=CLERK)
    except SekishoError as error:
        return error.code
    return ""


def test_a_number_on_a_fax_blocks_until_it_is_burned_in_and_read_again(desk: None) -> None:
    ref, case = arrived(drawn_papers.my_number_card(random.Random(4), size=SMALL))
    assert waiting_arrivals() == (ref,)
    assert check(case) == "requests.pages-unread"
    assert read_arrival(ref=ref, at=AT, acting_user="reconciler") == 1
    assert read_arrival(ref=ref, at=AT, acting_user="reconciler") == 0, "what is read is not read again"
    [found] = open_findings(ref)
    assert (found.part, found.area.page) == ("my_number", 1)
    assert check(case) == "requests.page-findings-open"
    with pytest.raises(SekishoError, match=r"requests\.page-findings-open"):
        marking.black_out(ref=ref, boxes=(), at=AT, acting_user=CLERK)

    beside = marking.Box(page=1, left=20, top=900, right=60, bottom=960, part="my_number")
    marking.black_out(ref=ref, boxes=[beside], at=AT, acting_user=CLERK)
    assert [one.id for one in open_findings(ref)] == [found.id], "a box elsewhere settles nothing"
    area = found.area
    left, right = area.left + 8, area.right - 8  # as a person draws it
    half = marking.Box(page=1, left=left, top=area.top, right=(left + right) // 2, bottom=area.bottom, part="my_number")
    marking.black_out(ref=ref, boxes=[half], at=AT, acting_user=CLERK)
    assert [one.id for one in open_findings(ref)] == [found.id], "nor does half a box"
    box = marking.Box(page=1, left=left, top=area.top, right=right, bottom=area.bottom, part="my_number")
    marking.black_out(ref=ref, boxes=[box], at=AT, acting_user=CLERK)
    assert open_findings(ref) == ()
    assert check(case) == "requests.pages-unread", "nobody knows yet whether the box was enough"
    read_arrival(ref=ref, at=AT, acting_user="reconciler")
    assert check(case) == "", [one.area for one in open_findings(ref)]
    kinds = [entry.kind for entry in evidence.records(kinds=["arrival.read", "arrival.masked"])]
    assert kinds == ["arrival.read", "arrival.masked", "arrival.masked", "arrival.masked", "arrival.read"]


@pytest.mark.once
def test_what_is_set_aside_says_why_and_stays_so_when_read_again(desk: None) -> None:
    drawn = drawn_papers.pension_book(random.Random(2), size=SMALL)
    ref, case = arrived(drawn)
    read_arrival(ref=ref, at=AT, acting_user="reconciler")
    [found] = open_findings(ref)
    assert found.part == "basic_pension_number"
    with pytest.raises(SekishoError, match=r"requests\.no-such-reason"):
        set_aside_finding(ref=ref, finding=found.id, reason="in a hurry", at=AT, acting_user=CLERK)
    set_aside_finding(ref=ref, finding=found.id, reason="another_number", at=AT, acting_user=CLERK)
    assert check(case) == ""
    [entry] = evidence.records(kinds=["arrival.finding-set-aside"])
    assert entry.body["reason"] == "another_number"
    PageReading.objects.all().delete()
    read_arrival(ref=ref, at=AT, acting_user="reconciler")
    assert open_findings(ref) == ()
    assert queries.case(case).identity_checked_at is not None
    rows = repr([*PageFinding.objects.values(), *PageReading.objects.values()])
    assert not any(text in rows for text in drawn.words), "rows hold places, never words"
    assert pages_read(ref).waiting == ()
    assert held_pages(case).found == ()


@pytest.mark.once
def test_pages_are_turned_upright_and_one_that_cannot_be_read_waits_for_a_person(desk: None) -> None:
    drawn = drawn_papers.my_number_card(random.Random(5), size=SMALL)
    turned = drawn.page.rotate(-90, expand=True)
    [ref] = actions.receive(
        pages=[turned, turned.rotate(90)], channel=Channel.MAIL, arrived_at=AT, at=AT, acting_user=CLERK
    )
    case = actions.open_case_for(ref=ref, kind="disclosure", person=gatherings.HANA, at=AT, acting_user=CLERK)
    scans.seal_pages(ref, [scans.open_pages(ref)[0], b"no picture"])
    read_arrival(ref=ref, at=AT, acting_user="reconciler")
    [found] = open_findings(ref)
    assert (found.part, found.area.page) == ("my_number", 1)
    box = drawn.secret[0][1]
    assert found.area.left < 1000 - box[3] / SMALL[1] * 1000 < 1000 - box[1] / SMALL[1] * 1000 < found.area.right
    assert found.area.top < box[0] / SMALL[0] * 1000 < box[2] / SMALL[0] * 1000 < found.area.bottom
    assert pages_read(ref).failed == (2,)
    assert waiting_arrivals() == (), "it is not tried for ever"
    assert held_pages(case).unread == (ref,)


@pytest.mark.once
def test_a_machine_that_cannot_read_says_so_and_blocks_by_kind_of_paper_alone(
    desk: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, case = arrived(drawn_papers.harmless(random.Random(1), size=SMALL))
    assert check(case) == "requests.pages-unread"
    monkeypatch.setitem(sys.modules, "rapidocr", None)  # as where its wheel is not installed
    assert waiting_arrivals() == ()
    assert not pages_read(ref).is_possible
    with pytest.raises(SekishoError, match=r"connector\.no-page-reader"):
        read_arrival(ref=ref, at=AT, acting_user="reconciler")
    assert check(case) == ""
