"""SQL under a purpose, over real stores: who is left out, what stands for a person, what a refusal names."""

from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sekisho.connectors.sandbox import Limits
from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.ask import Act, Ask, Permit
from sekisho.engine.gate.decide import decide
from sekisho.engine.gate.query_schema import QueryRefused
from sekisho.evidence.models import Entry
from sekisho.registers.consents import actions as consents
from sekisho.registers.consents.rules import ConsentKind
from sekisho.registers.datamap.queries import open_source
from sekisho.registers.decisions.queries.facts import gather
from sekisho.registers.identities import actions as identities
from sekisho.registers.identities.queries import person_of
from sekisho.registers.policies import queries as policies
from sekisho.registers.projections import actions, proofs
from sekisho.registers.projections.actions import Answer, Asked
from sekisho.registers.projections.models import FailedRun, Projection, ReleasedGroup
from sekisho.registers.retention.actions import copies

COUNT = "SELECT count(DISTINCT customer_no) AS n FROM crm.subscribers"
BILLS = "SELECT count(DISTINCT customer_no) AS n FROM billing.invoices WHERE charge_yen >= 0"
NAMES = "SELECT customer_no, name FROM crm.subscribers ORDER BY name"


def ask(world: Any, query: str, purpose: str = "billing", actor: str = "s-biller", **more: Any) -> Answer:
    return actions.run(Asked(query=query, purpose=purpose, actor=actor, at=world.AT, **more))


def rows(answer: Answer) -> list[dict[str, Any]]:
    return list(answer.rows.to_pylist())


def refusal(world: Any, query: str, purpose: str = "billing", actor: str = "s-biller") -> SekishoError:
    with pytest.raises(SekishoError) as raised:
        ask(world, query, purpose, actor)
    return raised.value


def test_people_who_refused_are_left_out(sql_world: ModuleType) -> None:
    world: Any = sql_world
    [told] = rows(ask(world, COUNT))
    assert told["n"] == world.PEOPLE - 2  # one restricted, one never accepted
    named = {row["name"] for row in rows(ask(world, NAMES))}
    assert f"山田 {world.RESTRICTED}" not in named
    assert f"山田 {world.OBJECTS}" in named  # who objects to analysis is billed all the same


def test_rows_that_stay_are_those_that_decide_permits(sql_world: ModuleType) -> None:
    world: Any = sql_world
    query = "SELECT customer_no, charge_yen, due_on FROM billing.invoices"
    kept = sorted((row["charge_yen"], row["due_on"]) for row in rows(ask(world, query)))
    source = open_source("billing")
    expected = []
    names = ["customer_no", "charge_yen", "issued_on", "due_on", "closed_on", "settled_on"]
    for row in pa.Table.from_batches(source.rows("invoices", names)).to_pylist():
        question = Ask(
            actor="s-biller",
            act=Act.USE,
            data_subjects=(world.ref(int(row["customer_no"][1:])),),
            items=("bill.charge", "bill.due_on"),
            purpose="billing",
            at=world.AT,
            resource={
                "subject_kind": "customer",
                "acquired_on": row["issued_on"],
                "due_on": row["due_on"],
                "settled": row["settled_on"] is not None,
            },
        )
        if isinstance(decide(policies.table(), question, gather(question)), Permit):
            expected.append((row["charge_yen"], row["due_on"]))
    source.close()
    assert kept == sorted(expected)
    assert 0 < len(kept) < world.PEOPLE * 3


def test_calls_that_stay_are_those_that_decide_permits_to_every_party_known(sql_world: ModuleType) -> None:
    world: Any = sql_world
    kept = sorted(row["charged_yen"] for row in rows(ask(world, "SELECT charged_yen FROM cdr.calls")))
    source = open_source("cdr")
    calls = pa.Table.from_batches(source.rows("calls", ["caller", "callee", "started_at", "charged_yen"])).to_pylist()
    expected = []
    for call in calls:
        parties = [
            (number, person)
            for number in (call["caller"], call["callee"])
            if (person := person_of("number", number, call["started_at"])) is not None
        ]
        answers = [
            decide(policies.table(), question, gather(question))
            for number, person in parties
            for question in [
                Ask(
                    actor="s-biller",
                    act=Act.USE,
                    data_subjects=(person,),
                    items=("traffic.charged",),
                    purpose="billing",
                    at=world.AT,
                    resource={
                        "subject_kind": "customer",
                        "line": number,
                        "started_at": call["started_at"],
                        "acquired_on": call["started_at"],
                    },
                )
            ]
        ]
        if answers and all(isinstance(answer, Permit) for answer in answers):
            expected.append(call["charged_yen"])
    source.close()
    assert kept == sorted(expected)
    assert 0 < len(kept) < len(calls)


