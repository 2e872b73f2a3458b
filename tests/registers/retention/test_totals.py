"""Counted before they go: groups of enough people stay as numbers, and a row is counted once or not at all."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import counted_calls as counted
import linked_store as linked
import pytest
from foreign_stores import mariadb_connection
from pymysql.err import OperationalError

from sekisho.registers.retention import actions, queries

APRIL = str(counted.OF_MONTH)
VOICE = {"month_on": APRIL, "service": "voice", "calls": 30, "people": 15, "seconds": 1350}
OCTOBER = {row["call_id"] for row in counted.rows() if row["started_at"] > counted.MONTH + timedelta(days=90)}


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    kind = request.node.callspec.params.get("kind", "") if hasattr(request.node, "callspec") else ""
    if kind not in counted.SERVERS:
        yield ""
        return
    name = "mariadb_url" if kind == "mariadb" else "postgres_url"
    with linked.database(kind, tmp_path, request.getfixturevalue(name)) as found:
        yield found


class Store:
    """One store of counted calls, adopted."""

    def __init__(self, kind: str, home: Path, server: str, world: ModuleType) -> None:
        self.kind, self.home, self.server, self.world = kind, home, server, world
        self.url = counted.write(kind, home, server)
        counted.adopt({kind: self.url})

    def state(self) -> tuple[set[int], list[dict[str, object]]]:
        return counted.state(self.kind, self.home, self.server)

    def sweep(self) -> str:
        return actions.sweep(on=self.world.ON, at=self.world.AT, acting_user="sato")


@pytest.fixture(params=counted.KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(kind: str, world: ModuleType, home: Path, server: str) -> Store:
    return Store(kind, home, server, world)


def test_what_goes_is_counted_first_and_groups_of_few_are_not(store: Store) -> None:
    sweep = queries.sweep(store.sweep())
    assert sweep.status == "done", sweep
    assert store.state() == (OCTOBER, [VOICE])
    assert not list((store.home / "claims").glob("*")), "no claim stays"
    store.sweep()
    assert store.state() == (OCTOBER, [VOICE]), "a second sweep counts nothing again"


def test_of_one_person_there_is_no_group(store: Store) -> None:
    """Their rows go, and nothing is added: who erases one after another learns nothing from the totals."""
    person = store.world.refs()[5]
    plan = store.world.propose_and_approve(person)
    actions.run_plan(plan=plan, at=store.world.AT, acting_user="sato")
    actions.verify_plan(plan=plan, at=store.world.AT, acting_user="sato")
    actions.certify_plan(plan=plan, at=store.world.AT, acting_user="sato")
    left, totals = store.state()
    theirs = {row["call_id"] for row in counted.rows() if row["caller"] == store.world.number_of(5)}
    assert theirs
    assert not left & theirs
    assert totals == []
    (step,) = [one for one in queries.certificate(plan)["steps"] if one["kind"] == "delete"]
    assert (step["how"], step["before"]) == ("aggregate", len(theirs))


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_one_person_with_many_lines_is_one_person(store: Store) -> None:
    """Six lines of one person and four of four others are five people; one fewer, and nothing stays."""
    from sekisho.registers.identities import actions as identities
    from sekisho.registers.identities.rules import IdentifierInterval

    six = [f"09007009{line:03d}" for line in range(6)]
    people = [
        identities.NewPerson(
            ref="P-many",
            kinds=("customer",),
            acquired_on=store.world.ON,
            identifiers=tuple(
                IdentifierInterval(person="P-many", kind="number", value=line, since=None, until=None) for line in six
            ),
            names=(),
        )
    ]
    identities.import_population(people=people, at=store.world.AT, acting_user="test")
    some = counted.rows()[0]
    unknown, again = "09007008888", store.world.AGAIN  # nobody's, and two people's one after the other
    for others, wanted in (((7, 8, 9), 0), ((7, 8, 9, 10), 1)):
        callers = [*six, *map(store.world.number_of, others), unknown, again]
        found = [some | {"call_id": place, "caller": caller} for place, caller in enumerate(callers)]
        (store.home / "systems" / "calls.sqlite3").unlink()
        counted.write("sqlite", store.home, found=found)
        store.sweep()
        left, totals = store.state()
        assert not left
        assert len(totals) == wanted
        assert all((one["calls"], one["people"]) == (len(callers), 5) for one in totals)


class Died(BaseException):
    """What a kill is to the code it stops, within one process."""


def dying_at(name: str) -> Callable[[str], None]:
    def reached(point: str) -> None:
        if point.endswith(f".{name}"):
            raise Died

    return reached


@pytest.mark.parametrize("kind", ["delta"], indirect=True)
def test_a_hold_that_comes_between_counting_and_removing_counts_nothing_twice(store: Store) -> None:
    """A lake has no transaction over two tables: what was counted and stays is known as counted when it goes."""
    with pytest.raises(Died):
        actions.sweep(on=store.world.ON, at=store.world.AT, acting_user="sato", reached=dying_at("totalled"))
    assert store.state() == ({row["call_id"] for row in counted.rows()}, [VOICE])
    person = store.world.refs()[9]
    hold = actions.place_hold(
        kind="legal_claim", source="令和8年第12号", placed_on=store.world.ON, at=store.world.AT, acting_user="sato",
        approved_by="abe", person=person,
    )  # fmt: skip
    store.sweep()
    theirs = {row["call_id"] for row in counted.rows() if row["caller"] == store.world.number_of(9)}
    assert store.state() == (OCTOBER | theirs, [VOICE])
    actions.release_hold(hold=hold, at=store.world.AT, acting_user="sato")
    store.sweep()
    assert store.state() == (OCTOBER, [VOICE])
    assert not list((store.home / "claims").glob("*"))


@pytest.mark.parametrize("point", ["totalled", "uncommitted"])
def test_rows_that_come_after_a_death_are_counted_by_themselves(store: Store, point: str) -> None:
    from sekisho.connectors.opening import open_system
    from sekisho.registers.datamap import queries as datamap

    with pytest.raises(Died):
        actions.sweep(on=store.world.ON, at=store.world.AT, acting_user="sato", reached=dying_at(point))
    some = next(row for row in counted.rows() if row["service"] == "voice")
    late = [
        some | {"call_id": 900 + index, "caller": store.world.number_of(index), "seconds": 1} for index in range(5, 11)
    ]
    system = datamap.current().systems[store.kind]
    source = open_system(system, datamap.located(system))
    source.append("calls", list(late[0]), [tuple(row.values()) for row in late])  # type: ignore[attr-defined]
    source.close()
    store.sweep()
    left, totals = store.state()
    assert left == OCTOBER
    assert sum(int(str(one["calls"])) for one in totals) == 30 + len(late)
    assert sum(int(str(one["seconds"])) for one in totals) == 1350 + len(late)


@pytest.mark.parametrize("kind", ["mariadb"], indirect=True)
def test_nobody_adds_a_row_between_counting_and_removing(store: Store) -> None:
    """InnoDB deletes what stands when it deletes, not what was read: who adds a row meanwhile has to wait."""
    late = "INSERT INTO calls VALUES (950, %s, '2026-04-10 02:00:00', 'voice', 1, '2026-04-10')"
    caller, waited = store.world.number_of(7), []

    def reached(point: str) -> None:
        if point.endswith(".totalled"):
            with mariadb_connection(store.server) as connection, connection.cursor() as cursor:
                cursor.execute("SET SESSION innodb_lock_wait_timeout = 1")
                with pytest.raises(OperationalError) as refused:
                    cursor.execute(late, (caller,))
                waited.append(refused.value.args[0])

    actions.sweep(on=store.world.ON, at=store.world.AT, acting_user="sato", reached=reached)
    assert waited == [1205]
    assert store.state() == (OCTOBER, [VOICE])
    with mariadb_connection(store.server) as connection, connection.cursor() as cursor:
        cursor.execute(late, (caller,))
        connection.commit()
    assert store.state() == (OCTOBER | {950}, [VOICE])


@pytest.mark.parametrize("kind", ["duckdb"], indirect=True)
def test_totals_of_too_few_people_are_found_whoever_wrote_them(store: Store) -> None:
    import duckdb

    database = duckdb.connect(str(store.home / "systems" / "calls.duckdb"))
    database.execute("INSERT INTO call_totals VALUES ('by-hand', 'voice', '2026-04-01', '2026-04-01', 3, 2, 60)")
    database.close()
    sweep = queries.sweep(store.sweep())
    assert sweep.status == "partly"
    assert {step.why for step in sweep.steps} == {"", "retention.totals-too-small"}
    plan = store.world.propose_and_approve(store.world.refs()[5])
    actions.run_plan(plan=plan, at=store.world.AT, acting_user="sato")
    actions.verify_plan(plan=plan, at=store.world.AT, acting_user="sato")
    record = queries.plan(plan)
    assert (record.status, record.why) == ("partly", ("retention.residue-found",))
    found = [one for place in record.verification["places"] for one in place["residue"]] if record.verification else []
    assert [(one["location"], one["how"]) for one in found] == [("call_totals.people", "totals")]
