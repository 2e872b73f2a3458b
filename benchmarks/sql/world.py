"""A carrier with as many people and calls as asked for: product database, subscribers in DuckDB, calls in a Delta folder."""

import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
DATAMAP = Path(__file__).with_name("datamap.yaml")
DAYS = 30
PORTION = 2_000_000
RESTRICTED = 250  # one in so many


def start(home: Path, people: int) -> None:
    """The registers: everybody accepted the purposes, one in 250 is restricted."""
    os.environ |= {"SEKISHO_HOME": str(home), "DJANGO_SETTINGS_MODULE": "sekisho.entrypoints.settings"}
    import django

    django.setup()
    from django.core.management import call_command

    from sekisho.connectors.documents import read_folder
    from sekisho.registers.datamap import actions as datamap
    from sekisho.registers.people.actions import NewStaff, enrol
    from sekisho.registers.policies.actions import adopt

    call_command("migrate", verbosity=0)
    files = dict(read_folder(ROOT / "policies" / "arlink")) | {"datamap.yaml": DATAMAP.read_text(encoding="utf-8")}
    era = adopt(files=files, at=AT, acting_user="bench")
    datamap.adopt(files=files, at=AT, acting_user="bench")
    clerk = NewStaff(
        ref="s-1", display_name="s-1", role="clerk", employment="employee", joined_on=date(2020, 4, 1),
        trained_on=date(2026, 4, 1), pledged_on=date(2026, 4, 1), acknowledged_era=era,
    )  # fmt: skip
    enrol(staff=[clerk], at=AT, acting_user="bench")
    _fill(home / "sekisho.sqlite3", people, era)


def stores(home: Path, people: int, calls: int) -> dict[str, Path]:
    """The stores, and the same rows as Parquet for whoever asks without a gate."""
    import pyarrow.parquet as pq

    from sekisho.demo.stores import write_delta, write_duckdb

    (home / "systems").mkdir(parents=True)
    plain = {"subscribers": home / "subscribers.parquet", "calls": home / "calls.parquet"}
    subscribers = _subscribers(people)
    write_duckdb(home / "systems" / "crm.duckdb", {"subscribers": subscribers})
    pq.write_table(subscribers, plain["subscribers"], compression="zstd")
    with pq.ParquetWriter(plain["calls"], next(_calls(people, 1)).schema, compression="zstd") as writer:
        for portion in _calls(people, calls):
            writer.write_table(portion, row_group_size=122_880)
    everything = pq.read_table(plain["calls"])
    write_delta(home / "systems" / "cdr", {"calls": everything}, partition="day")
    return plain


def _fill(path: Path, people: int, era: str) -> None:
    database = sqlite3.connect(path)
    database.execute("PRAGMA synchronous=OFF")
    _insert(
        database, "identities_person", "id, ref, guardian_ref, is_corporate, is_protected, shop, acquired_on, born_on",
        ((n, f"p-{n}", "", 0, 0, "", "2025-04-01", "1980-01-01") for n in range(1, people + 1)),
    )  # fmt: skip
    _insert(
        database, "identities_personkind", "person_ref, kind", ((f"p-{n}", "customer") for n in range(1, people + 1))
    )
    _insert(
        database, "identities_identifier", "person_ref, kind, value, role, event",
        ((f"p-{n}", "customer_no", f"C{n:08d}", "contractor", "") for n in range(1, people + 1)),
    )  # fmt: skip
    _insert(
        database, "consents_consentevent", "epoch, person_ref, kind, scope, given, notice_era, channel, at",
        _events(people, era),
    )  # fmt: skip
    last = database.execute("SELECT max(epoch) FROM consents_consentevent").fetchone()[0]
    database.execute("DELETE FROM consents_epochcounter")
    database.execute("INSERT INTO consents_epochcounter (id, last) VALUES (1, ?)", (last,))
    database.commit()
    database.close()


def _events(people: int, era: str) -> Iterator[tuple[object, ...]]:
    at = "2025-04-01 00:00:00"
    for n in range(1, people + 1):
        yield (n, f"p-{n}", "accepted_purpose", "*", 1, era, "web", at)
    for place, n in enumerate(range(RESTRICTED, people + 1, RESTRICTED)):
        yield (people + 1 + place, f"p-{n}", "restricted", "*", 1, era, "web", at)


def _insert(database: sqlite3.Connection, table: str, columns: str, rows: Iterator[tuple[object, ...]]) -> None:
    marks = ", ".join("?" * len(columns.split(",")))
    database.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)


def _subscribers(people: int) -> pa.Table:
    number = np.arange(1, people + 1)
    return pa.table(
        {
            "customer_no": _numbers(number),
            "name": pc.binary_join_element_wise("山田", pc.cast(pa.array(number), pa.string()), " "),
            "sex": pa.array(np.array(["female", "male"])[number % 2]),
            "registered_on": pa.array([date(2025, 4, 1)] * people),
            "closed_on": pa.array([None] * people, pa.date32()),
        }
    )


def _calls(people: int, calls: int) -> Iterator[pa.Table]:
    random = np.random.default_rng(20)
    for start_at in range(0, calls, PORTION):
        count = min(PORTION, calls - start_at)
        seconds = random.integers(0, DAYS * 86_400, count)
        begun = np.datetime64("2026-10-20T00:00:00", "us") + seconds.astype("timedelta64[s]")
        kinds = pa.array(["call", "sms"], pa.string()).take(pa.array(random.integers(0, 2, count)))
        yield pa.table(
            {
                "call_id": pa.array(np.arange(start_at, start_at + count)),
                "kind": kinds,
                "customer_no": _numbers(random.integers(1, people + 1, count)),
                "callee": _numbers(random.integers(1, people + 1, count)),
                "started_at": pa.array(begun, pa.timestamp("us", tz="UTC")),
                "seconds": pa.array(random.integers(1, 3600, count)),
                "charged_yen": pa.array(random.integers(0, 500, count)),
                "day": pa.array(begun.astype("datetime64[D]")),
            }
        )


def _numbers(number: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> pa.Array:
    text = pc.cast(pa.array(number), pa.string())
    return pc.binary_join_element_wise(pa.scalar("C"), pc.utf8_lpad(text, 8, "0"), "")