def test_a_number_is_whose_it_was_at_that_time(sql_world: ModuleType) -> None:
    world: Any = sql_world
    shared = {
        row["charged_yen"] for row in rows(ask(world, "SELECT charged_yen FROM cdr.calls WHERE charged_yen >= 1180"))
    }
    assert shared == {1180, 1190}
    consents.record(
        consent=world.consent(world.OLD_HOLDER, ConsentKind.RESTRICTED, "*"), at=world.AT, acting_user="test"
    )
    Projection.objects.all().delete()
    left = {
        row["charged_yen"] for row in rows(ask(world, "SELECT charged_yen FROM cdr.calls WHERE charged_yen >= 1180"))
    }
    assert left == {1190}


def test_pseudonyms_join_within_a_purpose_and_not_across(sql_world: ModuleType) -> None:
    world: Any = sql_world
    query = (
        "SELECT s.customer_no, count(*) AS n, sum(i.charge_yen) AS yen FROM crm.subscribers AS s "
        "JOIN billing.invoices AS i ON s.customer_no = i.customer_no GROUP BY s.customer_no"
    )
    billed = rows(ask(world, query))
    assert {row["n"] for row in billed} == {3}
    assert not {row["customer_no"] for row in billed} & {world.customer(n) for n in range(world.PEOPLE)}
    other = rows(ask(world, "SELECT customer_no FROM support.tickets", purpose="support"))
    assert not {row["customer_no"] for row in billed} & {row["customer_no"] for row in other}


def test_hidden_columns_are_in_no_file(sql_world: ModuleType, sql_home: Path) -> None:
    world: Any = sql_world
    ask(world, "SELECT sex, count(*) AS n FROM crm.subscribers GROUP BY sex", "analysis", "s-analyst")
    [file] = sql_home.glob("projections/*/*.parquet")
    assert "name" not in pq.read_schema(file).names
    file.unlink()
    file.parent.rmdir()
    ask(world, "SELECT count(*) AS n FROM crm.subscribers")  # mere rows: everything that may be seen, nothing else
    [file] = sql_home.glob("projections/*/*.parquet")
    assert "memo" not in pq.read_schema(file).names
    assert world.customer(1).encode() not in file.read_bytes()
    file.unlink()
    file.parent.rmdir()
    ask(world, "SELECT sex, count(*) AS n FROM crm.subscribers GROUP BY sex", "analysis", "s-analyst")
    [file] = sql_home.glob("projections/*/*.parquet")
    assert world.line(1).encode() not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o444


@pytest.mark.parametrize(
    ("query", "column"),
    [
        ("SELECT name FROM crm.subscribers", "crm.subscribers.name"),
        ("SELECT count(*) AS n FROM crm.subscribers ORDER BY max(phone)", "crm.subscribers.phone"),
        ("SELECT sex, count(*) AS n FROM crm.subscribers WHERE name LIKE '山%' GROUP BY sex", "crm.subscribers.name"),
        ("SELECT count(memo) AS n FROM crm.subscribers", "crm.subscribers.memo"),
    ],
)
def test_a_refusal_names_column_and_clause(sql_world: ModuleType, query: str, column: str) -> None:
    error = refusal(sql_world, query, "analysis", "s-analyst")
    assert isinstance(error, QueryRefused)
    assert (error.code, error.column) == ("query.hidden-column", column)
    assert error.clause == "B-52"


def test_communications_secrecy_is_not_even_counted_for_analysis(sql_world: ModuleType) -> None:
    error = refusal(sql_world, "SELECT day, count(*) AS n FROM cdr.calls GROUP BY day", "analysis", "s-analyst")
    assert error.code == "query.hidden-table"


