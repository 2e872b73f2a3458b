"""Sealed files: what went in comes out; a byte, the order or the end that is not as it was is refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.engine.errors import SekishoError
from sekisho.registers.backups.actions.sealed import TAG, seal, unseal
from sekisho.registers.backups.rules.limits import limits

KEY = bytes(range(32))
CHUNK = limits().chunk


@given(sizes=st.lists(st.integers(min_value=0, max_value=40), max_size=6))
def test_any_portions_come_out_as_one(sizes: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("sealed") / "one"
    chunks = [bytes([number]) * size for number, size in enumerate(sizes)]
    written = seal(chunks, path, KEY, "b", 1)
    assert b"".join(unseal(path, KEY, "b", 1)) == b"".join(chunks)
    assert written.size == sum(sizes)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_sizes_round_the_chunk(size: int, tmp_path: Path) -> None:
    contents = bytes(index % 251 for index in range(min(size, 1000))) * (size // 1000 + 1)
    contents = contents[:size]
    seal([contents], tmp_path / "one", KEY, "b", 1)
    assert b"".join(unseal(tmp_path / "one", KEY, "b", 1)) == contents


def test_nothing_stands_there_unsealed(tmp_path: Path) -> None:
    seal([b"09001234567 " * 1000], tmp_path / "one", KEY, "b", 1)
    assert b"0900" not in (tmp_path / "one").read_bytes()


def test_cut_moved_altered_or_under_another_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "one"
    seal([b"x" * (2 * CHUNK + 5)], path, KEY, "b", 1)
    whole, length = path.read_bytes(), CHUNK + TAG
    cases = {
        "cut at a chunk": whole[: 2 * length],
        "cut in a chunk": whole[:-3],
        "two chunks exchanged": whole[length : 2 * length] + whole[:length] + whole[2 * length :],
        "a bit": whole[:-1] + bytes([whole[-1] ^ 1]),
        "lengthened": whole + b"x",
    }
    for case, contents in cases.items():
        path.write_bytes(contents)
        with pytest.raises(SekishoError) as refused:
            list(unseal(path, KEY, "b", 1))
        assert refused.value.code == "backups.part-altered", case
    path.write_bytes(whole)
    for key, ref, part in ((bytes(32), "b", 1), (KEY, "other", 1), (KEY, "b", 2)):
        with pytest.raises(SekishoError):
            list(unseal(path, key, ref, part))
