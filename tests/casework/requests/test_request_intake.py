"""From paper to the desk: batches are cut at forms, cases found or opened, nothing that arrived is lost."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
from django.conf import LazySettings
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.actions import scans
from sekisho.casework.subject_requests.actions.marking import black_out
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.codes import Read
from sekisho.casework.subject_requests.rules.intake import ArrivalState, Channel, balance, documents
from sekisho.connectors.scans import pages_of
from sekisho.engine.errors import SekishoError
from sekisho.evidence.models import Entry
from sekisho.registers.policies import actions as policies
from sekisho.registers.policies import queries as registered

AT = datetime(2026, 11, 30, 0, 30, tzinfo=UTC)
CAME = datetime(2026, 11, 28, 0, 14, tzinfo=UTC)  # a Saturday
ARLINK = Path(__file__).parents[3] / "policies" / "arlink"
pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    files = {
        file.name: file.read_text(encoding="utf-8") for file in ARLINK.glob("*.yaml") if file.name == "policy.yaml"
    }
    policies.adopt(files=files, at=datetime(2026, 1, 1, tzinfo=UTC), acting_user="test")


def rasterised(pdf: bytes) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=200 / 72).to_pil() for page in document]
    finally:
        document.close()


def faxed(pages: list[Image.Image]) -> bytes:
    """A TIFF as a fax machine makes it: black and white, a little askew, half as many lines down as dots across."""
    out = []
    for page in pages:
        grey = page.convert("L").rotate(1.7, fillcolor=255, expand=True).filter(ImageFilter.GaussianBlur(0.7))
        out.append(grey.resize((grey.width, grey.height // 2)).convert("1"))
    file = io.BytesIO()
    out[0].save(file, format="TIFF", save_all=True, append_images=out[1:], compression="group4", dpi=(200, 100))
    return file.getvalue()


def licence() -> Image.Image:
    page = Image.new("L", (1654, 2339), 255)
    ImageDraw.Draw(page).rectangle((300, 300, 1300, 900), outline=0, width=8)
    return page


def receive(content: bytes, channel: Channel = Channel.FAX) -> tuple[str, ...]:
    return actions.receive(
        pages=pages_of(content, name="fax.tiff"), channel=channel, arrived_at=CAME, at=AT, acting_user="s-1"
    )


def form(kind: str = "disclosure", case: str = "") -> list[Image.Image]:
    policy = registered.in_force(AT)
    pdf = (
        queries.case_form(policy, kind, reference=case, key=scans.desk_key(), at=AT)
        if case
        else queries.blank_form(policy, kind, at=AT)
    )
    return rasterised(pdf)


def test_a_faxed_form_opens_a_case_counted_from_the_day_it_came(desk: None) -> None:
    [ref] = receive(faxed([form()[0], licence()]))
    row = queries.arrival(ref)
    assert (row.state, row.pages, row.kind, row.hours) == (ArrivalState.CASED, 2, "disclosure", "closed_day")
    case = queries.case(row.request)
    assert (case.kind, case.person, case.received_on.isoformat()) == ("disclosure", "", "2026-11-28")
    with pytest.raises(SekishoError) as raised:
        actions.record_identity_check(reference=case.reference, at=AT, acting_user="s-1")
    assert raised.value.code == "requests.person-unknown"


def test_a_form_of_a_case_finds_it_and_a_batch_is_cut(desk: None) -> None:
    case = actions.open_case(person="", kind="disclosure", received_on=CAME.date(), at=AT, acting_user="s-1")
    unknown, linked, opened = receive(
        faxed([licence(), form(case=case.reference)[0], licence(), form("suspension")[0]])
    )
    assert queries.arrival(unknown).state is ArrivalState.WAITING
    assert (queries.arrival(linked).request, queries.arrival(linked).pages) == (case.reference, 2)
    assert queries.case(queries.arrival(opened).request).kind == "suspension"
    assert len(scans.open_pages(linked)) == 2


def test_the_book_balances_only_when_everything_ended(desk: None) -> None:
    waiting, other = receive(faxed([licence()])), receive(faxed([form()[0]]))
    call = actions.record_contact(channel=Channel.PHONE, arrived_at=CAME, at=AT, acting_user="s-1")
    day = CAME.astimezone().date()
    _, book = queries.book(day)
    assert (book.arrived, book.waiting, book.is_balanced) == (3, 2, False)
    actions.set_aside(ref=waiting[0], state=ArrivalState.NOT_OURS, at=AT, acting_user="s-1")
    actions.set_aside(ref=call, state=ArrivalState.GUIDED, at=AT, acting_user="s-1")
    lines, book = queries.book(day)
    assert book.is_balanced
    assert {line.ref for line in lines} == {*waiting, *other, call}
    with pytest.raises(SekishoError) as raised:
        actions.set_aside(ref=call, state=ArrivalState.NOT_OURS, at=AT, acting_user="s-2")
    assert raised.value.code == "requests.arrival-decided"


def test_a_slip_about_what_arrived_is_taken_back(desk: None) -> None:
    [fax] = receive(faxed([licence()]))
    case = actions.open_case(person="", kind="disclosure", received_on=CAME.date(), at=AT, acting_user="s-1")
    actions.set_aside(ref=fax, state=ArrivalState.NOT_OURS, at=AT, acting_user="s-1")
    assert [row.ref for row in queries.decided(AT.date())] == [fax], "what came on a holiday is decided today"
    actions.reconsider(ref=fax, at=AT, acting_user="s-2")
    actions.link(ref=fax, reference=case.reference, at=AT, acting_user="s-2")
    actions.reconsider(ref=fax, at=AT, acting_user="s-2")
    assert queries.arrivals(request=case.reference) == ()
    opened = actions.open_case_for(ref=fax, kind="suspension", person="", at=AT, acting_user="s-2")
    assert queries.case(opened).received_on == CAME.date()
    with pytest.raises(SekishoError) as raised:
        actions.reconsider(ref=fax, at=AT, acting_user="s-2")
    assert raised.value.code == "requests.arrival-stays"
    assert Entry.objects.filter(kind="arrival.reconsidered").count() == 2


def test_pages_of_a_closed_case_stay(desk: None) -> None:
    case = actions.open_case(person="", kind="disclosure", received_on=CAME.date(), at=AT, acting_user="s-1")
    [fax] = receive(faxed([licence()]))
    actions.link(ref=fax, reference=case.reference, at=AT, acting_user="s-1")
    actions.close_case(reference=case.reference, outcome=Outcome.WITHDRAWN, answered_on=None, at=AT, acting_user="s-1")
    with pytest.raises(SekishoError) as raised:
        actions.reconsider(ref=fax, at=AT, acting_user="s-1")
    assert raised.value.code == "requests.arrival-stays"


def test_a_call_never_opens_a_clock(desk: None) -> None:
    call = actions.record_contact(channel=Channel.PHONE, arrived_at=CAME, at=AT, acting_user="s-1")
    with pytest.raises(SekishoError) as raised:
        actions.open_case_for(ref=call, kind="disclosure", person="p-1", at=AT, acting_user="s-1")
    assert raised.value.code == "requests.phone-is-guidance"
    assert queries.cases() == ()
    visit = actions.record_contact(channel=Channel.SHOP, arrived_at=CAME, at=AT, acting_user="s-1")
    reference = actions.open_case_for(ref=visit, kind="disclosure", person="p-1", at=AT, acting_user="s-1")
    assert queries.case(reference).person == "p-1"  # under a policy without a set method a visit is the request


def test_pages_are_sealed_seen_with_evidence_and_destroyed_for_good(desk: None, settings: LazySettings) -> None:
    [ref] = receive(faxed([licence()]))
    sealed = (settings.HOME / "scans" / f"{ref}.sealed").read_bytes()
    assert b"PNG" not in sealed
    png = actions.show_page(ref=ref, page=1, account="s-1", at=AT)
    assert Image.open(io.BytesIO(png)).format == "PNG"
    assert Entry.objects.filter(kind="arrival.viewed").count() == 1
    scans.destroy_pages(ref)
    scans.destroy_pages(ref)
    with pytest.raises(SekishoError) as raised:
        actions.show_page(ref=ref, page=1, account="s-1", at=AT)
    assert raised.value.code == "requests.scan-gone"


def test_pages_go_when_the_policy_s_period_after_the_check_is_over(desk: None) -> None:
    [ref] = receive(faxed([form()[0]]))
    case = queries.arrival(ref).request
    actions.identify(reference=case, person="p-1", at=AT, acting_user="s-1")
    assert actions.destroy_due(at=AT + timedelta(days=400), acting_user="job") == ()  # not checked yet, case open
    actions.propose_other_way(reference=case, why="窓口で会った", at=AT, acting_user="s-1")
    actions.approve_other_way(reference=case, at=AT, acting_user="s-2")
    black_out(ref=ref, boxes=(), at=AT, acting_user="s-1")  # a person went through them before the machine came to it
    actions.record_identity_check(reference=case, at=AT, acting_user="s-1")
    assert actions.destroy_due(at=AT + timedelta(days=30), acting_user="job") == ()
    assert actions.destroy_due(at=AT + timedelta(days=31), acting_user="job") == (ref,)
    assert actions.destroy_due(at=AT + timedelta(days=31), acting_user="job") == ()
    assert queries.arrival(ref).is_destroyed
    with pytest.raises(SekishoError):
        scans.open_pages(ref)


@pytest.mark.parametrize(
    ("state", "keep"), [(ArrivalState.GUIDED, 180), (ArrivalState.NOT_OURS, 30), (ArrivalState.UNREADABLE, 30)]
)
def test_pages_that_became_no_case_go_after_the_days_of_their_end(desk: None, state: ArrivalState, keep: int) -> None:
    [waiting], [ref] = receive(faxed([licence()])), receive(faxed([licence()]))
    actions.set_aside(ref=ref, state=state, at=AT, acting_user="s-1")
    assert actions.destroy_due(at=AT + timedelta(days=keep), acting_user="job") == ()
    assert actions.destroy_due(at=AT + timedelta(days=keep + 1), acting_user="job") == (ref,)
    assert queries.arrival(ref).is_destroyed
    with pytest.raises(SekishoError):
        scans.open_pages(ref)
    assert scans.open_pages(waiting)  # a person still has to look


def test_the_same_scan_again_is_seen(desk: None) -> None:
    [first], [again] = receive(faxed([licence()])), receive(faxed([licence()]))
    assert queries.arrival(again).twin == first
    assert queries.arrival(first).twin == ""


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_pictures_are_pages_too(desk: None, kind: str) -> None:
    file = io.BytesIO()
    form()[0].convert("L").save(file, format=kind)
    [ref] = receive(file.getvalue(), Channel.MAIL)
    assert queries.arrival(ref).kind == "disclosure"


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"%PDF-1.7 broken", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, b"GIF89a" + b"\0" * 50]
)
def test_what_is_no_page_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(SekishoError) as raised:
        pages_of(content, name="x.bin")
    assert raised.value.code == "connector.scan-unreadable"


def test_what_comes_later_than_now_is_refused(desk: None) -> None:
    with pytest.raises(SekishoError):
        actions.receive(
            pages=[licence()], channel=Channel.FAX, arrived_at=AT + timedelta(days=1), at=AT, acting_user="s"
        )


@given(st.lists(st.sampled_from([None, Read(case="a"), Read(case="b"), Read(kind="disclosure")]), max_size=12))
def test_no_page_of_a_batch_is_lost_or_doubled(codes: list[Read | None]) -> None:
    found = documents(codes)
    assert [place for document in found for place in document.pages] == list(range(len(codes)))
    assert all(codes[place] in (None, document.read) for document in found for place in document.pages)
    assert sum(read is not None and read.kind != "" for read in codes) == sum(
        document.read is not None and document.read.kind != "" for document in found
    )


@given(st.lists(st.sampled_from(list(ArrivalState)), max_size=20))
def test_the_book_adds_up(states: list[ArrivalState]) -> None:
    book = balance(states)
    assert sum(book.by_state.values()) == book.arrived == len(states)
    assert book.is_balanced is (ArrivalState.WAITING not in states)
