"""A line that passed on after the backup: a restore gives it back to nobody, and erases no call of its next holder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from restores import Carrier, small_world

pytestmark = pytest.mark.slow
PASSED = "2026-09-24"  # sixty days before the world's day


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[Carrier]:
    carrier = Carrier(tmp_path / "lines")
    carrier.do("build")
    yield carrier
    carrier.close()


def test_the_next_holder_keeps_line_and_calls_through_erasure_and_restore(carrier: Carrier) -> None:
    line = small_world().number_of(12)
    backup = carrier.do("backup")
    carrier.do("pass_on", line=line, to="P-13", days=60)
    held = carrier.do("holders", line=line)
    assert [person for person, _ in held] == ["P-12", "P-13"]
    before = carrier.do("called", line=line)
    carrier.do("erase", person="P-12")
    theirs = [at for at in before if at > PASSED]
    assert carrier.do("called", line=line) == theirs
    assert theirs != before
    carrier.lose()
    carrier.do("restore", backup=backup)
    carrier.do("check")
    assert carrier.do("holders", line=line) == [["P-13", None]]
    assert carrier.do("called", line=line) == theirs, "the former holder's calls went again, the next one's stayed"
    assert carrier.do("verify") == []


def test_a_transfer_taken_back_since_stays_taken_back(carrier: Carrier) -> None:
    line = small_world().number_of(12)
    event = carrier.do("pass_on", line=line, to="P-13", days=60)
    backup = carrier.do("backup")
    carrier.do("take_back", event=event)
    carrier.lose()
    carrier.do("restore", backup=backup)
    carrier.do("check")
    assert carrier.do("holders", line=line) == [["P-12", None]]
