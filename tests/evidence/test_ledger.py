"""Append, number, sign, check: and each way a ledger can be tampered with is found and named."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.utils import IntegrityError

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle import checkpoint as heads
from sekisho.engine.merkle.checkpoint import read_checkpoint
from sekisho.engine.merkle.note import verifier_from
from sekisho.engine.merkle.tree import Tree
from sekisho.engine.policy.model import Clause
from sekisho.evidence import actions, keys, queries, witness
from sekisho.evidence.models import Checkpoint, Entry
from sekisho.evidence.proof import Verdict
from sekisho.evidence.proofs import ledger_intact, witness_present
from sekisho.evidence.queries import WitnessState

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 1, 2, 3, 456789, tzinfo=UTC)


def write_entries(count: int, first: int = 0) -> list[str]:
    with transaction.atomic():
        return [
            actions.append(kind="test.happened", body={"number": number}, at=AT)
            for number in range(first, first + count)
        ]


def sequence() -> actions.Sequenced:
    return actions.sequence(at=AT, holder="test")


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def codes() -> list[str]:
    return [problem.code for problem in queries.verify(at=AT).problems]


def test_entries_are_numbered_without_gaps_and_signed(home: Path) -> None:
    entries = write_entries(3)
    assert sequence() == actions.Sequenced(is_holder=True, added=3, size=3)
    entries += write_entries(400, 3)
    assert sequence().size == 403
    assert [str(entry) for entry in Entry.objects.order_by("index").values_list("entry", flat=True)] == entries
    note = (home / "ledger" / "checkpoint").read_text()
    head = read_checkpoint(note, verifier_from((home / "ledger" / "key").read_text()))
    assert (
        head.root == Tree(bytes(leaf) for leaf in Entry.objects.order_by("index").values_list("leaf", flat=True)).root()
    )
    assert codes() == []
    assert sequence() == actions.Sequenced(is_holder=True, added=0, size=403)
    assert not list((home / "ledger").glob("tile/0/000.p")), "the partial form of a full tile is gone"


def test_a_leaf_is_canonical_and_whole(home: Path) -> None:
    (entry,) = write_entries(1)
    assert bytes(Entry.objects.get().leaf) == (
        f'{{"at":"2026-11-23T01:02:03.456789Z","body":{{"number":0}},"id":"{entry}","kind":"test.happened"}}'.encode()
    )
    assert queries.record(entry).body == {"number": 0}
    assert queries.counts() == {"test.happened": 1}
    assert [record.entry for record in queries.records(kinds=("test.happened",))] == [entry]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "関所 太郎"},
        {"deep": [{"phone": "09001234567"}]},
        {"phone": "call 090-0123-4567 please"},
        {"phone": "+819001234567"},
        {"mail": "hana@example.jp"},
        {"09001234567": 1},
        {"text": "x" * 513},
    ],
)
def test_what_looks_like_personal_data_is_refused(home: Path, body: dict[str, object]) -> None:
    with transaction.atomic(), pytest.raises(SekishoError, match=r"evidence\.personal-data-shape") as refused:
        actions.append(kind="test.happened", body=body, at=AT)
    assert "0900" not in str(refused.value)


def test_references_hashes_and_versions_are_no_personal_data(home: Path) -> None:
    body = {"policy": "arlink@1.0", "sha256": "0123456789" * 6 + "abcd", "plan": "a0b1c2d3-0123-0456-0789-001234567890"}
    with transaction.atomic():
        actions.append(kind="test.happened", body=body, at=AT)


@pytest.mark.parametrize(
    ("body", "at", "code"),
    [
        ({"x": 1.5}, AT, "canonical.not-allowed"),
        ({"x": b""}, AT, "canonical.not-allowed"),
        ({"x": 1}, AT.replace(tzinfo=None), "evidence.naive-time"),
        ({"x": ["y" * 500] * 140}, AT, "evidence.too-large"),
    ],
)
def test_what_an_entry_cannot_hold(home: Path, body: dict[str, object], at: object, code: str) -> None:
    with transaction.atomic(), pytest.raises(SekishoError, match=code):
        actions.append(kind="test.happened", body=body, at=at)  # type: ignore[arg-type]


@pytest.mark.django_db(transaction=True)
def test_an_entry_is_part_of_a_transaction(home: Path) -> None:
    with pytest.raises(SekishoError, match=r"evidence\.outside-transaction"):
        actions.append(kind="test.happened", body={}, at=AT)
    with transaction.atomic():
        actions.append(kind="test.happened", body={}, at=AT)
        transaction.set_rollback(True)
    assert Entry.objects.count() == 0


def test_only_the_holder_of_the_lease_numbers(home: Path) -> None:
    write_entries(1)
    assert actions.sequence(at=AT, holder="first").added == 1
    assert not actions.sequence(at=AT + timedelta(seconds=9), holder="second").is_holder
    assert actions.sequence(at=AT + timedelta(seconds=11), holder="second").is_holder
    actions.release(holder="second")
    assert actions.sequence(at=AT + timedelta(seconds=12), holder="first").is_holder


def test_receipts_come_once_a_checkpoint_covers_the_entry(home: Path) -> None:
    entries = write_entries(5)
    with pytest.raises(SekishoError, match=r"evidence\.not-covered-yet"):
        queries.receipt(entries[3])
    sequence()
    receipt = queries.receipt(entries[3])
    assert receipt["index"] == 3
    assert json.loads(str(receipt["entry"]))["id"] == entries[3]
    with pytest.raises(SekishoError, match=r"evidence\.unknown-entry"):
        queries.receipt("no such entry")


def test_a_certificate_is_bound_to_its_document(home: Path) -> None:
    document = {"erased": ["crm"], "plan": "p-1"}
    with transaction.atomic():
        entry = actions.append(kind="test.certified", body={"certificate": queries.digest_of(document)}, at=AT)
    sequence()
    assert queries.certificate(entry, document)["body"] == document
    with pytest.raises(SekishoError, match=r"evidence\.not-its-document"):
        queries.certificate(entry, document | {"plan": "p-2"})


def test_a_crash_between_files_and_numbers_loses_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_entries(300)
    sequence()
    write_entries(5, 300)

    def crash(*_: object) -> Checkpoint:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(actions, "_number_and_sign", crash)
        with pytest.raises(KeyboardInterrupt):
            sequence()
    write_entries(2, 305)
    assert sequence().size == 307
    assert codes() == []


def test_lost_files_are_written_again_from_the_entries(home: Path) -> None:
    write_entries(300)
    sequence()
    for path in (home / "ledger").glob("tile/0/*"):
        if path.is_file():
            path.unlink()
    assert codes() == ["ledger.file-missing"]
    assert actions.restore_files()
    assert codes() == []
    assert not actions.restore_files()


def test_a_lost_right_edge_is_written_again_before_it_is_built_on(home: Path) -> None:
    write_entries(300)
    sequence()
    (home / "ledger" / "tile" / "0" / "001.p" / "44").unlink()
    write_entries(1, 300)
    assert sequence().size == 301
    assert codes() == []


def test_nothing_is_signed_over_a_broken_ledger(home: Path) -> None:
    write_entries(3)
    sequence()
    untie()
    sql("""UPDATE evidence_entry SET leaf = %s WHERE "index" = 1""", b"{}")
    (home / "ledger" / "tile" / "0" / "000.p" / "3").unlink()
    write_entries(1, 3)
    with pytest.raises(SekishoError, match=r"evidence\.ledger-broken"):
        sequence()


def untie() -> None:
    """Take the update trigger away, as a database administrator could."""
    table = " ON evidence_entry" if connection.vendor == "postgresql" else ""
    sql(f"DROP TRIGGER evidence_entry_index_once{table}")


def test_the_database_itself_refuses_changes(home: Path) -> None:
    statements = import_module("sekisho.evidence.migrations.0002_append_only")
    own = statements.SQLITE if connection.vendor == "sqlite" else statements.POSTGRESQL
    for statement in own:
        if "_no_delete" in statement:
            sql(statement)
    write_entries(2)
    sequence()
    write_entries(1, 2)
    for statement in (
        "DELETE FROM evidence_entry",
        "DELETE FROM evidence_checkpoint",
        "UPDATE evidence_checkpoint SET size = 7",
        "UPDATE evidence_entry SET kind = 'other'",
        """UPDATE evidence_entry SET "index" = 9 WHERE "index" = 1""",
        """UPDATE evidence_entry SET "index" = NULL WHERE "index" = 1""",
        "UPDATE evidence_entry SET leaf = leaf_hash",
        """INSERT INTO evidence_entry (entry, kind, leaf, leaf_hash, at, written_at, "index")
           SELECT entry, kind, leaf, leaf_hash, at, written_at, 99 FROM evidence_entry LIMIT 1""",
    ):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            sql(statement)
    if connection.vendor == "sqlite":
        for table in ("evidence_entry", "evidence_checkpoint"):
            with pytest.raises(IntegrityError), transaction.atomic():
                sql(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1")
    assert codes() == []


def delete_in_the_middle(home: Path) -> None:
    sql("""DELETE FROM evidence_entry WHERE "index" = 4""")


def delete_at_the_end(home: Path) -> None:
    sql("""DELETE FROM evidence_entry WHERE "index" >= 7""")


def delete_with_its_checkpoint(home: Path) -> None:
    sql("""DELETE FROM evidence_entry WHERE "index" >= 6""")
    if connection.vendor == "postgresql":
        sql("ALTER TABLE evidence_checkpoint DISABLE TRIGGER USER")
    sql("DELETE FROM evidence_checkpoint WHERE size > 6")


def flip_a_bit(home: Path) -> None:
    leaf = bytearray(bytes(Entry.objects.get(index=5).leaf))
    leaf[-3] ^= 1
    sql("""UPDATE evidence_entry SET leaf = %s WHERE "index" = 5""", bytes(leaf))


def flip_a_bit_and_its_hash(home: Path) -> None:
    from sekisho.engine.merkle.tree import leaf_hash

    leaf = bytes(Entry.objects.get(index=5).leaf).replace(b'"number":5', b'"number":6')
    sql("""UPDATE evidence_entry SET leaf = %s, leaf_hash = %s WHERE "index" = 5""", leaf, leaf_hash(leaf))


def change_a_hash(home: Path) -> None:
    sql("""UPDATE evidence_entry SET leaf_hash = %s WHERE "index" = 5""", b"x" * 32)


def change_a_column(home: Path) -> None:
    sql("""UPDATE evidence_entry SET kind = 'test.other' WHERE "index" = 2""")


def swap_two(home: Path) -> None:
    for old, new in ((7, 99), (8, 7), (99, 8)):
        sql("""UPDATE evidence_entry SET "index" = %s WHERE "index" = %s""", new, old)


def add_one_by_hand(home: Path) -> None:
    write_entries(1, 9)
    sql("""UPDATE evidence_entry SET "index" = 9 WHERE "index" IS NULL""")


def change_a_file(home: Path) -> None:
    path = home / "ledger" / "tile" / "entries" / "000.p" / "9"
    path.write_bytes(path.read_bytes()[:-1] + b"]")


def change_a_tile(home: Path) -> None:
    path = home / "ledger" / "tile" / "0" / "000.p" / "9"
    path.write_bytes(bytes(32) + path.read_bytes()[32:])


def lose_a_file(home: Path) -> None:
    (home / "ledger" / "tile" / "0" / "000.p" / "9").unlink()


def change_the_checkpoint(home: Path) -> None:
    if connection.vendor == "sqlite":
        sql("DROP TRIGGER evidence_checkpoint_no_update")
    else:
        sql("ALTER TABLE evidence_checkpoint DISABLE TRIGGER USER")
    sql("UPDATE evidence_checkpoint SET note = replace(note, 'sekisho/', 'sekisha/') WHERE size = 9")


@pytest.mark.parametrize(
    ("tamper", "code", "where"),
    [
        (delete_in_the_middle, "ledger.row-missing", "4"),
        (delete_at_the_end, "ledger.truncated", None),
        (delete_with_its_checkpoint, "ledger.truncated", None),
        (flip_a_bit, "ledger.entry-altered", "5"),
        (flip_a_bit_and_its_hash, "ledger.root-differs", "3"),
        (change_a_hash, "ledger.hash-altered", "5"),
        (change_a_column, "ledger.columns-differ", "2"),
        (swap_two, "ledger.reordered", "7"),
        (add_one_by_hand, "ledger.beyond-checkpoint", "9"),
        (change_a_file, "ledger.file-differs", None),
        (change_a_tile, "ledger.file-differs", None),
        (lose_a_file, "ledger.file-missing", None),
        (change_the_checkpoint, "ledger.checkpoint-invalid", None),
    ],
)
def test_tampering_is_found_and_named(home: Path, tamper: Callable[[Path], None], code: str, where: str | None) -> None:
    (home / "witness").mkdir()
    for count, first in ((3, 0), (3, 3), (3, 6)):
        write_entries(count, first)
        sequence()
    assert actions.hand_to_witness()
    assert codes() == []
    untie()
    tamper(home)
    found = queries.verify(at=AT).problems
    assert [problem for problem in found if problem.code == code and problem.values.get("index") in (where, None)], (
        found
    )
    assert all(problem.message("ja") and problem.message("en") and problem.remedy("en") for problem in found)


def test_entries_waiting_too_long_are_reported(home: Path) -> None:
    write_entries(2)
    later = Entry.objects.order_by("-written_at").first()
    assert later is not None
    found = queries.verify(at=later.written_at + timedelta(seconds=30))
    assert (found.waiting, found.problems) == (2, [])
    found = queries.verify(at=later.written_at + timedelta(seconds=90))
    assert [(problem.code, problem.values) for problem in found.problems] == [
        ("ledger.waiting-too-long", {"count": "2"})
    ]


def test_the_witness_takes_only_what_continues(home: Path) -> None:
    assert queries.witness_state() is WitnessState.NONE
    write_entries(2)
    sequence()
    assert not actions.hand_to_witness(), "nobody to hand it to"
    (home / "witness").mkdir()
    assert queries.witness_state() is WitnessState.BEHIND
    assert actions.hand_to_witness()
    assert queries.witness_state() is WitnessState.CURRENT
    write_entries(3, 2)
    sequence()
    assert queries.witness_state() is WitnessState.BEHIND
    assert actions.hand_to_witness()
    assert actions.hand_to_witness(), "the same again is no change"
    assert {path.name for path in (home / "witness").iterdir()} == {"checkpoint", "checkpoint.2", "checkpoint.5"}
    other = (home / "witness" / "checkpoint").read_text()
    Checkpoint.objects.filter(size=5)._raw_delete("default")
    assert queries.witness_state() is WitnessState.REFUSED
    with pytest.raises(SekishoError, match=r"evidence\.witness-refused"):
        actions.hand_to_witness()
    (home / "witness" / "checkpoint").write_text(other.replace("5\n", "6\n", 1))
    assert queries.witness_state() is WitnessState.REFUSED


def test_the_witness_may_stand_elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEKISHO_WITNESS", str(home / "elsewhere"))
    write_entries(1)
    sequence()
    assert actions.hand_to_witness()
    assert witness.place(home) == home / "elsewhere"
    assert queries.witness_state() is WitnessState.CURRENT


def test_what_the_board_is_told(home: Path, clause: Clause) -> None:
    assert ledger_intact(at=AT, clause=clause).verdict is Verdict.UNPROVEN
    assert witness_present(at=AT, clause=clause).verdict is Verdict.BROKEN
    write_entries(4)
    sequence()
    kept = ledger_intact(at=AT, clause=clause)
    assert (kept.verdict, kept.looked_at) == (Verdict.KEPT, 4)
    assert queries.state().size == 4
    untie()
    flip = bytes(Entry.objects.get(index=1).leaf).replace(b"number", b"numbar")
    sql("""UPDATE evidence_entry SET leaf = %s WHERE "index" = 1""", flip)
    assert ledger_intact(at=AT, clause=clause).verdict is Verdict.BROKEN


def test_a_ledger_that_does_not_continue_what_the_witness_saw(home: Path) -> None:
    """Whoever holds the signing key can sign another ledger; not one that continues what was handed out."""
    write_entries(4)
    sequence()
    signer = keys.signer(home)
    seen = heads.Checkpoint(origin=signer.name, size=3, root=bytes(32))
    (home / "witness").mkdir()
    (home / "witness" / "checkpoint").write_text(signer.sign(seen.text()))
    assert [(problem.code, problem.values) for problem in queries.verify(at=AT).problems] == [
        ("ledger.rewritten", {"old": "3"})
    ]
    assert queries.witness_state() is WitnessState.REFUSED
