"""Three carriers that differ in configuration alone: form, fee, papers and intake of each, through the desk's own actions."""

from datetime import UTC, date, datetime
from pathlib import Path

import pypdfium2
import pytest
from django.conf import LazySettings

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.actions import Presented
from sekisho.casework.subject_requests.actions.contacts import take_contact
from sekisho.casework.subject_requests.actions.marking import black_out
from sekisho.casework.subject_requests.rules.fees import Tendered
from sekisho.casework.subject_requests.rules.intake import ArrivalState, Channel
from sekisho.casework.subject_requests.rules.papers import Agency
from sekisho.connectors.scans import pages_of
from sekisho.engine.errors import SekishoError
from sekisho.registers.policies import actions as policies
from sekisho.registers.policies import queries as in_force

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
FOLDERS = Path(__file__).parents[1] / "policies"
RECORD, SEAL = (Presented(paper=key, issued_on=date(2026, 10, 1)) for key in ("residence_record", "seal_certificate"))
FREE = ("record_disclosure", "correction", "suspension", "provision_stop")
pytestmark = pytest.mark.django_db


def adopt(settings: LazySettings, home: Path, name: str) -> None:
    settings.HOME = home
    files = {file.name: file.read_text(encoding="utf-8") for file in (FOLDERS / name).glob("*.yaml")}
    policies.adopt(files=files, at=datetime(2026, 4, 1, tzinfo=UTC), acting_user="test")


def faxed(kind: str) -> str:
    """The carrier's own form, printed, scanned and received: the case it opened."""
    pdf = queries.blank_form(in_force.in_force(AT), kind, at=AT)
    [ref] = actions.receive(
        pages=pages_of(pdf, name="form"), channel=Channel.MAIL, arrived_at=AT, at=AT, acting_user="s-1"
    )
    return queries.arrival(ref).request


def form_text(kind: str) -> str:
    document = pypdfium2.PdfDocument(queries.blank_form(in_force.in_force(AT), kind, at=AT))
    return "".join("".join(page.get_textpage().get_text_range() for page in document).split())


def pay(case: str, instrument: str, yen: int) -> None:
    piece = Tendered(instrument=instrument, yen=yen, issued_on=None if instrument == "stamps" else date(2026, 11, 1))
    actions.record_payment(reference=case, piece=piece, came_by=Channel.MAIL, at=AT, acting_user="s-1")


def bring(case: str, *papers: Presented) -> None:
    for paper in papers:
        actions.record_paper(reference=case, paper=paper, at=AT, acting_user="s-1")


def test_a_thousand_yen_for_two_kinds_in_stamps_alone(settings: LazySettings, tmp_path: Path) -> None:
    adopt(settings, tmp_path, "stamps-only")
    assert "1000円" in form_text("disclosure")
    assert "定額小為替" not in form_text("disclosure")
    for kind in ("purpose_notice", "disclosure"):
        case = faxed(kind)
        for reply in ("mail", "electronic"):
            actions.choose(reference=case, reply=reply, agency=Agency.NONE, at=AT, acting_user="s-1")
            assert queries.standing(case, AT).payment.lacking == 1000
        pay(case, "postal_money_order", 1000)
        stands = queries.standing(case, AT).payment
        assert (stands.lacking, [one.code for one in stands.faults]) == (1000, ["fee.instrument-not-accepted"])
        pay(case, "stamps", 500)
        pay(case, "stamps", 500)
        assert queries.standing(case, AT).payment.is_enough
    for kind in FREE:
        assert queries.standing(faxed(kind), AT).payment.fee == 0
        assert "1000円" not in form_text(kind)


def test_papers_by_combinations(settings: LazySettings, tmp_path: Path) -> None:
    adopt(settings, tmp_path, "either-list")
    text = form_text("disclosure")
    assert "（1）次のうち、いずれか1点の写し：運転免許証" in text
    assert "または（3）次のうち、いずれか2点の写し" in text
    card, book = Presented(paper="eligibility_certificate"), Presented(paper="pension_book")
    for papers in ((Presented(paper="passport"),), (card, RECORD, SEAL), (card, book)):
        case = faxed("disclosure")
        bring(case, *papers[:-1])
        assert not queries.standing(case, AT).evidence.is_proved
        bring(case, papers[-1])
        assert queries.standing(case, AT).evidence.is_proved
        actions.identify(reference=case, person="p-1", at=AT, acting_user="s-1")
        for arrival in queries.arrivals(request=case):
            black_out(ref=arrival.ref, boxes=(), at=AT, acting_user="s-1")
        actions.record_identity_check(reference=case, at=AT, acting_user="s-1")
    case = faxed("disclosure")
    bring(case, card, RECORD)
    to = actions.Recipient(name="高橋 花子", postal_code="100-0001", address="架空県見本市一丁目2番3号")
    ref = actions.write_letter(reference=case, kind="deficiency", to=to, at=AT, acting_user="s-1")
    document = pypdfium2.PdfDocument(actions.open_letter(ref=ref, account="s-1", at=AT))
    told = "".join("".join(page.get_textpage().get_text_range() for page in document).split())
    assert "代えて、次のものでもかまいません" in told
    assert "印鑑登録証明書" in told
    with pytest.raises(SekishoError):  # this carrier leaves no room for other ways
        actions.propose_other_way(reference=case, why="x", at=AT, acting_user="s-1")


def test_requests_by_web_stand_beside_post(settings: LazySettings, tmp_path: Path) -> None:
    """The way by web itself is test_web_intake.py."""
    adopt(settings, tmp_path, "by-web")
    assert "ウェブプライバシーセンター" in form_text("disclosure")
    case = faxed("disclosure")
    assert queries.standing(case, AT).payment.fee == 0
    ref, reference = take_contact(channel=Channel.SHOP, kind="disclosure", arrived_at=AT, at=AT, acting_user="s-1")
    assert (reference, queries.arrival(ref).state) == ("", ArrivalState.GUIDED)
