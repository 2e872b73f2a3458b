"""Residues of every kind, planted and found by the independent reader; other people's values raise no alarm."""

import random
from pathlib import Path

import planting
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.connectors import needles, residue
from sekisho.engine.erasure.needles import Needle, NeedleKind, variants

TIMES = 4
FAMILY = ("𠮷田", "佐々木", "小鳥遊", "渡邉")
GIVEN = ("花乃", "健", "みなみ", "太郎")
KANA = ("ヨシタ ハナノ", "ササキ ケン", "タカナシ ミナミ", "ワタナヘ タロウ")


def person(index: int) -> planting.Person:
    draw = random.Random(f"planted {index}")
    kana = KANA[index % 4]
    return planting.Person(
        number=f"0900{draw.randrange(10**7):07d}",
        name=f"{FAMILY[index % 4]} {GIVEN[index % 4]}",
        kana=kana,
        hiragana="".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in kana),
    )


def wanted(one: planting.Person) -> dict[str, tuple[str, ...]]:
    return {
        "number": variants(Needle(kind=NeedleKind.PHONE, value=one.number)),
        "name": variants(Needle(kind=NeedleKind.NAME, value=one.name)),
        "kana": variants(Needle(kind=NeedleKind.NAME, value=one.kana)),
    }


@pytest.mark.parametrize("kind", planting.KINDS)
def test_whatever_is_planted_is_found(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    admin = str(request.getfixturevalue("postgres_url")) if kind.startswith("postgresql") else ""
    missed = []
    for index in range(TIMES):
        folder = tmp_path / str(index)
        folder.mkdir()
        planted = planting.KINDS[kind](folder, admin, person(index))
        with planting.dropping(admin, planted):
            found = list(residue.find(*planted, wanted(person(index))))
            others = list(residue.find(*planted, {"number": wanted(person(index + 100))["number"]}))
        for one in found:
            assert person(index).number not in one.location
            assert person(index).name not in one.location
        assert others == [], f"{kind}: somebody else is found too"
        if not found:
            missed.append(index)
    assert missed == [], f"{kind}: {len(missed)} of {TIMES} missed"


def test_enough_is_planted() -> None:
    assert len(planting.KINDS) >= 20
    assert len(planting.KINDS) * TIMES >= 200


NUMBERS = st.integers(0, 10**8 - 1).map(lambda n: f"090{n:08d}")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(NUMBERS, st.lists(NUMBERS, min_size=1, max_size=20), st.sampled_from(["{}", "〒{}1", "{}番", "0{}", "{}-{}"]))
def test_other_peoples_numbers_raise_no_alarm(mine: str, theirs: list[str], form: str) -> None:
    looking = needles.Needles({"n": variants(Needle(kind=NeedleKind.PHONE, value=mine))})
    text = needles.FIELD_END.join(form.format(one, one[:5]) for one in theirs if one != mine)
    assert looking.in_text(text) == set()
    assert looking.in_text(f"1{mine}") == looking.in_text(f"{mine}0") == set()
    assert looking.in_text(f"{text}{needles.FIELD_END}電話は{planting.grouped(mine)}です") == {"n"}
