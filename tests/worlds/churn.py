"""Years of churn: lines pass between people, calls have two parties, people leave for good, the database is lost and restored.

The machine keeps a history of its own, in which nothing is ever forgotten, and holds the product against it.
"""

import json
import shutil
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sekisho.connectors.source import Source
from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.ask import Ask
from sekisho.engine.gate.slots import SLOT
from sekisho.evidence.models import Entry
from sekisho.evidence.queries import EntryRecord
from sekisho.registers.backups.actions.owning import CORRECTED, RECORDED, WITHDRAWN, replay_lines
from sekisho.registers.backups.queries.due import bodies_of
from sekisho.registers.backups.rules.tombstones import Tombstone
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.decisions.queries.addresses import NOBODY, people_at
from sekisho.registers.decisions.queries.facts import gather
from sekisho.registers.identities import actions, queries
from sekisho.registers.identities.rules import IdentifierInterval, NameInterval
from sekisho.registers.retention import actions as retention
from sekisho.registers.retention.queries import plan as plan_record
from sekisho.registers.retention.queries.locating import held_by, opened
from sekisho.registers.retention.queries.where import of_person
from sekisho.registers.retention.rules import PlanStatus

PEOPLE = [f"P-{n}" for n in range(5)]
LINES = [f"0900700010{n}" for n in range(2)]
ELSEWHERE = "0312345678"
START = datetime(2020, 4, 1, 1, tzinfo=UTC)
OWNED = SLOT["owned_in_interval"].mask
DATAMAP = """
sekisho_datamap: 1
map: {id: churn}
systems:
  cdr:
    label: 通話
    kind: sqlite
    url: sqlite:///{home}/systems/cdr.sqlite3
    erase_order: 10
    tables:
      calls:
        label: 通話
        subject: customer
        key: [call_id]
        acquired: started_at
        triggers: {started_at: started_at}
        owners:
          - {by: number, column: caller, role: caller, at: started_at, blanks: [caller]}
          - {by: number, column: callee, role: callee, at: started_at, blanks: [callee]}
        columns:
          call_id: {item: none, type: integer, reason: 記録の番号}
          caller: traffic.caller
          callee: traffic.callee
          started_at: {item: traffic.started_at, type: timestamp}
"""
Call = dict[str, Any]  # call_id, at, and by column the line and whose it was


@dataclass
class Backup:
    """What a restore goes back to: a savepoint, a copy of the store, and how far ledger and history had come."""

    savepoint: str
    store: Path
    entries: int
    calls: int


@dataclass
class History:
    """Everything that ever happened, in order: the oracle."""

    holders: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)  # line -> (day, contractor, user)
    calls: list[Call] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)

    def seats(self, line: str, day: int) -> tuple[str, str]:
        """Contractor and user on a day; "" for nobody."""
        return next(((c, u) for d, c, u in reversed(self.holders.get(line, [])) if d <= day), ("", ""))

    def holder(self, line: str, day: int) -> str:
        """Whose calls a line's are."""
        contractor, user = self.seats(line, day)
        return user or contractor


