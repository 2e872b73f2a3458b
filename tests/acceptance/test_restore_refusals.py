"""What a restore refuses to believe, and what stays decided: tampering, old approvals, holds, a store older than its register."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from restores import OTHERS, Carrier, small_world

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    carrier = Carrier(tmp_path_factory.mktemp("refusals"))
    carrier.do("build")
    carrier.snapshot()
    yield carrier
    carrier.close()


@pytest.fixture
def lost(carrier: Carrier) -> tuple[Carrier, str]:
    """A carrier that backed up, erased Hana, and lost its home."""
    carrier.begin_anew()
    backup = carrier.do("backup")
    carrier.do("erase", person=small_world().HANA)
    carrier.lose()
    return carrier, backup


def test_a_tampered_backup_is_refused(lost: tuple[Carrier, str]) -> None:
    carrier, backup = lost
    folder = carrier.backups / backup
    part = max((folder / "parts").iterdir())
    kept = part.read_bytes()
    part.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    assert carrier.do("restore", backup=backup, code=3)["refused"] == "backups.part-altered"
    assert [path.name for path in carrier.home.iterdir()] == ["restore.lock"], "refused before anything is put back"
    part.write_bytes(kept)
    manifest = folder / "manifest.json"
    said = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(said | {"tombstones": 0}), encoding="utf-8")
    assert carrier.do("restore", backup=backup, code=3)["refused"] == "backups.manifest-altered"


def test_tombstones_altered_shortened_or_gone_are_refused(lost: tuple[Carrier, str]) -> None:
    carrier, backup = lost
    carrier.do("restore", backup=backup)
    (file,) = carrier.apart.glob("*/tombstones")
    kept = file.read_bytes()
    file.write_bytes(kept.replace(b'"person":"P-hana"', b'"person":"P-next"', 1))
    assert carrier.do("check", code=3)["refused"] == "backups.tombstones-altered"
    file.write_bytes(b"".join(kept.splitlines(keepends=True)[:-2]))
    assert carrier.do("check", code=3)["refused"] == "backups.tombstones-incomplete"
    lines = kept.splitlines(keepends=True)
    file.write_bytes(b"".join((*lines[:-3], lines[-2], lines[-1])))
    assert carrier.do("check", code=3)["refused"] == "backups.tombstones-altered"
    file.unlink()
    assert carrier.do("check", code=3)["refused"] == "backups.tombstones-incomplete"
    assert (carrier.home / "restore.lock").exists()
    file.write_bytes(kept + b'{"half a li')  # a crash while it was written: not finished, so not said
    carrier.do("check")


def test_a_ledger_cut_off_apart_is_seen_by_the_witness(lost: tuple[Carrier, str]) -> None:
    carrier, backup = lost
    carrier.do("restore", backup=backup)
    (apart,) = carrier.apart.iterdir()
    witness = carrier.home / "witness"
    witness.mkdir()
    shutil.copyfile(apart / "ledger" / "checkpoint", witness / "checkpoint")
    shutil.rmtree(apart / "ledger" / "tile")
    assert carrier.do("check", code=3)["refused"] == "backups.ledger-behind"
    (apart / "ledger" / "checkpoint").unlink()
    assert carrier.do("check", code=3)["refused"] == "backups.ledger-behind"
    carrier.do("check", declare_gap=True)
    assert _column(carrier.home, "SELECT kind FROM evidence_entry WHERE kind = 'evidence.gap-declared'")
    # Whoever has seen more goes on saying so: no declaration of ours makes a cut ledger whole.
    assert set(carrier.do("verify")) <= {"ledger.truncated", "ledger.rewritten"}
    assert carrier.do("verify")


def test_what_was_taken_away_since_stays_taken_away(carrier: Carrier) -> None:
    carrier.begin_anew()
    opened = carrier.do("open_access")
    old = carrier.do("approve", person="P-06")
    backup = carrier.do("backup")
    carrier.do("run", plan=old)
    carrier.do("end_access", **opened)
    held = carrier.do("hold", person="P-07")
    carrier.do("leave", staff="sato")
    carrier.do("withdraw", person=OTHERS[0])
    stood = carrier.do("registers")
    carrier.lose()
    carrier.do("restore", backup=backup)
    before = carrier.do("registers")
    assert before["people"]["P-06"]["known"], "the backup must not know of it, or nothing is shown"
    assert "sato" in before["active"]
    opening = carrier.do("check")
    now = carrier.do("registers")
    assert now["people"] == stood["people"]
    assert "sato" not in now["active"]
    assert now["holds"] == [held]
    assert now["plans"][old] == "withdrawn"
    refused = carrier.do("run", plan=old, code=3)
    assert refused["refused"] in {"retention.wrong-state", "retention.seal-lost"}
    assert opening["lost"] == {}
    assert _column(carrier.home, "SELECT revoked_at FROM decisions_apikey") != [None]
    assert _column(carrier.home, "SELECT closed_at FROM decisions_accessticket") != [None]
    assert _column(carrier.home, "SELECT closed_at FROM decisions_claim") != [None]


def test_a_store_older_than_the_register_gives_nobody_back(carrier: Carrier) -> None:
    """Only the CRM is put back from an old copy: the register knows no value of the erased any more, only digests."""
    carrier.begin_anew()
    crm = carrier.home / "systems" / "crm.sqlite3"
    shutil.copyfile(crm, carrier.folder / "old.sqlite3")
    carrier.do("erase", person=small_world().HANA)
    backup = carrier.do("backup")
    assert carrier.do("returned") == []
    shutil.copyfile(carrier.folder / "old.sqlite3", crm)
    (found,) = [one for one in carrier.do("returned") if one["table"] == "customers"]
    assert (found["erased"], found["identifier"], found["rows"]) == ("P-hana", "customer_no", 1)
    carrier.lose()
    carrier.do("restore", backup=backup)
    shutil.copyfile(carrier.folder / "old.sqlite3", crm)
    opening = carrier.do("check")
    assert opening["stray_rows"] > 0
    assert "C0000000" not in {value for row in _rows(crm, "customers") for value in row}


def test_the_key_of_a_living_seal_is_kept_apart_and_a_dead_one_is_nowhere(carrier: Carrier) -> None:
    """What law keeps of somebody must be found again when its day comes, also after a restore."""
    carrier.begin_anew()
    retained, given_up = carrier.do("erase", person="P-05"), carrier.do("approve", person="P-06")
    backup = carrier.do("backup")
    carrier.do("give_up", plan=given_up)
    carrier.lose()
    carrier.do("restore", backup=backup)
    carrier.do("check")
    keys = {path.stem for path in (carrier.home / "keys" / "erasures").glob("*.key")}
    assert keys == {path.stem for path in carrier.apart.glob("*/seals/*.key")}
    assert keys == {retained}
    assert carrier.do("registers")["plans"][given_up] == "withdrawn"
    assert carrier.do("verify") == []
    assert not any("erasures" in part["path"] for part in _manifest(carrier, backup)["parts"])


def test_an_expired_backup_can_not_be_restored_wherever_it_was_copied(carrier: Carrier) -> None:
    carrier.begin_anew()
    backup = carrier.do("backup", days=1)
    shutil.copytree(carrier.backups / backup, carrier.folder / "elsewhere" / backup)
    assert carrier.do("expire", days=2) == [backup]
    assert not (carrier.backups / backup).exists()
    shutil.copytree(carrier.folder / "elsewhere" / backup, carrier.backups / backup)
    carrier.lose()
    assert carrier.do("restore", backup=backup, code=3)["refused"] == "backups.expired"


def _manifest(carrier: Carrier, backup: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((carrier.backups / backup / "manifest.json").read_text(encoding="utf-8"))
    return said


def _column(home: Path, query: str) -> list[Any]:
    database = sqlite3.connect(home / "sekisho.sqlite3")
    try:
        return [row[0] for row in database.execute(query)]
    finally:
        database.close()


def _rows(path: Path, table: str) -> list[tuple[Any, ...]]:
    database = sqlite3.connect(path)
    try:
        return database.execute(f'SELECT * FROM "{table}"').fetchall()
    finally:
        database.close()
