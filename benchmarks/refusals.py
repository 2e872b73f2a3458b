"""How long a refusal takes to bind: `python benchmarks/refusals.py [--write] [--people N]`.

Real registers in SQLite, durable. From the moment an objection is committed to the end of the next decision about that person,
and to the end of the next set of everybody: each must know it. Nothing is warm that a running process would not have.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from measuring import NANO, Spread, machine, table, tell, timing
from people.carrier import start

T = TypeVar("T")
GIVEN_ON = datetime(2024, 5, 1, tzinfo=UTC)


def main() -> None:
    """Several rounds of refusals, each followed by a decision and a set."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="into docs/explanation/measurements.md")
    arguments.add_argument("--people", type=int, default=20_000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--refusals", type=int, default=40, help="in one round")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        start(Path(folder) / "home")
        lines = measured(given.people, given.rounds, given.refusals)
    tell("refusals", lines, write=given.write)


def measured(count: int, rounds: int, refusals: int) -> list[str]:
    """Commit, decide, look; then how long each took."""
    from django.conf import settings

    from sekisho.engine.gate.ask import Act, BulkAsk, Refuse
    from sekisho.registers.consents.actions import NewConsent, import_events, record
    from sekisho.registers.consents.rules import ConsentKind
    from sekisho.registers.decisions.actions import decide, stop_sealing
    from sekisho.registers.decisions.queries.people_sets import people_set
    from sekisho.registers.identities.actions import NewPerson, import_population
    from sekisho.registers.identities.rules import IdentifierInterval
    from sekisho.registers.populations.queries import current, forget_all, kept

    def consent(person: str, kind: ConsentKind, scope: str, at: datetime) -> NewConsent:
        return NewConsent(
            person=person, kind=kind, scope=scope, given=True, notice_era="arlink@1.0", channel="web", at=at
        )  # fmt: skip

    refs = [f"p-{number:08d}" for number in range(count)]
    people = (
        NewPerson(
            ref=ref, kinds=("customer",), acquired_on=date(2024, 5, 1), born_on=date(1980, 1, 1),
            identifiers=(IdentifierInterval(person=ref, kind="number", value=ref, since=GIVEN_ON),),
        )
        for ref in refs
    )  # fmt: skip
    now = datetime.now(UTC)
    import_population(people=people, at=now, acting_user="bench")
    given = [(ConsentKind.ACCEPTED_PURPOSE, "*"), (ConsentKind.CHANNEL, "mail")]
    import_events(
        consents=[consent(ref, kind, scope, GIVEN_ON) for ref in refs for kind, scope in given], at=now, acting_user="bench"
    )  # fmt: skip
    ask = BulkAsk(
        actor="s-1", act=Act.USE, items=("identity.mail",), purpose="marketing", at=now + timedelta(days=1), channel="mail"
    )  # fmt: skip
    starts: list[int] = []
    everybody = len(_timed(starts, partial(people_set, ask)))  # reads the policy too
    for is_kept in (False, True):  # from the registers, then with the file that the process before kept
        forget_all()
        if not is_kept:
            (Path(settings.HOME) / "people-sets" / "consents.bitmaps").unlink(missing_ok=True)
        _timed(starts, partial(people_set, ask))
        kept.keep(current())
    decisions: list[Spread] = []
    sets: list[Spread] = []
    for number in range(rounds):
        one: list[int] = []
        all_: list[int] = []
        for ref in refs[number * refusals : (number + 1) * refusals]:
            at = datetime.now(UTC)
            record(consent=consent(ref, ConsentKind.OBJECTION, "marketing", at), at=at, acting_user="bench")
            answer = _timed(one, partial(decide, ask.about(ref)))
            chosen = _timed(all_, partial(people_set, ask))
            everybody -= 1
            if not isinstance(answer.decision, Refuse) or len(chosen) != everybody:
                message = "a refusal did not bind"
                raise SystemExit(message)
        decisions.append(_spread(one))
        sets.append(_spread(all_))
    stop_sealing()
    rows = []
    for name, spreads in (("the next decision, sealed", decisions), ("the next set of everybody", sets)):
        told = timing(spreads)
        rows.append(
            (
                name,
                f"{told.p50 / 1e3:.1f}",
                f"{told.p99 / 1e3:.1f}",
                f"{told.lowest / 1e3:.1f}-{told.highest / 1e3:.1f}",
            )
        )
    return [
        *machine("numpy"),
        f"the first set of a process: {starts[1] / 1e6:.0f} ms from the registers, {starts[2] / 1e6:.0f} ms with the file of bitmaps",
        f"{count:,} people; {rounds} rounds of {refusals} refusals; every one bound the next decision and the next set",
        "",
        *table(("from the commit of a refusal to the end of", "p50 ms", "p99 ms", "p50 by round"), rows),
    ]


def _timed(took: list[int], call: Callable[[], T]) -> T:
    began = time.perf_counter_ns()
    found = call()
    took.append(time.perf_counter_ns() - began)
    return found


def _spread(took: list[int]) -> Spread:
    took.sort()
    return Spread(took[len(took) // 2] / NANO, took[int(len(took) * 0.99)] / NANO)


if __name__ == "__main__":
    main()
