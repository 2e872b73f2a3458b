"""Building the demo carrier: from one seed to five stores, a list of planted defects, and the rows for the registers."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from sekisho.demo import (
    billing,
    calls,
    crm,
    defects,
    derived,
    designated,
    hr,
    numbers,
    opinions,
    parties,
    stores,
    tickets,
)
from sekisho.demo.built import Built, Designated, IdentifierRow, NameRow, PersonRow
from sekisho.demo.designated import APPLICANT_NO, FORMER, FRIEND, NEXT, STORY, Places
from sekisho.demo.lines import Lines, lines
from sekisho.demo.people import Customers, customers, reference
from sekisho.demo.population import Population

TODAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # noon in Tokyo
TOKYO = ZoneInfo("Asia/Tokyo")
FEWEST = 100
Progress = Callable[[str, int], None]


def build(
    home: Path,
    at: datetime = TODAY,
    *,
    subscribers: int = 20_000,
    calls_count: int = 1_000_000,
    seed: int = 7,
    crm_url: str = "",
    progress: Progress = lambda _what, _count: None,
) -> Built:
    """Write the five stores under `home`/systems (the CRM to `crm_url` where given) and return what the registers need.

    The same seed and `at` give the same carrier. `subscribers` is at least 100.
    """
    today = np.datetime64(at.astimezone(TOKYO).date(), "D")
    now = np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "s")
    rng = np.random.default_rng(seed)
    people = customers(max(FEWEST, subscribers), today, seed, rng)
    held = lines(people, today, seed, rng)
    places = designated.write(people, held, today)
    elsewhere = numbers.elsewhere(50_000, rng)
    progress("people", len(people))
    bills = crm.bill_recipients(people, crm.closed_on(people, held), seed, elsewhere, rng)
    contacts = crm.business_contacts(today, seed, elsewhere, rng)
    staff = hr.staff(today, seed, elsewhere, rng)
    applicants = hr.applicants(today, seed, elsewhere, staff, rng)
    holders = hr.shareholders(today, seed, rng)
    others = hr.persons_of(staff, applicants, holders, contacts)
    sent = opinions.senders(at, seed, rng)
    others += opinions.people(sent)
    applicants.append(_story_applicant(people, places, at.astimezone(TOKYO).date()))
    systems = {
        "crm": crm.tables(people, held, bills, contacts, today, rng),
        "hr": hr.tables(staff, applicants, holders),
        "billing": billing.tables(people, held, today, rng),
        "cdr": {"calls": calls.table(held, places, elsewhere, calls_count, now, rng)},
        "support": {"tickets": tickets.table(people, held, places, at, rng), "opinions": opinions.table(sent)},
    }
    systems["billing"]["call_volume"] = derived.call_volume(systems, at.astimezone(TOKYO).date())
    defects.plant(systems, at)
    rows = {f"{system}.{name}": table.num_rows for system, tables in systems.items() for name, table in tables.items()}
    _write(home, systems, crm_url, progress)
    story = people.ref[places.customers[STORY]]
    return Built(
        home=home,
        at=at,
        population=Population(
            people=people,
            lines=held,
            bill_recipients=bills,
            others=[*others, *_planted_people(seed, at.astimezone(TOKYO).date())],
            extra_identifiers={story: (IdentifierRow("applicant_no", APPLICANT_NO, "applicant"),)},
            extra_kinds={story: ("job_applicant",)},
            seed=seed,
        ),
        staff=hr.actors(staff),
        recipients=parties.recipients(at.astimezone(TOKYO).date()),
        story=_designated(people, held, places, STORY),
        recycled=_designated(people, held, places, FORMER, NEXT),
        defects=defects.LIST,
        rows=rows,
        examples=_examples(people, held, places),
    )


def _write(home: Path, systems: defects.Systems, crm_url: str, progress: Progress) -> None:
    """Each system's tables are let go of once they are written: a million subscribers' do not fit twice."""
    folder = home / "systems"
    folder.mkdir(parents=True)
    counts = {system: _rows(tables) for system, tables in systems.items()}
    if crm_url:
        stores.write_postgresql(crm_url, systems.pop("crm"), derived.VIEWS["crm"])
    else:
        stores.write_sqlite(folder / "crm.sqlite3", systems.pop("crm"), derived.VIEWS["crm"])
    progress("crm", counts["crm"])
    stores.write_sqlite(folder / "hr.sqlite3", systems.pop("hr"))
    progress("hr", counts["hr"])
    stores.write_duckdb(folder / "billing.duckdb", systems.pop("billing"), derived.VIEWS["billing"])
    progress("billing", counts["billing"])
    stores.write_delta(folder / "cdr", systems.pop("cdr"), "day")
    progress("cdr", counts["cdr"])
    stores.write_jsonl(folder / "support", systems.pop("support"), "received_at")
    progress("support", counts["support"])
    listed = json.dumps([asdict(planted) for planted in defects.LIST], ensure_ascii=False, indent=2)
    (home / "defects.json").write_text(listed + "\n", encoding="utf-8")


def _rows(tables: dict[str, pa.Table]) -> int:
    return sum(table.num_rows for table in tables.values())


def _story_applicant(people: Customers, places: Places, today: date) -> dict[str, Any]:
    """The former customer once applied for work here: the same person, under one reference."""
    place = places.customers[STORY]
    applied = today - timedelta(days=40)
    return {
        "applicant_no": APPLICANT_NO,
        "ref": people.ref[place],
        "name": people.name[place],
        "name_kana": people.kana[place],
        "birth_date": people.born[place].item(),
        "sex": people.sex[place],
        "address": f"{people.postal[place]} {people.address[place]}",
        "phone": designated.STORY_NUMBER,
        "mail": people.mail[place],
        "education": "大学卒",
        "applied_on": applied,
        "decided_on": applied + timedelta(days=14),
        "is_hired": False,
        "staff_no": None,
    }


def _planted_people(seed: int, today: date) -> list[PersonRow]:
    """Whose the planted expired rows are: known to the register, so that the sweep can name an owner."""
    old = today - timedelta(days=defects.LONG_AGO_DAYS + 900)
    return [
        PersonRow(
            reference(seed, "C09000001"),
            ("customer",),
            old,
            (IdentifierRow("customer_no", "C09000001", "contractor"),),
            (NameRow("栁沢 昭夫", "ヤナギサワ アキオ"),),
            date(1948, 6, 2),
        ),
        PersonRow(
            reference(seed, "A00001"),
            ("job_applicant",),
            today - timedelta(days=760),
            (IdentifierRow("applicant_no", "A00001", "applicant"),),
            (NameRow("四月一日 朔", "ワタヌキ サク"),),
            date(1999, 4, 1),
        ),
    ]


def _designated(people: Customers, held: Lines, places: Places, who: int, successor: int = 0) -> Designated:
    place, line = places.customers[who], places.lines[who]
    return Designated(
        ref=people.ref[place],
        customer_no=people.no[place],
        number=held.number[line],
        name=str(people.name[place]),
        applicant_no=APPLICANT_NO if who == STORY else "",
        held_from=held.since[line].item().replace(tzinfo=UTC),
        held_until=held.until[line].item().replace(tzinfo=UTC),
        next_holder=people.ref[places.customers[successor]] if successor else "",
        next_customer_no=people.no[places.customers[successor]] if successor else "",
    )


def _examples(people: Customers, held: Lines, places: Places) -> dict[str, str]:
    """References of people worth asking the gate about; a kind nobody happens to be of is left out."""
    told = len(people) - 4
    kinds = {
        "minor": people.guardian >= 0,
        "deceased": ~np.isnat(people.deceased),
        "protected": people.protected,
        "corporate": people.corporate,
        "renamed": ~np.isnat(people.renamed),
    }
    found = {}
    for name, mask in kinds.items():
        places_of = np.flatnonzero(mask[:told])
        if len(places_of):
            found[name] = people.ref[int(places_of[0])]
    plain = ~np.logical_or.reduce(list(kinds.values()))[:told]
    live = np.unique(held.customer[np.isnat(held.ended) & (held.user < 0)])
    for place in live.tolist():
        if place < told and plain[place]:
            found["customer"] = people.ref[place]
            break
    if held.users:
        found["line_user"] = held.users[0]["ref"]
    return found | {"friend": people.ref[places.customers[FRIEND]], "next_holder": people.ref[places.customers[NEXT]]}
