"""The law packs: citations by edition, dated papers, grounds, floors."""

from datetime import date

import pytest

from sekisho.engine.errors import SekishoError
from sekisho.engine.law.model import Certainty
from sekisho.engine.law.pack import Law, law


@pytest.fixture(scope="module")
def undated() -> Law:
    return law()


@pytest.mark.parametrize(
    ("key", "edition", "said", "certainty"),
    [
        ("telecom_guideline.retention", "2017", "電気通信事業ガイドライン第10条第1項", Certainty.LIKELY),
        ("telecom_guideline.retention", "2022", "電気通信事業ガイドライン第11条第1項", Certainty.LIKELY),
        ("telecom_guideline.third_party_provision", "2017", "電気通信事業ガイドライン第15条第1項", Certainty.SURE),
        ("telecom_guideline.third_party_provision", "2022", "電気通信事業ガイドライン第17条第1項", Certainty.LIKELY),
        ("telecom_guideline.not_third_party", "2017", "電気通信事業ガイドライン第15条第10項", Certainty.SURE),
        ("telecom_guideline.accuracy", "2022", "電気通信事業ガイドライン第10条", Certainty.LIKELY),
        ("telecom_guideline.communications_history", "2022", "電気通信事業ガイドライン第38条", Certainty.SURE),
        ("appi.joint_use", None, "個人情報保護法第27条第5項第3号", Certainty.SURE),
        ("tba.external_transmission", None, "電気通信事業法第27条の12", Certainty.SURE),
        ("tba_rules.external_transmission_items", None, "電気通信事業法施行規則第22条の2の29", Certainty.SURE),
        ("appi_guideline.consent", None, "個人情報保護法ガイドライン（通則編） 2-16", Certainty.SURE),
    ],
)
def test_a_citation_depends_on_its_edition(
    undated: Law, key: str, edition: str | None, said: str, certainty: Certainty
) -> None:
    citation = undated.cite(key, edition)
    assert (str(citation), citation.certainty) == (said, certainty)


def test_the_same_number_is_another_topic_in_another_edition(undated: Law) -> None:
    old, new = undated.cite("telecom_guideline.retention", "2017"), undated.cite("telecom_guideline.accuracy", "2022")
    assert old.article == new.article == "10"
    assert old.topic != new.topic


def test_without_an_edition_the_one_in_force_on_the_day_is_cited() -> None:
    key = "telecom_guideline.third_party_provision"
    assert law(date(2020, 1, 1)).cite(key).edition == "2017"
    assert law(date(2022, 4, 1)).cite(key).edition == "2022"
    assert law().cite(key).edition == "2022"


def test_what_an_edition_does_not_have_is_refused(undated: Law) -> None:
    with pytest.raises(SekishoError, match=r"law\.not-in-edition"):
        undated.cite("telecom_guideline.improper_use", "2017")
    with pytest.raises(SekishoError, match=r"law\.unknown-key") as refused:
        undated.cite("appi.third_party_provison")
    assert "third_party_provision" in refused.value.remedy("en")
    with pytest.raises(SekishoError, match=r"law\.unknown-key"):
        undated.cite("appi.joint_use", "1999")


def test_every_place_in_every_pack_can_be_cited(undated: Law) -> None:
    for norm in undated.norms.values():
        for entry, edition in norm.places:
            assert undated.cite(f"{norm.id}.{entry}", edition).text("en")
    tables = (undated.exceptions, undated.retention_grounds, undated.grounds, undated.natures, undated.papers, undated.floors, undated.desirable, undated.deadlines, undated.requests)  # fmt: skip
    for table in tables:
        for row in table.values():
            for key in row.cites:
                assert undated.cite(key).article


