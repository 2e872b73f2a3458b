"""Wrong values in free text on real stores: proposed cell by cell, kept with a reason, waiting by hand where we can't write."""

import shutil
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import effects_world
import pylopdf_fonts_cjk
import pytest
import typst

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.rules.answering import EffectKind, EffectState
from sekisho.engine.errors import SekishoError
from sekisho.evidence import queries as evidence

RIGHT = "𠮷田 華乃"
FOLDERS = """  papers:
    label: 文書
    kind: {kind}
    url: {kind}:///{{home}}/systems/papers
    erase_order: 12
    tables:
      letters:
        label: 手紙
        subject: customer
        key: {key}
        acquired: modified
        triggers: {{received: modified}}
        owners: [{{by: customer_no, column: path, role: contractor}}]
        columns:
          path: {{item: none, reason: ファイルの名前}}{page}
          text: {{item: inquiry.content, free_text: true}}
          modified: {{item: none, type: timestamp, reason: 更新した時}}
"""
PDF = FOLDERS.format(kind="pdf", key="[path, page]", page="\n          page: {item: none, type: integer, reason: 頁}")
TEXT = FOLDERS.format(kind="text", key="[path]", page="")


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("texts")
    effects_world.carrier().write_stores(home)
    return home


@pytest.fixture
def world(stores: Path, tmp_path: Path, settings: Any, transactional_db: None) -> ModuleType:
    module = effects_world.carrier()
    settings.HOME = tmp_path / "home"
    shutil.copytree(stores, settings.HOME)
    (settings.HOME / "systems" / "papers" / "letters").mkdir(parents=True)
    return module


def adopted(world: ModuleType, papers: str) -> str:
    vars(world)["DATAMAP"] += papers
    world.fill_registers()
    return effects_world.sent_answer(
        world,
        kind="correction",
        person=world.HANA,
        lines=[effects_world.line("identity.name")],
        corrections=[effects_world.wrong_name(world, RIGHT)],
    )


def written(path: Path, text: str) -> None:
    source = path.with_suffix(".typ")
    source.write_text(f'#set text(font: "Noto Sans CJK JP")\n{text}', encoding="utf-8")
    fonts = [str(pylopdf_fonts_cjk.sans_path().parent)]
    made = typst.compile(str(source), format="pdf", font_paths=fonts, ignore_system_fonts=True)
    assert isinstance(made, bytes)
    path.write_bytes(made)
    source.unlink()


def effect(answer: str, target: str) -> tuple[EffectState, str]:
    return next(
        (one.state, one.code)
        for one in queries.effects_of(answer)
        if one.kind is EffectKind.TEXTS and one.target == target
    )


def decide(world: ModuleType, answer: str, cell: Any, **more: Any) -> None:
    told = {"answer_ref": answer, "at": world.AT, "acting_user": "sato"}
    actions.decide_text(**told, target=cell.target, mark=cell.mark, **more)
    actions.bring_about(**told, only=EffectKind.TEXTS)


def test_a_pdf_waits_by_hand_with_its_clock_until_a_reading_finds_the_value_gone(
    world: ModuleType, settings: Any
) -> None:
    folder = settings.HOME / "systems" / "papers" / "letters"
    written(folder / "a.pdf", f"申込書\n#pagebreak()\n{world.NAME.replace(' ', '　')}様")
    written(folder / "b.pdf", "佐藤 次郎様")
    answer = adopted(world, PDF)
    assert not effects_world.brought_about(world, answer)
    assert effect(answer, "papers.letters") == (EffectState.WAITING, "requests.texts-by-hand")
    assert queries.unfinished_answers() == (), "no other turn brings it further"
    late = (world.AT + timedelta(days=31)).date()
    assert queries.overdue_answers(late) == ("K-2026-0001",)
    ((cell,), away) = actions.open_texts(answer_ref=answer, account="sato", at=world.AT)
    assert (cell.place, cell.by_hand, away) == ((("path", "letters/a.pdf"), ("page", "2")), True, ())
    told = {"answer_ref": answer, "at": world.AT, "acting_user": "sato"}
    assert not actions.bring_about(**told, only=EffectKind.TEXTS), "nobody can say it is done"
    written(folder / "a.pdf", f"申込書\n#pagebreak()\n{RIGHT}様")
    assert actions.bring_about(**told, only=EffectKind.TEXTS)
    assert effect(answer, "papers.letters") == (EffectState.DONE, "")
    assert queries.overdue_answers(late) == ()


def test_plain_texts_are_written_and_another_name_is_left(world: ModuleType, settings: Any) -> None:
    folder = settings.HOME / "systems" / "papers" / "letters"
    (folder / "a.txt").write_text(f"ご契約者　{world.NAME}\nお電話 {world.NUMBER}", encoding="utf-8")
    (folder / "b.txt").write_text("吉田 花乃さんのこと", encoding="utf-8")  # another 吉, another name
    answer = adopted(world, TEXT)
    assert effects_world.brought_about(world, answer)
    assert (folder / "a.txt").read_text(encoding="utf-8") == f"ご契約者　{RIGHT}\nお電話 {world.NUMBER}"
    assert (folder / "b.txt").read_text(encoding="utf-8") == "吉田 花乃さんのこと"


def test_a_text_is_kept_with_a_reason_and_looked_at_again_when_it_changes(world: ModuleType, settings: Any) -> None:
    answer = adopted(world, TEXT)
    told = {"answer_ref": answer, "at": world.AT, "acting_user": "sato"}
    actions.bring_about(**told)
    ((cell,), _away) = actions.open_texts(answer_ref=answer, account="sato", at=world.AT)
    with pytest.raises(SekishoError, match=r"requests\.keeping-reason"):
        decide(world, answer, cell, correct=False, reason="why not")
    before = world.state(settings.HOME)
    decide(world, answer, cell, correct=False, reason="said_then")
    assert world.state(settings.HOME) == before
    assert effect(answer, "support.tickets") == (EffectState.DONE, "")
    with pytest.raises(SekishoError, match=r"requests\.unknown-text"):
        decide(world, answer, cell, correct=True)
    assert actions.open_texts(answer_ref=answer, account="sato", at=world.AT) == ((), ())
    said = str([one.body for one in evidence.records(newest=1000)])
    assert world.NAME not in said
    assert RIGHT not in said


def test_a_store_that_is_away_is_said_and_tried_again(world: ModuleType, settings: Any) -> None:
    answer = adopted(world, TEXT)
    support = settings.HOME / "systems" / "support"
    shutil.move(support, settings.HOME / "away")
    told = {"answer_ref": answer, "at": world.AT, "acting_user": "sato"}
    assert not actions.bring_about(**told)
    assert effect(answer, "support.tickets")[0] is EffectState.FAILED
    assert queries.unfinished_answers() == (answer,)
    (cells, away) = actions.open_texts(answer_ref=answer, account="sato", at=world.AT)
    assert (cells, [target for target, _code in away]) == ((), ["support.tickets"])
    shutil.move(settings.HOME / "away", support)
    assert effects_world.brought_about(world, answer)