def test_transforms_are_applied_when_built(sql_world: ModuleType) -> None:
    query = "SELECT birth_date, postal_code, count(*) AS n FROM crm.subscribers GROUP BY 1, 2"
    found = rows(ask(sql_world, query, "analysis", "s-analyst"))
    assert found == []  # twelve groups of five
    wide = rows(
        ask(sql_world, "SELECT birth_date, count(*) AS n FROM crm.subscribers GROUP BY 1", "analysis", "s-analyst")
    )
    assert {row["birth_date"] for row in wide} == {1950, 1960, 1970, 1980}
    [three] = {
        len(row["p"])
        for row in rows(
            ask(
                sql_world,
                "SELECT postal_code AS p, count(*) AS n FROM crm.subscribers GROUP BY 1",
                "analysis",
                "s-analyst",
            )
        )
    }
    assert three == 3


def test_small_groups_and_rows_do_not_leave(sql_world: ModuleType) -> None:
    world: Any = sql_world
    assert refusal(world, "SELECT sex FROM crm.subscribers", "analysis", "s-analyst").code == "query.rows-under-group"
    found = rows(ask(world, "SELECT sex, count(*) AS n FROM crm.subscribers GROUP BY sex", "analysis", "s-analyst"))
    assert sorted(row["n"] for row in found) == [28, 29]
    few = rows(
        ask(
            world,
            "SELECT count(*) AS n FROM crm.subscribers WHERE sex = 'male' AND birth_date = 1950 AND postal_code = '100'",
            "analysis",
            "s-analyst",
        )
    )
    assert few == []


def test_a_group_that_differs_by_a_few_is_refused_for_a_month(sql_world: ModuleType) -> None:
    world: Any = sql_world
    whole = "SELECT count(*) AS n FROM crm.subscribers"
    but_few = f"{whole} WHERE NOT (sex = 'male' AND birth_date = 1950 AND postal_code = '100')"
    [told] = rows(ask(world, whole, "analysis", "s-analyst"))
    assert refusal(world, but_few, "analysis", "s-analyst").code == "projections.group-differs-by-few"
    assert rows(ask(world, whole, "analysis", "s-analyst")) == [told]  # the same group may be asked about again
    later = Asked(query=but_few, purpose="analysis", actor="s-analyst", at=world.AT + timedelta(days=31))
    assert actions.run(later).rows.num_rows == 1
    assert ReleasedGroup.objects.count() == 1


def test_who_withdraws_is_gone_from_the_next_answer_without_a_rebuild(sql_world: ModuleType) -> None:
    world: Any = sql_world
    [before], [bills] = rows(ask(world, COUNT)), rows(ask(world, BILLS))
    consents.record(consent=world.consent(20, ConsentKind.RESTRICTED, "*"), at=world.AT, acting_user="test")
    consents.record(consent=world.consent(22, ConsentKind.RESTRICTED, "billing/bill"), at=world.AT, acting_user="test")
    identities.suppress(person=world.ref(21), reason="erasure", at=world.AT, acting_user="test")
    answer = ask(world, COUNT)
    assert rows(answer)[0]["n"] == before["n"] - 2
    assert answer.gone == 2
    assert rows(ask(world, BILLS))[0]["n"] == bills["n"] - 3  # of whose bills are stopped the name goes on
    assert Projection.objects.count() == 2


def test_erasure_takes_every_projection_of_the_person(sql_world: ModuleType, sql_home: Path) -> None:
    world: Any = sql_world
    ask(world, COUNT)
    ask(world, "SELECT sex, count(*) AS n FROM crm.subscribers GROUP BY sex", "analysis", "s-analyst")
    assert actions.drop_for(person=world.ref(world.NEVER_ACCEPTED), at=world.AT) == 0
    assert actions.drop_for(person=world.ref(20), at=world.AT) == 2
    assert not list(sql_home.glob("projections/*/*.parquet"))
    assert sorted(ReleasedGroup.objects.values_list("size", flat=True)) == [28, 28]
    assert actions.drop_for(person=world.ref(20), at=world.AT) == 0