@pytest.mark.parametrize(
    ("paper", "day", "accepted"),
    [
        ("health_insurance_card", date(2025, 12, 1), True),
        ("health_insurance_card", date(2025, 12, 2), False),
        ("eligibility_certificate", date(2024, 12, 1), False),
        ("eligibility_certificate", date(2026, 1, 1), True),
        ("resident_register_card", date(2025, 12, 28), True),
        ("resident_register_card", date(2025, 12, 29), False),
        ("alien_registration", date(2026, 11, 23), False),
        ("specified_residence_card", date(2026, 6, 13), False),
        ("specified_residence_card", date(2026, 6, 14), True),
        ("drivers_licence", date(2026, 11, 23), True),
        ("my_number_licence", date(2026, 11, 23), False),
        ("my_number_notification_card", date(2026, 11, 23), False),
    ],
)
def test_papers_are_dated(undated: Law, paper: str, day: date, accepted: bool) -> None:
    assert undated.paper(paper).accepted_on(day) is accepted
    if accepted:
        assert undated.paper(paper, day).id == paper
    else:
        with pytest.raises(SekishoError, match=r"law\.not-in-force"):
            undated.paper(paper, day)


def test_numbers_nobody_may_collect_are_masked(undated: Law) -> None:
    for paper in ("my_number_card_front", "residence_record", "my_number_licence", "specified_residence_card"):
        assert "my_number" in undated.paper(paper).masks
    assert {"insured_number", "insurer_number"} <= set(undated.paper("health_insurance_card").masks)
    assert all(mask in undated.masks for paper in undated.papers.values() for mask in paper.masks)


def test_exceptions_need_all_their_conditions(undated: Law) -> None:
    assert set(undated.exception("E2").requires) == {"protects_life_body_or_property", "consent_hard_to_obtain"}
    assert undated.exception("RET-3").item == "3"
    assert {"E5", "E6"} <= set(undated.exceptions)
    assert not {"E5", "E6"} & set(law(date(2022, 3, 31)).exceptions)


def test_justified_business_serves_few_natures_and_some_only_by_ticket(undated: Law) -> None:
    ground = undated.ground("justified_business")
    assert not ground.natures & {
        "marketing",
        "analysis",
        "research",
        "statistics",
        "survey",
        "campaign",
        "group_offering",
    }
    assert {"fault", "misuse"} <= ground.ticket_natures <= ground.natures
    assert "billing" in ground.natures - ground.ticket_natures
    for nature in undated.natures.values():
        for name in nature.secrecy:
            natures = undated.ground(name).natures
            assert not natures or nature.id in natures, (nature.id, name)


def test_a_dated_order_is_no_ground_before_its_day() -> None:
    assert "electronic_data_order" not in law(date(2026, 11, 23)).grounds
    assert "electronic_data_order" in law(date(2027, 3, 31)).grounds
    assert "sender_disclosure" not in law(date(2025, 3, 31)).grounds


def test_floors_are_found_with_and_without_prefix(undated: Law) -> None:
    floor = undated.floor("law:mobile-phone-act-4-2")
    assert (floor.period, floor.trigger) == ("P3Y", "contract_end")
    assert undated.floor("mobile-phone-act-4-2") is floor


def test_money(undated: Law) -> None:
    order, stamps = undated.instrument("postal_money_order"), undated.instrument("stamps")
    assert [yen for yen in (650, 660, 700, 10, 1000, 49) if order.can_make(yen)] == [650, 700, 1000]
    assert stamps.can_make(660)
    assert [kind.id for kind in undated.requests.values() if kind.fee] == [
        "purpose_notice",
        "disclosure",
        "record_disclosure",
    ]


@pytest.mark.parametrize(
    ("day", "years"),
    [(date(2000, 1, 1), "P20Y"), (date(2022, 3, 31), "P20Y"), (date(2022, 4, 1), "P18Y"), (date(2026, 11, 23), "P18Y")],
)
def test_majority_is_the_age_of_its_day(day: date, years: str) -> None:
    age = law(day).age("majority")
    assert (age.period, str(law(day).cite(age.cites[0]))) == (years, "民法第4条")


def test_the_newest_majority_stands_where_no_day_is_asked(undated: Law) -> None:
    assert undated.age("majority").period == "P18Y"
    with pytest.raises(SekishoError, match=r"law\.unknown-key"):
        undated.age("retirement")
