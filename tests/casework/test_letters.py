"""Every letter that may leave, in Japanese and English: its text is whole, names its case, and rare signs survive."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import answers_world as aw
import effects_world
import pypdfium2
import pytest

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.queries import answer_letters as letters
from sekisho.casework.subject_requests.queries.answering import told_of_case
from sekisho.casework.subject_requests.queries.complaint_letters import complaint_letter
from sekisho.casework.subject_requests.queries.letters import letter, words_of
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.answering_lines import AnswerLine, Why, answering, letter_of
from sekisho.casework.subject_requests.rules.deciding import Answer, Decides
from sekisho.casework.subject_requests.rules.effects import Correction
from sekisho.casework.subject_requests.rules.fees import Tendered
from sekisho.casework.subject_requests.rules.gathering import Closed, Value
from sekisho.casework.subject_requests.rules.intake import Channel
from sekisho.casework.subject_requests.rules.refunds import RefundWhy
from sekisho.engine.errors import SekishoError
from sekisho.engine.policy.model import Text
from sekisho.registers.retention import actions as retention
from sekisho.registers.retention import queries as retained

NAME = "髙橋 𠮷之介"
WHY = Why(
    says=Text("本人または第三者の権利利益を害するおそれがある", "somebody may be harmed"),
    rests_on=Text("個人情報保護法第33条第2項", "APPI art. 33(2)"),
)
ANSWERS = sorted(
    {(kind, outcome) for kind in answering()["letters"] for outcome in (*Outcome,)},
    key=str,
)


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, Path]:
    module, home = aw.carrier(), tmp_path_factory.mktemp("letters")
    module.write_stores(home)
    return module, home


@pytest.fixture
def world(stores: tuple[ModuleType, Path], tmp_path: Path, settings: Any, transactional_db: None) -> ModuleType:
    module, home = stores
    settings.HOME = tmp_path / "home"
    shutil.copytree(home, settings.HOME)
    module.fill_registers()
    return module


def line(answer: Answer, label: str = "氏名、住所など", **more: Any) -> AnswerLine:
    return AnswerLine(
        item="identity",
        place="crm.customers",
        label=Text(label, "name, address"),
        where=Text("顧客　契約者", "customers"),
        answer=answer,
        decides=Decides.LAW,
        clause="B-34",
        why=(WHY,) if answer is Answer.REFUSE else (),
        **more,
    )


def told(world: ModuleType, kind: str, outcome: Outcome, language: str) -> letters.Told:
    case = aw.ready(world, kind)
    answers = {Outcome.GRANTED: [Answer.GRANT], Outcome.REFUSED: [Answer.REFUSE], Outcome.NOTHING_HELD: []}
    lines = tuple(line(one) for one in answers.get(outcome, [Answer.GRANT, Answer.REFUSE]))
    made = told_of_case(
        case, answer=f"{case}-A1", lines=lines, corrections=(), to=aw.to(NAME), reply="paper", language=language,
        at=world.AT,
    )  # fmt: skip
    more: dict[str, Any] = {"outcome": outcome, "letter": letter_of(kind, outcome)}
    if kind == "correction" and lines and lines[0].is_granted:
        wrong = Correction(item="identity.name", wrong="高橋 吉之介", right=NAME, happened=date(2026, 4, 1))
        more |= {"corrections": (wrong,), "fields": {"identity.name": Text("氏名", "name")}}
    if kind == "record_disclosure" and lines and lines[0].is_granted:
        heads = [letters.SheetColumn(name=one, label=Text(words_of("ja")["answer"][one])) for one in (
            "given_on", "given_to", "given_what", "given_for")]  # fmt: skip
        row = (date(2026, 6, 1), "株式会社見本債権回収", "氏名、住所、請求金額", "滞納料金債権の譲渡")
        more["sheets"] = (
            letters.Sheet(
                id="provision_records", label=Text("第三者に提供した記録", "records"), where=Text(""),
                columns=tuple(heads), rows=[row],
            ),
        )  # fmt: skip
    return replace(made, **more)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("kind", sorted(answering()["letters"]))
def test_every_answer_letter_is_whole(world: ModuleType, kind: str, language: str, tmp_path: Path) -> None:
    seen: set[str] = set()
    for outcome in (Outcome.GRANTED, Outcome.PARTIAL, Outcome.REFUSED, Outcome.NOTHING_HELD):
        made = told(world, kind, outcome, language)
        own = words_of(language)[made.letter]
        pdf = letters.answer_letter(made, at=world.AT)
        aw.pictures(pdf, aw.looked_at(tmp_path), f"{language}-{kind}-{outcome.value}")
        text = aw.flat(pdf)
        assert aw.squeezed(NAME) in text
        assert "髙﨑町" in text
        assert made.reference in text
        assert f"{made.reference}-A1" in text
        assert aw.squeezed(own["subject"].format(kind=queries_kind(kind, language))) in text
        assert "{" not in text
        if outcome in (Outcome.REFUSED, Outcome.PARTIAL):
            assert aw.squeezed(WHY.says.ja if language == "ja" else WHY.says.en) in text
            assert aw.squeezed(WHY.rests_on.ja if language == "ja" else WHY.rests_on.en) in text
        assert aw.squeezed(words_of(language)["complain_title"]) in text
        seen.add(made.letter)
    assert len(seen) >= 3


def test_columns_that_the_annex_leaves_out_stand_in_the_letter_with_the_reason(world: ModuleType) -> None:
    made = told(world, "disclosure", Outcome.GRANTED, "ja")
    heads = tuple(
        letters.SheetColumn(name=one, label=Text(one)) for one in ("通話の番号", "発信元", "基地局", "黒い字")
    )
    rows: list[tuple[Value, ...]] = [
        (1, "09000000001", Closed("not_stated"), Closed("redacted")),
        (2, Closed("other_party"), Closed("not_stated"), "字"),
    ]
    sheet = letters.Sheet(id="cdr.calls", label=Text("通話"), where=Text("通話記録"), columns=heads, rows=rows)
    first, _ = aw.flat(letters.answer_letter(replace(made, sheets=(sheet,)), at=world.AT)).split("別紙ご本人の情報", 1)
    words = words_of("ja")["answer"]
    assert aw.squeezed(words["withheld_title"]) in first
    assert aw.squeezed(words["withheld"].format(place="通話記録　通話", columns="基地局", why="開示の対象外")) in first
    assert aw.squeezed(words["withheld"].format(place="通話記録　通話", columns="発信元", why="ほかの方")) in first
    assert "黒い字" not in first, "what was blacked out has its own sentence"
    whole = letters.answer_letter(replace(made, sheets=(replace(sheet, rows=[(1, "0", "x", "y")]),)), at=world.AT)
    assert aw.squeezed(words["withheld_title"]) not in aw.flat(whole)


def queries_kind(kind: str, language: str) -> str:
    from sekisho.engine.law.pack import law

    return law().request(kind).name(language)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_other_letter_is_whole(world: ModuleType, language: str, tmp_path: Path) -> None:
    case = actions.open_case(
        person=world.HANA, kind="disclosure", received_on=world.ON, at=world.AT, acting_user=aw.CLERK
    ).reference
    for kind in ("acceptance", "deficiency", "reminder", "unpaid", "further_check", "withdrawn"):
        pdf = letter(case, kind, aw.to(NAME), key=b"k" * 32, at=world.AT, language=language)
        aw.pictures(pdf, aw.looked_at(tmp_path), f"{language}-{kind}")
        text = aw.flat(pdf)
        assert aw.squeezed(NAME) in text
        assert case in text
        assert "{" not in text
        assert ("660" in text) == (kind in ("deficiency", "reminder", "unpaid"))
    for kind, code in (("erasure_certificate", "requests.not-erased"), ("refund", "requests.nothing-refunded")):
        with pytest.raises(SekishoError) as raised:
            letter(case, kind, aw.to(), key=b"k" * 32, at=world.AT)
        assert raised.value.code == code


@pytest.mark.parametrize("language", ["ja", "en"])
def test_money_that_went_back_and_the_answer_to_a_complaint(world: ModuleType, language: str, tmp_path: Path) -> None:
    case = actions.open_case(
        person=world.HANA, kind="disclosure", received_on=world.ON, at=world.AT, acting_user=aw.CLERK
    ).reference
    given = {"reference": case, "at": world.AT, "acting_user": aw.CLERK}
    actions.record_payment(piece=Tendered(instrument="stamps", yen=700), came_by=Channel.MAIL, **given)
    actions.record_refund(
        yen=40, why=RefundWhy.EXCESS, instrument="stamps", proof="123-45-67890-1", paid_on=world.ON, **given
    )
    text = aw.flat(letter(case, "refund", aw.to(NAME), key=b"k" * 32, at=world.AT, language=language))
    for told in (aw.squeezed(NAME), "40", "123-45-67890-1"):
        assert told in text
    words = "調べたところ、{ご指摘}のとおりでした😀。\n\n髙﨑様の記録を改めました。"
    pdf = complaint_letter(
        "Q-2026-0001", aw.to(NAME), received_on=world.ON, answered=words, at=world.AT, language=language
    )
    aw.pictures(pdf, aw.looked_at(tmp_path), f"{language}-complaint")
    text = aw.flat(pdf)
    for told in ("Q-2026-0001", "{ご指摘}のとおりでした〔U+1F600〕", "髙﨑様の記録を改めました。"):
        assert told in text


def test_a_long_address_and_a_long_name_stay_above_the_subject(world: ModuleType) -> None:
    """The window holds them whole, however long: nothing overlaps, nothing runs onto a second page."""
    case = actions.open_case(
        person=world.HANA, kind="disclosure", received_on=world.ON, at=world.AT, acting_user=aw.CLERK
    ).reference
    name = "株式会社日本総合情報通信サービスホールディングス　代表取締役　長宗我部 𠮷右衛門"
    address = (
        "東京都千代田区霞が関三丁目2番1号　中央合同庁舎第7号館西館　コモンゲートタワーレジデンス髙﨑イースト　3805号室"
    )
    to = actions.Recipient(name=name, postal_code="100-0013", address=address)
    document = pypdfium2.PdfDocument(letter(case, "deficiency", to, key=b"k" * 32, at=world.AT))
    assert len(document) == 1
    page = document[0]
    inside = page.get_textpage().get_text_bounded(
        left=0, bottom=page.get_height() - mm(65), right=mm(112), top=page.get_height()
    )
    assert aw.squeezed(f"〒100-0013{address}{name}様") == aw.squeezed(inside)


def mm(many: float) -> float:
    return many / 25.4 * 72


def test_a_correction_names_what_was_and_what_will_be(world: ModuleType) -> None:
    case = aw.ready(world, "correction")
    one = Correction(**effects_world.wrong_name(world, "𠮷田 華乃"))  # type: ignore[arg-type]
    actions.record_correction(reference=case, correction=one, at=world.AT, acting_user=aw.CLERK)
    ref = aw.drafted(world, case, reply="mail")
    text = aw.flat(next(iter(queries.files_of(ref).values())))
    assert aw.squeezed("𠮷田 花乃") in text
    assert aw.squeezed("𠮷田 華乃") in text
    aw.sent(world, ref, registered_no="123-45-67890-1")
    assert queries.answer(ref).registered_no == "123-45-67890-1"


def test_a_sign_that_the_typeface_lacks_is_named_by_its_number_and_whole_in_the_data(world: ModuleType) -> None:
    made = told(world, "disclosure", Outcome.GRANTED, "ja")
    sheet = letters.Sheet(
        id="a.b", label=Text("表"), where=Text(""), columns=(letters.SheetColumn(name="x", label=Text("文")),),
        rows=[("ありがとう😀",)],
    )  # fmt: skip
    text = aw.flat(letters.answer_letter(replace(made, sheets=(sheet,)), at=world.AT))
    assert "ありがとう〔U+1F600〕" in text


def test_a_certified_erasure_gets_its_certificate_on_paper_after_the_case_is_closed(world: ModuleType) -> None:
    ref = aw.drafted(world, aw.ready(world, "suspension"))
    aw.sent(world, ref)
    case = queries.answer(ref).reference
    (plan,) = retained.plans()
    for by in ("mori", "abe"):
        retention.approve_plan(plan=plan.ref, sha256=plan.sha256, by=by, at=world.AT)
    world.erase(lambda _point: None)
    assert actions.link_certificates(at=world.AT, acting_user="system") == (case,)
    entry = queries.case(case).certificate
    made = actions.write_letter(
        reference=case, kind="erasure_certificate", to=aw.to(NAME), at=world.AT, acting_user=aw.CLERK
    )
    text = aw.flat(actions.open_letter(ref=made, account=aw.CLERK, at=world.AT))
    assert "消去証明書" in text
    assert entry in text
    assert aw.squeezed(NAME) in text