class Churn(RuleBasedStateMachine):
    """One example is one carrier's years. `world` and `home` are set by the test."""

    world: ClassVar[ModuleType]
    home: ClassVar[Path]

    @initialize()
    def begin(self) -> None:
        """Everybody is known from the beginning, and every line has had a first holder."""
        self.outer = transaction.savepoint()
        self.day = 1
        self.told = History()
        self.waiting: dict[str, list[dict[str, Any]]] = {}
        self.plans: dict[str, str] = {}
        self.plan_days: dict[str, int] = {}
        self.backup: Backup | None = None
        (self.home / "systems").mkdir(exist_ok=True)
        store = self._store()
        store.execute("DROP TABLE IF EXISTS calls")
        store.execute("CREATE TABLE calls (call_id INTEGER PRIMARY KEY, caller TEXT, callee TEXT, started_at TEXT)")
        store.commit()
        store.close()
        people = [*map(self._person, PEOPLE), self._first_holder()]
        actions.import_population(people=people, at=self.world.AT, acting_user="test")

    def teardown(self) -> None:
        """The next example begins from the same registers."""
        transaction.savepoint_rollback(self.outer)

    # What happens.

    @rule(line=st.sampled_from(LINES), to=st.sampled_from(PEOPLE), user=st.sampled_from(["", *PEOPLE]))
    def take(self, line: str, to: str, user: str) -> None:
        """A line that nobody has is given to somebody: at once where it comes from another carrier."""
        if self._busy(line, to, user) or self.told.seats(line, self.day) != ("", ""):
            return
        day = self._next()
        told = self._recorded(day, "port_notice")
        actions.assign(number=line, person=to, user=user, ported=True, told=told)
        self._happened(line, day, to, user if user != to else "")

    @rule(line=st.sampled_from(LINES), to=st.sampled_from(PEOPLE), user=st.sampled_from(["", "", *PEOPLE]))
    def pass_on(self, line: str, to: str, user: str) -> None:
        """譲渡, heard of at once."""
        contractor, _ = self.told.seats(line, self.day)
        if self._busy(line, to, user) or contractor in ("", to):
            return
        day = self._next()
        actions.transfer(number=line, to=to, user=user, told=self._recorded(day, "transfer_form"))
        self._happened(line, day, to, user if user != to else "")

    @rule(line=st.sampled_from(LINES), to=st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=4))
    def pass_on_unheard(self, line: str, to: list[str]) -> None:
        """Several transfers one after the other; news of them comes later, in any order."""
        for one in to:
            contractor, user = self.told.seats(line, self.day)
            if contractor in ("", one) or user or self._gone(contractor, one):
                return
            day = self._next()
            self.waiting.setdefault(line, []).append({"giver": contractor, "to": one, "day": day})
            self._happened(line, day, one, "")

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def hear(self, data: st.DataObject) -> None:
        """One piece of the news arrives."""
        line = data.draw(st.sampled_from(sorted(self.waiting)))
        one = data.draw(st.sampled_from(self.waiting[line]))
        told = self._recorded(one["day"], "transfer_form", early=True)
        actions.transfer(number=line, giver=one["giver"], to=one["to"], told=told)
        self.waiting[line].remove(one)
        if not self.waiting[line]:
            del self.waiting[line]

    @rule(line=st.sampled_from(LINES), ported=st.booleans())
    def give_back(self, line: str, ported: bool) -> None:
        """Return or port-out."""
        if self._busy(line) or self.told.seats(line, self.day) == ("", ""):
            return
        day = self._next()
        actions.release(
            number=line, ported=ported, told=self._recorded(day, "port_notice" if ported else "cancellation")
        )
        self._happened(line, day, "", "")

    @rule(line=st.sampled_from(LINES), user=st.sampled_from(["", *PEOPLE]))
    def change_user(self, line: str, user: str) -> None:
        """Another member of the family."""
        contractor, now = self.told.seats(line, self.day)
        user = "" if user == contractor else user
        if self._busy(line, user) or not contractor or now == user:
            return
        day = self._next()
        actions.change_user(number=line, user=user, told=self._recorded(day, "user_notice"))
        self._happened(line, day, contractor, user)

    @rule(person=st.sampled_from(PEOPLE), to=st.sampled_from(PEOPLE))
    def inherit(self, person: str, to: str) -> None:
        """承継 of every line."""
        theirs = [line for line in LINES if self.told.seats(line, self.day)[0] == person]
        if not theirs or person == to or any(self._busy(line, to) for line in theirs):
            return
        if any(self.told.seats(line, self.day)[1] == to for line in theirs):
            return  # the heir uses it already: a change of user, then of contractor
        day = self._next()
        actions.succeed(person=person, to=to, told=self._recorded(day, "family_register"))
        for line in theirs:
            self._happened(line, day, to, self.told.seats(line, day)[1])

    @rule(line=st.sampled_from(LINES), to=st.sampled_from(PEOPLE), wrong=st.integers(1, 20))
    def pass_on_misdated(self, line: str, to: str, wrong: int) -> None:
        """A transfer recorded for a later day than it happened, then corrected."""
        contractor, _ = self.told.seats(line, self.day)
        if self._busy(line, to) or contractor in ("", to):
            return
        day = self._next()
        event = actions.transfer(number=line, to=to, told=self._recorded(day + wrong, "transfer_form"))
        actions.correct(event=event, happened=self._at(day), reason="date", at=self.world.AT, acting_user="test")
        self._happened(line, day, to, "")
        self.day += wrong

    @rule(
        caller=st.sampled_from([*LINES, ELSEWHERE]),
        callee=st.sampled_from([*LINES, ELSEWHERE]),
        back=st.integers(0, 60),
    )
    def call(self, caller: str, callee: str, back: int) -> None:
        """A call, of today or of some days ago."""
        self._call(caller, callee, max(1, self.day - back))

    @rule(line=st.sampled_from(LINES))
    def ask_to_be_erased(self, line: str) -> None:
        """A plan is made and approved for whoever has a line; it waits, and meanwhile the line passes on."""
        person = self.told.holder(line, self.day)
        if not person:
            return
        if self._gone(person) or self._is_waited_for(person) or person in self.plans:
            return
        self.plans[person], self.plan_days[person] = self.world.propose_and_approve(person), self.day

    @precondition(lambda self: self.plans)
    @rule(data=st.data())
    def carry_out(self, data: st.DataObject) -> None:
        """Their lines go back first; then the person goes for good."""
        person = data.draw(st.sampled_from(sorted(self.plans)))
        if self._is_waited_for(person):
            return
        self._end_lines_of(person)
        plan = self.plans.pop(person)
        try:
            assert retention.run_plan(plan=plan, at=self.world.AT, acting_user="sato") is PlanStatus.DONE
        except SekishoError as refusal:
            if refusal.code != "retention.plan-overtaken":
                raise
            assert self.plan_days[person] < max(
                day for line in LINES for day, *seats in self.told.holders[line] if person in seats
            )
            retention.withdraw_plan(plan=plan, at=self.world.AT, acting_user="sato")
            return
        verified = retention.verify_plan(plan=plan, at=self.world.AT, acting_user="sato")
        assert verified is PlanStatus.VERIFIED or _is_uncommitted(plan), plan_record(plan).verification
        self.told.erased.add(person)

    @rule()
    def back_up(self) -> None:
        """Remember the database and the store."""
        copy = self.home / "systems" / "copy"
        shutil.copyfile(self.home / "systems" / "cdr.sqlite3", copy)
        newest = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        self.backup = Backup(transaction.savepoint(), copy, newest, len(self.told.calls))
        self.plans_then = dict(self.plans)
        self.erased_then = set(self.told.erased)

    @precondition(lambda self: self.backup is not None)
    @rule(stores=st.booleans())
    def lose_and_restore(self, stores: bool) -> None:
        """The database goes back to the backup, perhaps the store too; what was kept apart is replayed."""
        assert self.backup is not None
        apart = self._kept_apart(self.backup.entries)
        transaction.savepoint_rollback(self.backup.savepoint)
        self.backup.savepoint = transaction.savepoint()
        if stores:
            shutil.copyfile(self.backup.store, self.home / "systems" / "cdr.sqlite3")
            del self.told.calls[self.backup.calls :]
        replay_lines(apart, at=self.world.AT)
        self.plans = {person: plan for person, plan in self.plans_then.items() if person not in self.told.erased}
        for person in sorted(self.told.erased - self.erased_then):
            if person in self.plans_then:  # its approvals are used up
                retention.withdraw_plan(plan=self.plans_then[person], at=self.world.AT, acting_user="sato")
            plan = self.world.propose_and_approve(person)
            retention.run_plan(plan=plan, at=self.world.AT, acting_user="sato")
        self.backup = None

    # What must always be so.

    @invariant()
    def every_call_is_its_holders_of_that_instant(self) -> None:
        """Decisions find exactly the people the events name; of the erased, nobody."""
        sides = [
            (one, side) for one in self.told.calls for side in ("caller", "callee") if one[side] not in self.waiting
        ]
        address = [
            {"number": one[side], "at": (self._at(one["day"]) + timedelta(hours=5)).isoformat()} for one, side in sides
        ]
        find = people_at(address)
        for (one, side), asked in zip(sides, address, strict=True):
            truth = self.told.holder(one[side], one["day"])
            assert find(asked) == (NOBODY if truth in ("", *self.told.erased) else truth), (one, side)

    @invariant()
    def while_news_is_awaited_nobody_is_given_what_is_not_theirs(self) -> None:
        """Before the last event that was heard of, the register knows the holder or says that nobody does."""
        for line, news in self.waiting.items():
            people = [user or contractor for _, contractor, user in self.told.holders[line]]
            heard = [day for day, _, _ in self.told.holders[line] if day not in {one["day"] for one in news}]
            if len(set(people)) < len(people):
                continue  # it went and came back unheard: no event contradicts another
            for one in self.told.calls:
                if line in (one["caller"], one["callee"]) and one["day"] < max(heard):
                    found = queries.person_of("number", line, self._at(one["day"]) + timedelta(hours=5))
                    truth = self.told.holder(line, one["day"])
                    assert found in (None, truth), (line, one["day"])

    @invariant()
    def nobody_sees_or_loses_anothers_calls(self) -> None:
        """The store holds what it should, and to each person it gives their own side of their own calls."""
        table = datamap.current().systems["cdr"].tables["calls"]
        with opened("cdr") as source:
            for owner in table.owners:
                side = owner.column
                assert self._ids(source, ()) == {one["call_id"] for one in self.told.calls}
                for person in PEOPLE:
                    if person in self.told.erased:
                        assert not of_person(owner, held_by(person))
                        continue
                    if self._is_waited_for(person):
                        continue
                    found = {one for region in of_person(owner, held_by(person)) for one in self._ids(source, region)}
                    assert found == self._calls_of(person, side), (person, side)
            for batch in source.rows("calls", ["call_id", "caller", "callee"], ()):
                for row in batch.to_pylist():
                    self._require_right(row)

    @invariant()
    def a_decision_knows_whose_line_it_was(self) -> None:
        """`owned_in_interval` of the newest call, for everybody."""
        if not self.told.calls:
            return
        one = self.told.calls[-1]
        line, instant = one["caller"], (self._at(one["day"]) + timedelta(hours=5)).isoformat()
        if line in self.waiting or line == ELSEWHERE:
            return
        for person in PEOPLE:
            if person in self.told.erased:
                continue
            ask = Ask(
                actor="sato", act="use", data_subjects=(person,), items=("traffic.started_at",), purpose="billing",
                at=self.world.AT, resource={"line": line, "since": instant, "until": instant},
            )  # fmt: skip
            owned = any(row.value & OWNED for row in gather(ask).rows if row.data_subject == person)
            assert owned == (self.told.holder(line, one["day"]) == person), person

    # The machine's own hands.

    def _person(self, ref: str) -> actions.NewPerson:
        number = PEOPLE.index(ref)
        identifiers = [IdentifierInterval(person=ref, kind="customer_no", value=f"C{number:07d}")]
        if number < len(LINES):
            since = self._at(0)
            identifiers.append(
                IdentifierInterval(person=ref, kind="number", value=LINES[number], role="contractor", since=since)
            )
            self.told.holders[LINES[number]] = [(0, ref, "")]
        return actions.NewPerson(
            ref=ref,
            kinds=("customer",),
            acquired_on=START.date(),
            identifiers=tuple(identifiers),
            names=(NameInterval(name=f"関守 花{number}子"),),
        )

    def _first_holder(self) -> actions.NewPerson:
        """Somebody who had every line long ago and stays: a number that a restored register never knew would be nobody's."""
        return actions.NewPerson(
            ref="P-first",
            kinds=("customer",),
            acquired_on=START.date(),
            identifiers=tuple(
                IdentifierInterval(
                    person="P-first", kind="number", value=line, since=self._at(-400), until=self._at(-300)
                )
                for line in LINES
            ),
        )

    def _busy(self, line: str, *people: str) -> bool:
        """Whether news of the line is awaited, or somebody has gone."""
        return line in self.waiting or self._gone(*people)

    def _gone(self, *people: str) -> bool:
        return any(one in self.told.erased for one in people)

    def _is_waited_for(self, person: str) -> bool:
        return any(
            person in (self.told.holder(line, day), *self.told.seats(line, day))
            for line in self.waiting
            for day, _, _ in self.told.holders[line]
        )

    def _end_lines_of(self, person: str) -> None:
        for line in LINES:
            if person in self.told.seats(line, self.day):
                day = self._next()
                actions.release(number=line, told=self._recorded(day, "cancellation"))
                self._happened(line, day, "", "")

    def _happened(self, line: str, day: int, contractor: str, user: str) -> None:
        """It goes into the history, and the line calls and is called the same day: somebody's communications."""
        self.told.holders.setdefault(line, []).append((day, contractor, user))
        for caller, callee in ((line, ELSEWHERE), (LINES[0], LINES[1])):
            self._call(caller, callee, day)

    def _call(self, caller: str, callee: str, day: int) -> None:
        """A line that nobody has neither calls nor is called: after a restore such a record may be found another's."""
        caller, callee = (side if self.told.holder(side, day) else ELSEWHERE for side in (caller, callee))
        one: Call = {"call_id": len(self.told.calls), "day": day, "caller": caller, "callee": callee}
        self.told.calls.append(one)
        store = self._store()
        gone = {side: self.told.holder(one[side], day) in self.told.erased for side in ("caller", "callee")}
        shown = {side: None if gone[side] else one[side] for side in gone}
        instant = (self._at(day) + timedelta(hours=5)).isoformat()
        row = (one["call_id"], shown["caller"], shown["callee"], instant)
        store.execute("INSERT INTO calls VALUES (?, ?, ?, ?)", row)
        store.commit()
        store.close()

    def _next(self) -> int:
        self.day += 7
        return self.day

    def _at(self, day: int) -> datetime:
        return START + timedelta(days=day)

    def _recorded(self, day: int, document: str, *, early: bool = False) -> actions.Recorded:
        return actions.Recorded(
            happened=self._at(day), at=self.world.AT, document=document, acting_user="test", early=early
        )

    def _calls_of(self, person: str, side: str) -> set[int]:
        return {one["call_id"] for one in self.told.calls if self.told.holder(one[side], one["day"]) == person}

    def _require_right(self, row: dict[str, Any]) -> None:
        one = self.told.calls[row["call_id"]]
        for side in ("caller", "callee"):
            gone = self.told.holder(one[side], one["day"]) in self.told.erased
            assert row[side] == (None if gone else one[side]), (one, side, "erased" if gone else "lost")

    def _ids(self, source: Source, region: Any) -> set[int]:
        batches = source.rows("calls", ["call_id"], region)
        return {row["call_id"] for batch in batches for row in batch.to_pylist()}

    def _kept_apart(self, entries: int) -> list[Tombstone]:
        """As the room of backups keeps them: what the ledger said since, with numbers as digests."""
        kept = []
        rows = Entry.objects.filter(pk__gt=entries, kind__in=(RECORDED, CORRECTED, WITHDRAWN)).order_by("pk")
        for number, row in enumerate(rows):
            (body,) = bodies_of(
                EntryRecord(
                    entry=str(row.entry), kind=row.kind, at=row.at, written_at=row.written_at, index=None,
                    body=json.loads(bytes(row.leaf))["body"],
                )
            )  # fmt: skip
            assert not any(line in str(body) for line in LINES)
            kept.append(Tombstone(number=number, kind=row.kind, entry=str(row.entry), at="", body=body))
        return kept

    def _store(self) -> sqlite3.Connection:
        return sqlite3.connect(self.home / "systems" / "cdr.sqlite3")


def _is_uncommitted(plan: str) -> bool:
    """On PostgreSQL the files of the identities register keep what the machine's one transaction deleted; nothing else may."""
    told = plan_record(plan)
    places = [place for place in (told.verification or {}).get("places", ()) if place["residue"]]
    return (
        connection.vendor == "postgresql"
        and told.why == ("retention.residue-found",)
        and [place["id"] for place in places] == ["sekisho"]
        and all(one["how"] == "bytes" and one["location"].startswith("file of ") for one in places[0]["residue"])
    )


__all__ = ["DATAMAP", "Churn"]
