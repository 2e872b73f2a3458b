"""What our own registers hold about a person, gathered as one more system: consents, provision, names, numbers, requests.

What authorities asked, holds and whatever was given in confidence stand in none of these (LAW.md 9.1).
"""

import hashlib
import hmac
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

from sekisho.casework.subject_requests.models import RecipientWord, SubjectRequest
from sekisho.casework.subject_requests.queries.telling import records_of
from sekisho.casework.subject_requests.rules import ROOM
from sekisho.casework.subject_requests.rules.gathering import AskedSystem, GatheredColumn, SystemState, Value
from sekisho.casework.subject_requests.rules.gathering_codes import BETWEEN
from sekisho.casework.subject_requests.rules.gathering_leaving import USERS
from sekisho.casework.subject_requests.rules.gathering_packing import encoded
from sekisho.casework.subject_requests.rules.gathering_read import ReadRow, ReadTable
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Policy, Text
from sekisho.registers.consents import queries as consents
from sekisho.registers.identities import queries as identities
from sekisho.registers.recipients import queries as recipients

Rows = Iterator[tuple[Value, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """How the registers answered, and their tables."""

    system: AskedSystem
    tables: tuple[ReadTable, ...]


@cache
def own_words() -> Mapping[str, Any]:
    """`own_registers.toml` of this room."""
    return tomllib.loads(resources.files(ROOM).joinpath("own_registers.toml").read_text(encoding="utf-8"))


def is_own(system: str) -> bool:
    """Whether a system of a gathering is our own registers, which stand in no data map."""
    return bool(system == own_words()["system"]["id"])


def registered(person: str, policy: Policy, at: datetime, *, key: bytes, besides: str = "") -> Registered:
    """Everything the registers hold of a person. `besides`: the request that asks, which is not told of itself."""
    words = own_words()
    found = _every(person, policy, besides)
    tables = [one for name, rows in found.items() if (one := _table(name, list(rows), policy, at, key)).rows]
    count = sum(len(one.rows) for one in tables)
    state = SystemState.ANSWERED if count else SystemState.EMPTY
    system = words["system"]
    return Registered(
        system=AskedSystem(
            system=system["id"], label=Text(system["ja"], system["en"]), state=state, code="", rows=count
        ),
        tables=tuple(tables),
    )


def registers_hold(person: str, policy: Policy, *, besides: str = "") -> bool:
    """Whether the registers hold anything of a person."""
    return any(True for rows in _every(person, policy, besides).values() for _ in rows)


def _every(person: str, policy: Policy, besides: str) -> dict[str, Rows]:
    return {
        "names": _names(person),
        "numbers": _numbers(person),
        "consents": _consents(person),
        "provisions": _provisions(person, policy),
        "requests": _requests(person, besides),
        "told": _told(person),
        "stops": _stops(person),
    }


def _names(person: str) -> Rows:
    for one in identities.names_of(person):
        yield one.name, one.kana, one.since, one.until, one.event


def _numbers(person: str) -> Rows:
    for one in identities.intervals_of(person):
        # What a line used by somebody else is called stands in the contract, where the map says so; here it is theirs.
        value = USERS if one.kind == identities.CONTRACTED else one.value
        yield one.kind, value, one.role, one.since, one.until, one.event, one.ended_by


def _consents(person: str) -> Rows:
    for one in consents.history_of(person):
        given = "yes" if one.given else "no"
        yield tokyo_date(one.at), one.kind, one.scope, given, one.notice_era, one.channel


def _provisions(person: str, policy: Policy) -> Rows:
    for one in records_of(person, policy):
        given = BETWEEN.join(one.item_keys)
        yield one.on, one.recipient, one.address, one.representative, given, one.purpose_key, one.by_consent


def _requests(person: str, besides: str) -> Rows:
    for one in SubjectRequest.objects.filter(person_ref=person).exclude(reference=besides).order_by("id"):
        yield one.reference, one.kind, one.received_on, one.reply, one.answered_on, one.outcome


def _told(person: str) -> Rows:
    rows = RecipientWord.objects.filter(effect__answer__request__person_ref=person).order_by("told_on", "id")
    for one in rows.select_related("effect__answer__request"):
        reference = one.effect.answer.request.reference
        yield reference, recipients.label_of(one.recipient), one.told_on, one.confirmed_on


def _stops(person: str) -> Rows:
    for reason, since, until in identities.suppressions_of(person):
        if reason in own_words()["codes"]["stops"]:  # a reason that nobody named is not told of
            yield reason, since, until


def _table(name: str, rows: Sequence[tuple[Value, ...]], policy: Policy, at: datetime, key: bytes) -> ReadTable:
    words = own_words()
    system, table = words["system"], words["tables"][name]
    columns = tuple(_column(one, place, rows, policy, at) for place, one in enumerate(table["columns"]))
    return ReadTable(
        system=system["id"],
        system_label=Text(system["ja"], system["en"]),
        table=name,
        label=Text(table["ja"], table["en"]),
        classes=(),
        columns=columns,
        rows=tuple(_row(name, number, row, key) for number, row in enumerate(rows)),
    )


def _row(name: str, number: int, row: tuple[Value, ...], key: bytes) -> ReadRow:
    said = "\x1f".join((name, str(number), *(str(value) for value in row)))
    fingerprint = hmac.new(key, said.encode(), hashlib.sha256).hexdigest()[:32]
    when = next((value.isoformat() for value in row if isinstance(value, date)), "")
    return ReadRow(when, fingerprint, encoded(fingerprint, row), ())


def _column(name: str, place: int, rows: Iterable[tuple[Value, ...]], policy: Policy, at: datetime) -> GatheredColumn:
    said = own_words()["columns"][name]
    many = bool(said.get("many"))
    held = {
        piece for row in rows for piece in (str(row[place] or "").split(BETWEEN) if many else [str(row[place] or "")])
    }
    named = _named(said["codes"], policy, at, held) if "codes" in said else {}
    return GatheredColumn(
        name=name,
        label=Text(said["ja"], said["en"]),
        type=said.get("type", "text"),
        items=tuple(said.get("items", ())),
        many=many,
        is_code="codes" in said,
        labels={code: named[code] for code in sorted(held & named.keys())},
    )


def _named(table: str, policy: Policy, at: datetime, held: Iterable[str]) -> Mapping[str, Text]:
    """What the codes of a kind are called: by this room's words, by the policy and the law for theirs. `held`: of rows."""
    known = {code: Text(said["ja"], said["en"]) for code, said in own_words()["codes"].get(table, {}).items()}
    match table:
        case "scopes":
            known |= {one.ref: Text(recipients.label_of(one.ref)) for one in recipients.everyone()}
            known |= {id_: one.label for id_, one in policy.ways_out.items()}
            known |= {id_: one.label for id_, one in policy.purposes.items()}
        case "items":
            for class_ in policy.classes.values():
                known[class_.id] = class_.label
                known |= {f"{class_.id}.{id_}": field.label for id_, field in class_.fields.items()}
        case "notices":
            says = own_words()["notice"]
            for era in held:
                version = era.rpartition("@")[2]
                known[era] = Text(says["ja"].format(version=version), says["en"].format(version=version))
        case "requests":
            requests = law(tokyo_date(at)).requests
            known |= {id_: Text(one.name("ja"), one.name("en")) for id_, one in requests.items()}
    return known