def test_retention_reaches_projections_by_name(sql_world: ModuleType) -> None:
    world: Any = sql_world
    ask(world, COUNT)
    ask(world, "SELECT count(*) AS n FROM billing.invoices")
    copies.let_go_of_tables({("billing", "invoices")}, world.AT)
    assert list(Projection.objects.filter(dropped_at=None).values_list("table", flat=True)) == ["subscribers"]
    copies.let_go_of(world.ref(20), world.AT)
    assert not Projection.objects.filter(dropped_at=None).exists()


def test_projections_live_a_day(sql_world: ModuleType, sql_home: Path) -> None:
    world: Any = sql_world
    ask(world, COUNT)
    assert actions.expire(at=world.AT + timedelta(hours=23)) == 0
    assert actions.expire(at=world.AT + timedelta(hours=24)) == 1
    assert not list(sql_home.glob("projections/*/*.parquet"))


def test_evidence_is_there_before_rows_and_holds_no_person(sql_world: ModuleType) -> None:
    answer = ask(sql_world, NAMES)
    entry = Entry.objects.get(entry=answer.entry)
    assert entry.kind == "projections.answered"
    assert "山田" not in bytes(entry.leaf).decode()
    assert b'"rows":58' in bytes(entry.leaf)


def test_nothing_goes_out_where_evidence_cannot_be_written(
    sql_world: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sekisho.registers.projections.actions import running

    def fails(**_: object) -> str:
        raise SekishoError("evidence.unavailable", room="sekisho.registers.decisions")

    ask(sql_world, COUNT)
    monkeypatch.setattr(running, "append", fails)
    assert refusal(sql_world, COUNT).code == "evidence.unavailable"


def test_an_engine_error_is_one_sentence_and_there_is_an_end_to_trying(sql_world: ModuleType) -> None:
    world: Any = sql_world
    broken = "SELECT CAST(name AS BIGINT) AS n FROM crm.subscribers"
    error = refusal(world, broken)
    assert error.code == "sandbox.failed"
    assert "山田" not in error.message() + str(error)
    FailedRun.objects.bulk_create(
        FailedRun(purpose="billing", actor="s-biller", code="x", at=world.AT) for _ in range(19)
    )
    assert refusal(world, COUNT).code == "projections.too-many-failures"
    assert rows(ask(world, "SELECT count(*) AS n FROM support.tickets", "support"))


def test_the_answer_is_counted_and_the_time_kept(sql_world: ModuleType) -> None:
    world: Any = sql_world
    with pytest.raises(SekishoError, match=r"sandbox.too-many-rows"):
        ask(world, NAMES, limits=Limits(rows=10))
    endless = "SELECT count(*) AS n FROM " + ", ".join(f"billing.invoices AS t{n}" for n in range(6))
    with pytest.raises(SekishoError, match=r"sandbox.(timed-out|failed)"):
        ask(world, endless, limits=Limits(seconds=2))


def test_who_may_not_ask_gets_the_rule(sql_world: ModuleType) -> None:
    error = refusal(sql_world, COUNT, actor="nobody")
    assert error.code == "projections.nothing-left"
    assert error.values["rule"] == "gate.actor-known"


def test_all_four_stores_join_in_one_query(sql_world: ModuleType) -> None:
    query = (
        "SELECT t.kind, count(*) AS n FROM support.tickets AS t JOIN crm.subscribers AS s ON s.customer_no = t.customer_no "
        "GROUP BY t.kind ORDER BY t.kind"
    )
    found = rows(ask(sql_world, query, "support"))
    assert sum(row["n"] for row in found) == 58


@pytest.mark.parametrize("query", [NAMES, COUNT])
def test_postgresql_answers_the_same(
    sql_module: ModuleType, db: None, postgres_url: str, tmp_path: Path, settings: Any, query: str
) -> None:
    answers = []
    for url in (None, postgres_url):
        home = tmp_path / ("server" if url else "file")
        sql_module.write_stores(home, postgres_url=url)
        settings.HOME = home
        if url:
            (home / "carrier.yaml").write_text(f"urls:\n  crm: {url}\n", encoding="utf-8")
        if url is None:
            sql_module.fill_registers()
        Projection.objects.all().delete()
        answers.append(rows(ask(sql_module, query)))
    assert answers[0] == answers[1] != []


def test_hidden_values_change_no_byte_of_any_answer(
    sql_module: ModuleType, db: None, tmp_path: Path, settings: Any
) -> None:
    queries = [
        (
            "SELECT sex, birth_date, count(*) AS n, avg(birth_date) AS a FROM crm.subscribers GROUP BY 1, 2 ORDER BY 1, 2",
            "analysis",
        ),
        (
            "SELECT t.kind, s.sex, count(*) AS n FROM support.tickets AS t JOIN crm.subscribers AS s ON s.customer_no = t.customer_no GROUP BY 1, 2 ORDER BY 1, 2",
            "analysis",
        ),
        (
            "SELECT t.n, count(*) AS k FROM (SELECT customer_no, count(*) AS n FROM billing.invoices GROUP BY 1) AS t GROUP BY 1",
            "analysis",
        ),
    ]
    hashes = []
    changed = sql_module.Hidden(
        names={n: f"佐藤 {n * 7}" for n in range(60)},
        phones={n: f"0800{n:07d}" for n in range(60)},
        memos={n: "秘密" * n for n in range(60)},
    )
    for place, hidden in enumerate((None, changed)):
        home = tmp_path / str(place)
        sql_module.write_stores(home, hidden)
        settings.HOME = home
        if place == 0:
            sql_module.fill_registers()
        Projection.objects.all().delete()
        hashes.append([actions.running.result_hash(ask(sql_module, q, p, "s-analyst").rows) for q, p in queries])
    assert hashes[0] == hashes[1]


def test_a_mark_for_safety_is_in_no_reach(sql_module: ModuleType, sql_home: Path, db: None) -> None:
    world: Any = sql_module
    text = world.DATAMAP.read_text(encoding="utf-8")
    marked = text.replace(
        "closed_on: {item: none, type: date, reason: 日付}",
        "closed_on: {item: none, type: date, control: true, reason: 目印}",
        1,
    )
    assert marked != text
    world.DATAMAP, kept = _Text(marked), world.DATAMAP
    try:
        world.fill_registers()
    finally:
        world.DATAMAP = kept
    refused = refusal(world, "SELECT name FROM crm.subscribers WHERE closed_on IS NULL")
    assert (refused.code, getattr(refused, "column", "")) == ("query.hidden-column", "crm.subscribers.closed_on")
    assert "closed_on" not in ask(world, "SELECT * FROM crm.subscribers").rows.column_names


class _Text:
    """What stands in for a file."""

    def __init__(self, text: str) -> None:
        self.text = text

    def read_text(self, encoding: str) -> str:
        return self.text


def test_free_text_of_a_whole_class_is_in_no_reach(sql_world: ModuleType) -> None:
    refused = refusal(sql_world, "SELECT memo FROM crm.subscribers")  # billing may use all of the class
    assert (refused.code, getattr(refused, "column", "")) == ("query.hidden-column", "crm.subscribers.memo")
    assert "memo" not in ask(sql_world, "SELECT * FROM crm.subscribers").rows.column_names


def test_the_proof_sees_a_copy_that_should_be_gone(sql_world: ModuleType, sql_home: Path) -> None:
    world: Any = sql_world
    clause = policies.in_force(world.AT).clauses["B-52"]

    def verdict(at: datetime) -> str:
        return proofs.copies_let_go(at=at, clause=clause).verdict.value

    assert verdict(world.AT) == "unproven"
    ask(world, COUNT)
    assert verdict(world.AT) == "kept"
    assert verdict(world.AT + timedelta(hours=26)) == "broken"
    actions.expire(at=world.AT + timedelta(hours=26))
    (sql_home / "projections" / "left").mkdir()
    assert verdict(world.AT) == "broken"


def test_a_view_is_asked_over_the_projections_of_its_tables(sql_world: ModuleType) -> None:
    world: Any = sql_world
    by_view = rows(ask(world, "SELECT customer_no, name FROM crm.current ORDER BY name"))
    by_hand = rows(ask(world, "SELECT customer_no, name FROM crm.subscribers WHERE closed_on IS NULL ORDER BY name"))
    assert by_view == by_hand
    assert 0 < len(by_view) <= world.PEOPLE - 2
    refused = refusal(world, "SELECT memo FROM crm.current")
    assert isinstance(refused, QueryRefused)
    assert (refused.code, refused.column) == ("query.hidden-column", "crm.current.memo")
