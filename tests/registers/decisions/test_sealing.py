"""No answer leaves before its batch is durable: seen from a second connection, with 32 callers, and after kill -9."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from sekisho.engine.gate.ask import Act, Ask, Refuse
from sekisho.engine.merkle.tree import Tree, leaf_hash
from sekisho.evidence import queries as evidence
from sekisho.evidence.writing import FairLock, writing
from sekisho.registers.decisions.actions import decide, sealing
from sekisho.registers.decisions.models import DecisionBatch, SealedDecision

HERE = Path(__file__).resolve().parent
ROUNDS = 20 if os.environ.get("SEKISHO_LONG") == "1" else 3
SEALED = """SELECT count(*) FROM decisions_sealeddecision d JOIN decisions_decisionbatch b ON b.id = d.batch_id
            JOIN evidence_entry e ON e.entry = b.entry WHERE b.entry = {mark} AND d.position = {mark}"""


def ask(world: Any) -> Ask:
    return Ask(
        actor=world.clerk, act=Act.USE, data_subjects=(world.hana,), items=("identity.name",), purpose="billing", at=world.at
    )  # fmt: skip


@contextmanager
def second_connection() -> Iterator[Any]:
    """One that knows nothing of Django's transactions."""
    settings = connection.settings_dict
    if connection.vendor == "postgresql":
        with psycopg.connect(
            dbname=settings["NAME"], user=settings["USER"], password=settings["PASSWORD"] or None,
            host=settings["HOST"], port=settings["PORT"], autocommit=True,
        ) as other:  # fmt: skip
            yield other
        return
    database = sqlite3.connect(f"file:{settings['NAME']}?mode=ro", uri=True, timeout=30)
    try:
        yield database
    finally:
        database.close()


def is_durable(other: Any, evidence_of: str) -> bool:
    entry, _, position = evidence_of.partition("/")
    is_sqlite = isinstance(other, sqlite3.Connection)
    values = (entry.replace("-", "") if is_sqlite else entry, int(position))
    return bool(next(iter(other.execute(SEALED.format(mark="?" if is_sqlite else "%s"), values)))[0])


def test_thirty_two_callers_are_answered_only_when_it_is_durable(world: Any) -> None:
    """Each caller looks for its own decision through another connection the moment it is answered."""
    start = threading.Barrier(32)
    missing: list[str] = []
    answers: list[str] = []

    def caller() -> None:
        try:
            with second_connection() as other:
                start.wait()
                for _ in range(5):
                    answer = decide(ask(world))
                    assert answer.evidence, answer.decision
                    answers.append(answer.evidence)
                    if not is_durable(other, answer.evidence):
                        missing.append(answer.evidence)
        finally:
            connection.close()

    threads = [threading.Thread(target=caller) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert missing == []
    assert len(set(answers)) == len(answers) == 160
    sizes = Counter(answer.partition("/")[0] for answer in answers)
    assert len(sizes) < 160, "nobody was committed together"
    assert sum(DecisionBatch.objects.values_list("size", flat=True)) == 160


def test_an_entry_seals_exactly_the_records_of_its_batch(world: Any) -> None:
    answer = decide(ask(world))
    batch = DecisionBatch.objects.get()
    body = evidence.record(answer.entry).body
    tree = Tree()
    for row in batch.decisions.order_by("position"):
        assert row.record
        assert row.salt
        hashed = leaf_hash(sealing.leaf_of(row.record, bytes(row.salt)))
        assert hashed == bytes(row.leaf_hash)
        tree.append(hashed)
    assert body == {"decisions": batch.size, "root": tree.root().hex()}


def test_past_the_limit_the_answer_is_a_refusal(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    began, answered = threading.Event(), threading.Event()
    waited: list[bool] = []

    def slow(batch: list[sealing.Ticket]) -> None:
        began.set()
        waited.append(answered.wait(timeout=30))

    decide(ask(world))  # the policy is compiled at the first ask
    monkeypatch.setattr(sealing, "commit", slow)
    answer = decide(ask(world))
    assert began.is_set()
    assert not waited, "the answer came before its batch was written"
    answered.set()
    assert isinstance(answer.decision, Refuse)
    assert ([reason.code for reason in answer.decision.reasons], answer.evidence) == (["evidence.unavailable"], "")
    monkeypatch.undo()
    assert SealedDecision.objects.count() == 1


def test_a_disk_that_fails_refuses_at_once_and_recovers(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(batch: list[sealing.Ticket]) -> None:
        raise OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(sealing, "commit", broken)
        assert decide(ask(world)).evidence == ""
    assert decide(ask(world)).evidence


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mistake_in_the_committer_does_not_stop_the_next(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(batch: list[sealing.Ticket]) -> None:
        raise TypeError

    with monkeypatch.context() as patch:
        patch.setattr(sealing, "commit", mistaken)
        assert decide(ask(world)).evidence == ""
    time.sleep(0.1)
    assert decide(ask(world)).evidence


def test_the_write_lock_is_fair() -> None:
    lock, order = FairLock(), []

    def take(number: int) -> None:
        with lock:
            order.append(number)

    lock.__enter__()
    threads = []
    for number in range(20):
        threads.append(threading.Thread(target=take, args=(number,)))
        threads[-1].start()
        while len(lock._waiting) <= number:
            time.sleep(0.001)
    lock.__exit__()
    for thread in threads:
        thread.join()
    assert order == list(range(20))


def test_writing_inside_a_transaction_is_part_of_it(world: Any) -> None:
    with writing(), writing():
        assert connection.in_atomic_block


@pytest.mark.slow
def test_a_killed_process_loses_no_answered_decision(world: Any, tmp_path: Path) -> None:
    """A real process answers decisions with eight threads and is killed; whatever it said is in the database."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SEKISHO_")}
    environment |= {"SEKISHO_HOME": str(tmp_path / "home"), "DJANGO_SETTINGS_MODULE": "sekisho.entrypoints.settings"}
    database = ""
    if connection.vendor == "postgresql":
        database = f"killed_{os.getpid()}"
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{database}"')
        settings = connection.settings_dict
        environment["SEKISHO_DATABASE_URL"] = (
            f"postgresql://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}/{database}"
        )
    told: list[str] = []
    for number in range(ROUNDS):
        command = [sys.executable, str(HERE / "answering.py"), "build" if number == 0 else ""]
        child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        lines = []
        for line in child.stdout:
            lines.append(line)
            if len(lines) >= random.randint(10, 60):
                break
        assert lines, "the child answered nothing"
        child.send_signal(signal.SIGKILL)
        lines += child.stdout.readlines()
        child.stdout.close()
        child.wait()
        told += [line.strip() for line in lines if line.endswith("\n")]
    url = environment.get("SEKISHO_DATABASE_URL")
    other: Any = psycopg.connect(url) if url else sqlite3.connect(tmp_path / "home" / "sekisho.sqlite3", timeout=30)
    try:
        assert len(told) >= ROUNDS * 10
        lost = [evidence_of for evidence_of in told if not is_durable(other, evidence_of)]
        assert lost == [], f"{len(lost)} of {len(told)} answered decisions are lost"
    finally:
        other.close()
    if database:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{database}"')
