"""The file of tombstones: chained, signed, refused when a byte, a line or the order is not as it was."""

import pytest

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle.note import Signer
from sekisho.registers.backups.rules.tombstones import Head, line, read

SEED = bytes(range(32))
KEY = Signer(name="test", seed=SEED).verifier.key


def _lines(count: int = 4, seed: bytes = SEED) -> list[bytes]:
    head, lines = Head(), []
    for number in range(count):
        written, head = line(
            head, seed, kind="people.left", entry=f"e{number}", at="2026-11-23T03:00:00Z", body={"staff": f"s{number}"}
        )
        lines.append(written)
    return lines


def test_what_was_written_is_read() -> None:
    found = [stone for stone, _ in read(_lines(), KEY)]
    assert [(stone.number, stone.entry, stone.body["staff"]) for stone in found] == [
        (number, f"e{number}", f"s{number}") for number in range(4)
    ]


def test_every_byte_counts() -> None:
    lines = _lines(2)
    for place in range(len(lines[0]) - 1):
        altered = bytearray(lines[0])
        altered[place] ^= 1
        if b"\n" in altered[:-1]:
            continue  # then it is two lines, which the next test covers
        with pytest.raises(SekishoError) as refused:
            list(read([bytes(altered), lines[1]], KEY))
        assert refused.value.code == "backups.tombstones-altered"


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(_lines()[1:], id="the first is missing"),
        pytest.param([*_lines()[:1], *_lines()[2:]], id="one in between is missing"),
        pytest.param([_lines()[1], _lines()[0]], id="order"),
        pytest.param([*_lines()[:2], _lines()[1]], id="one twice"),
        pytest.param([*_lines()[:2], *_lines(3, bytes(32))[2:]], id="somebody else's line"),
        pytest.param([b"{}\n"], id="not a tombstone"),
        pytest.param([b"\xff\n"], id="not text"),
        pytest.param([b"[]\n"], id="not an object"),
    ],
)
def test_another_sequence_is_refused(lines: list[bytes]) -> None:
    with pytest.raises(SekishoError) as refused:
        list(read(lines, KEY))
    assert refused.value.code == "backups.tombstones-altered"


def test_a_line_that_a_crash_left_unfinished_was_never_said() -> None:
    lines = _lines()
    assert len(list(read([*lines[:3], lines[3][:-10]], KEY))) == 3


def test_reading_goes_on_from_a_head() -> None:
    lines = _lines()
    *_, (_, head) = read(lines[:2], KEY)
    assert [stone.number for stone, _ in read(lines[2:], KEY, head)] == [2, 3]
