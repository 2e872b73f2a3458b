"""Everybody the carrier knows, streamed as rows for the identities and consents registers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from sekisho.demo.built import ConsentRow, IdentifierRow, NameRow, PersonRow
from sekisho.demo.lines import Lines
from sekisho.demo.people import Customers

Instants = npt.NDArray[np.datetime64]
CHANNELS = ("paper", "phone", "web", "shop")
CONTRACTED = "contracted_number"
TOKYO_MORNING = timedelta(hours=1)  # 10:00 in Tokyo, in UTC


@dataclass(slots=True, kw_only=True)
class Population:
    """Customers, line users and bill recipients from columns; staff, applicants and others as ready rows."""

    people: Customers
    lines: Lines
    bill_recipients: list[dict[str, Any]]
    others: list[PersonRow]
    extra_identifiers: dict[str, tuple[IdentifierRow, ...]]  # by reference of a customer who is more than a customer
    extra_kinds: dict[str, tuple[str, ...]]
    seed: int

    def persons(self) -> Iterator[PersonRow]:
        """Every person."""
        by_customer = self._lines_by_customer()
        since, until = self.lines.since, self.lines.until  # whole columns: made once, not per person
        for place in range(len(self.people)):
            yield self._customer(place, by_customer.get(place, []), since, until)
        for user in self.lines.users:
            yield self._user(user, since, until)
        for recipient in self.bill_recipients:
            yield PersonRow(
                ref=recipient["ref"],
                kinds=("bill_recipient",),
                acquired_on=recipient["since_on"],
                identifiers=(IdentifierRow("recipient_no", recipient["recipient_no"], "bill_recipient"),),
                names=(NameRow(recipient["name"], recipient["name_kana"]),),
            )
        yield from self.others

    def consents(self) -> Iterator[ConsentRow]:
        """Every consent event: what was agreed at sign-up on paper, by phone, on the web or in a shop, and changes since."""
        rng = np.random.default_rng(self.seed + 1)
        count = len(self.people)
        draws = rng.random((count, 5))
        channels = rng.integers(4, size=count).tolist()
        delays = rng.integers(3, 300, count).tolist()
        for place, (mail, objects, sms, analysis, withdraws) in enumerate(draws.tolist()):
            ref, channel = self.people.ref[place], CHANNELS[channels[place]]
            at = _morning(self.people.registered[place])
            later = at + timedelta(days=delays[place])
            yield ConsentRow(ref, "accepted_purpose", "*", True, channel, at)
            yield ConsentRow(ref, "entrustment", "*", True, channel, at)
            yield ConsentRow(ref, "provision", "arrears_assignment", True, channel, at)
            if mail < 0.35:
                yield ConsentRow(ref, "channel", "mail", True, channel, at)
                if withdraws < 0.1:
                    yield ConsentRow(ref, "channel", "mail", False, "web", later)
            if sms < 0.1:
                yield ConsentRow(ref, "channel", "sms", True, channel, at)
            if objects < 0.06:
                yield ConsentRow(ref, "objection", "marketing", True, "phone", later)
            if analysis < 0.02:
                yield ConsentRow(ref, "specific", "analysis", True, "web", later)
            if 0.06 <= objects < 0.065:
                yield ConsentRow(ref, "restricted", "*", True, "paper", later)
            if place % 97 == 5:
                yield ConsentRow(ref, "secrecy", "support", True, "web", later)

    def _lines_by_customer(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for line, customer in enumerate(self.lines.customer.tolist()):
            found.setdefault(customer, []).append(line)
        return found

    def _line(self, line: int, kind: str, role: str, since: Instants, until: Instants) -> IdentifierRow:
        return IdentifierRow(
            kind,
            self.lines.number[line],
            role,
            _instant(since[line]),
            _instant_or_none(until[line]),
            str(self.lines.how_in[line]),
            str(self.lines.how_out[line] or ""),
        )

    def _customer(self, place: int, held: list[int], since: Instants, until: Instants) -> PersonRow:
        people, users = self.people, self.lines.user
        ref = people.ref[place]
        guardian = int(people.guardian[place])
        return PersonRow(
            ref=ref,
            kinds=("customer", *self.extra_kinds.get(ref, ())),
            acquired_on=_date(people.registered[place]),
            identifiers=(
                IdentifierRow("customer_no", people.no[place], "contractor"),
                IdentifierRow("mail", people.mail[place], "contractor"),
                *(  # a line with a user is the user's: whose calls they are is not who pays
                    self._line(line, "number" if users[line] < 0 else CONTRACTED, "contractor", since, until)
                    for line in held
                ),
                *self.extra_identifiers.get(ref, ()),
            ),
            names=self._names(place),
            born_on=_date_or_none(people.born[place]),
            deceased_on=_date_or_none(people.deceased[place]),
            guardian=people.ref[guardian] if guardian >= 0 else "",
            is_corporate=bool(people.corporate[place]),
            is_protected=bool(people.protected[place]),
            shop=str(people.shop[place] or ""),
        )

    def _names(self, place: int) -> tuple[NameRow, ...]:
        people = self.people
        name, kana = str(people.name[place]), str(people.kana[place])
        if np.isnat(people.renamed[place]):
            return (NameRow(name, kana),)
        on = _morning(people.renamed[place])
        old, old_kana = str(people.old_name[place]), str(people.old_kana[place])
        return (NameRow(old, old_kana, None, on), NameRow(name, kana, on, None, "renamed"))

    def _user(self, user: dict[str, Any], since: Instants, until: Instants) -> PersonRow:
        line = user["line"]
        return PersonRow(
            ref=user["ref"],
            kinds=("line_user",),
            acquired_on=_date(self.lines.started[line]),
            identifiers=(
                IdentifierRow("customer_no", user["user_no"], "line_user"),
                self._line(line, "number", "line_user", since, until),
            ),
            names=(NameRow(str(user["name"]), str(user["kana"])),),
            born_on=_date(user["born"]),
        )


def _date(day: np.datetime64) -> date:
    found: date = day.astype("datetime64[D]").item()
    return found


def _date_or_none(day: np.datetime64) -> date | None:
    return None if np.isnat(day) else _date(day)


def _instant(at: np.datetime64) -> datetime:
    found: datetime = at.astype("datetime64[s]").item()
    return found.replace(tzinfo=UTC)


def _instant_or_none(at: np.datetime64) -> datetime | None:
    return None if np.isnat(at) else _instant(at)


def _morning(day: np.datetime64) -> datetime:
    return _instant(day.astype("datetime64[s]")) + TOKYO_MORNING
