"""Children before parents, rings told, and where nothing says otherwise the order given."""

from hypothesis import given
from hypothesis import strategies as st

from sekisho.engine.erasure.order import Link, ordered
from sekisho.engine.erasure.strategies import PSEUDONYM_FORM, generalised, is_general, pseudonym

TABLES = "abcdefgh"


def link(child: str, parent: str) -> Link:
    return Link(system="s", child=child, columns=("x",), parent=parent, theirs=("y",))


@given(st.lists(st.tuples(st.sampled_from(TABLES), st.sampled_from(TABLES)), max_size=14), st.permutations(TABLES))
def test_every_child_stands_before_its_parent_unless_they_are_a_ring(
    pairs: list[tuple[str, str]], tables: list[str]
) -> None:
    found = ordered(tables, [link(*pair) for pair in pairs])
    assert sorted(found.tables) == sorted(tables)
    ring = {name: index for index, names in enumerate(found.rings) for name in names}
    for child, parent in pairs:
        together = child == parent or (child in ring and ring.get(child) == ring.get(parent))
        assert together or found.tables.index(child) < found.tables.index(parent)


def test_rings_are_told_and_self_reference_is_none() -> None:
    found = ordered("abc", [link("a", "b"), link("b", "a"), link("c", "c")])
    assert found.rings == (("a", "b"),)
    assert ordered("abc", []).tables == ("a", "b", "c")


@given(st.dates())
def test_what_is_coarse_stays_as_it_is_and_the_rest_is_made_coarse(day: object) -> None:
    for how in ("year", "month"):
        once = generalised(day, how, is_day=True)
        assert generalised(once, how, is_day=True) == once
        assert is_general(once, how, is_day=True)
    assert generalised("昭和55年5月3日", "year") is None
    assert generalised("〒102-0082 東京都千代田区", "prefecture") == "東京都"
    assert generalised("京都府京都市", "prefecture") == "京都府"
    assert generalised("一番町1-2", "prefecture") is None


def test_a_pseudonym_is_the_same_under_one_key_only() -> None:
    word = pseudonym("C0000001", b"k" * 32)
    assert word is not None
    assert PSEUDONYM_FORM.fullmatch(word)
    assert pseudonym(word, b"other") == word
    assert word != pseudonym("C0000001", b"l" * 32)
    assert pseudonym(None, b"k") is None
