"""What a locked home says: a restore that did not end asks for the restore, one that ended for the look."""

from pathlib import Path

import pytest

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints import lock
from sekisho.entrypoints.cli.restore_check import check


@pytest.mark.parametrize(
    ("stage", "code", "command"),
    [
        (lock.RESTORING, "backups.half-restored", "sekisho restore をもう一度"),
        (lock.RESTORED, "backups.locked", "sekisho restore-check を実行"),
    ],
)
def test_the_remedy_is_the_command_that_helps(tmp_path: Path, stage: str, code: str, command: str) -> None:
    lock.write(tmp_path, {"stage": stage})
    with pytest.raises(SekishoError) as refused:
        lock.require_open(tmp_path)
    assert refused.value.code == code
    assert command in refused.value.remedy()


def test_the_look_does_not_send_back_to_itself(tmp_path: Path) -> None:
    lock.write(tmp_path, {"stage": lock.RESTORING})
    with pytest.raises(SekishoError) as refused:
        check(tmp_path)
    assert refused.value.code == "backups.half-restored"
