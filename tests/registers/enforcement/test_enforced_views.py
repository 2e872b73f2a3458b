"""Views in the carrier's own PostgreSQL: the rows that `decide` permits, kept current, refusing when in doubt."""

import json
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from sekisho.connectors.view_store import ViewStore
from sekisho.engine.errors import SekishoError
from sekisho.engine.gate import Act, Permit, decide
from sekisho.engine.gate.ask import BulkAsk
from sekisho.entrypoints import runtime
from sekisho.entrypoints.cli.views import command
from sekisho.evidence.models import Entry
from sekisho.registers.consents import actions as consents
from sekisho.registers.consents.actions import NewConsent
from sekisho.registers.consents.rules import ConsentKind
from sekisho.registers.decisions.queries import gather
from sekisho.registers.enforcement import actions, jobs, queries
from sekisho.registers.identities import actions as identities
from sekisho.registers.policies import queries as policies

ACTORS = {"billing": "seikyu", "marketing": "shop", "audit": "kansa"}
OPENED = """
CREATE OR REPLACE VIEW sekisho_billing.bill_recipients WITH (security_barrier) AS
SELECT j.recipient_no, j.customer_no, j.name, j.name_kana, j.postal_code, j.address, j.phone, j.since_on, j.ended_on
FROM gate_facts."billing.bill_recipients" AS j
"""  # every row, whatever its word


def apply(carrier: Any, purpose: str, actor: str = "", channel: str | None = None) -> queries.Planned:
    actions.enroll(system="crm", login=carrier.login, actor=actor or ACTORS[purpose], at=carrier.at, acting_user="test")
    planned = actions.apply(system="crm", purpose=purpose, channel=channel, at=carrier.at, acting_user="test")
    carrier.admin.execute(f"GRANT sekisho_{purpose} TO {carrier.login}".encode())
    return planned


@pytest.mark.slow
def test_a_view_has_the_rows_that_decide_permits(carrier: Any) -> None:
    for purpose, channel in (("billing", None), ("marketing", "mail"), ("audit", None)):
        planned = apply(carrier, purpose, channel=channel)
        view = next(one for one in planned.plan.views if one.table.name == "subscribers")
        with carrier.as_login() as connection:
            seen = {
                row[0] for row in connection.execute(f"SELECT customer_no FROM sekisho_{purpose}.subscribers".encode())
            }
        rows = carrier.admin.execute("SELECT customer_no, registered_on, closed_on FROM subscribers").fetchall()
        permitted = set()
        for customer_no, registered_on, closed_on in rows:
            ask = BulkAsk(
                actor=ACTORS[purpose],
                act=Act.USE,
                items=view.items,
                purpose=purpose,
                at=carrier.at,
                channel=channel,
                resource={"acquired_on": registered_on, **({"contract_end": closed_on} if closed_on else {})},
            ).about(f"p-{int(customer_no[1:])}")
            is_permitted = isinstance(decide(policies.table(), ask, gather(ask)), Permit)
            # The gate falls back on the person where a row tells no day; a view knows the row alone, and refuses.
            if is_permitted and registered_on is not None:
                permitted.add(customer_no)
        assert seen == permitted
        assert 0 < len(seen) < len(rows)


@pytest.mark.slow
def test_whoever_logs_in_counts(carrier: Any) -> None:
    apply(carrier, "audit", actor="seikyu")  # not an auditor
    assert carrier.count("sekisho_audit.subscribers") == 0
    apply(carrier, "audit", actor="kansa")
    everything = carrier.count("sekisho_audit.subscribers")
    assert everything > 0
    apply(carrier, "billing", actor="shop")
    with carrier.as_login() as connection:
        mine = {
            int(row[0][1:]) % 3 for row in connection.execute("SELECT customer_no FROM sekisho_billing.subscribers")
        }
    assert mine == {0}  # the shop's own customers only
    carrier.admin.execute("DELETE FROM gate_facts.logins")
    assert carrier.count("sekisho_billing.subscribers") == 0


@pytest.mark.slow
def test_what_is_coarsened_or_left_out(carrier: Any) -> None:
    apply(carrier, "marketing", actor="seikyu", channel="mail")
    apply(carrier, "audit")
    with carrier.as_login() as connection:
        years = {row[0] for row in connection.execute("SELECT birth_date FROM sekisho_marketing.subscribers")}
        phones = {row[0] for row in connection.execute("SELECT phone FROM sekisho_audit.subscribers")}
        for purpose in ("marketing", "audit"):
            with pytest.raises(psycopg.errors.UndefinedColumn):
                connection.execute(f"SELECT memo FROM sekisho_{purpose}.subscribers".encode())
    assert years == {1980}
    assert phones == {"*******4567"}
    with pytest.raises(SekishoError) as refused:
        actions.apply(system="crm", purpose="analysis", channel=None, at=carrier.at, acting_user="test")
    assert refused.value.code == "enforcement.nothing-to-see"  # a view can't keep a smallest group


@pytest.mark.slow
def test_the_command(carrier: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "running", nullcontext)  # the tests' own database is up

    def views(*arguments: str, code: int = 0) -> str:
        ran = CliRunner().invoke(command, arguments)
        assert ran.exit_code == code, ran.output
        return ran.stdout

    script = views("--purpose", "billing")
    with carrier.admin.transaction(force_rollback=True):  # what it prints can be run as it stands
        carrier.admin.execute(script.replace("BEGIN;", "", 1).removesuffix("COMMIT;\n").encode())
        assert carrier.admin.execute("SELECT to_regclass('sekisho_billing.subscribers') IS NULL").fetchone() == (False,)
    views("--check", "--purpose", "billing", "--json", code=1)
    views("--enroll", f"{carrier.login}=seikyu", "--purpose", "billing", "--apply")
    assert json.loads(views("--check", "--json")) == []
    told = json.loads(views("--purpose", "audit", "--json"))
    columns = {one["name"]: one for view in told["views"] for one in view["columns"]}
    assert columns["document_no"]["transform"] == "mask4"
    assert {one["code"] for view in told["views"] for one in view["without"]} >= {
        "gate.view-free-text",
        "gate.view-obligation",
    }
    assert "enforcement.unknown-purpose" in CliRunner().invoke(command, ["--purpose", "fortune_telling"]).stderr
    assert (
        "enforcement.not-postgresql"
        in CliRunner().invoke(command, ["--purpose", "employment", "--system", "hr", "--apply"]).stderr
    )
    carrier.admin.execute("DROP VIEW sekisho_billing.guardians")
    assert [one["code"] for one in json.loads(views("--check", "--json", code=1))] == ["enforcement.missing"]
    assert "40人分" in views("--refresh")


@pytest.mark.slow
def test_in_doubt_nothing(carrier: Any) -> None:
    apply(carrier, "billing")
    with carrier.as_login() as connection:
        seen = [row[0] for row in connection.execute("SELECT customer_no FROM sekisho_billing.subscribers")]
    before, (first, second) = len(seen), [f"p-{int(customer_no[1:])}" for customer_no in seen[:2]]
    era = policies.in_force(carrier.at).era
    told = NewConsent(
        person=first,
        kind=ConsentKind.RESTRICTED,
        scope="billing",
        given=True,
        notice_era=era,
        channel="web",
        at=carrier.at,
    )
    consents.record(consent=told, at=carrier.at, acting_user="test")
    with ViewStore("crm", carrier.crm) as store:
        store.announce(*queries.epoch_and_change())
    assert carrier.count("sekisho_billing.subscribers") == 0  # the registers have come further than the facts
    assert jobs.keep_current(datetime.now(UTC)) == ("crm",)
    assert carrier.count("sekisho_billing.subscribers") == before - 1
    assert jobs.keep_current(datetime.now(UTC)) == ()
    identities.suppress(person=second, reason="erasure", at=carrier.at, acting_user="test")
    assert jobs.keep_current(datetime.now(UTC)) == ("crm",)
    assert carrier.count("sekisho_billing.subscribers") == before - 2
    words = "SELECT count(*) FROM gate_facts.words_billing WHERE identifier = %s"
    suppressed = f"C{int(second[2:]):04d}"
    assert carrier.admin.execute(words, (suppressed,)).fetchone() == (0,)
    actions.drop_for(person=first, at=datetime.now(UTC))  # as an erasure does before it touches the stores
    assert carrier.admin.execute("SELECT count(*) FROM gate_facts.words_billing").fetchone() == (0,)
    assert carrier.count("sekisho_billing.subscribers") == 0
    assert jobs.keep_current(datetime.now(UTC)) == ("crm",)
    for change in (
        "good_until = now() - interval '1 second'",
        "day = day - 1",
        "era = 'arlink@0.9'",
        "epoch = epoch - 1",
        "change = change - 1",
    ):
        carrier.admin.execute(f"UPDATE gate_facts.facts SET {change}".encode())
        assert carrier.count("sekisho_billing.subscribers") == 0, change
        actions.refresh(system="crm", at=datetime.now(UTC), acting_user="test")
        assert carrier.count("sekisho_billing.subscribers") == before - 2
    with carrier.as_login() as connection, connection.transaction():  # a long transaction stops no clock
        connection.execute("SELECT 1 FROM sekisho_billing.subscribers")
        carrier.admin.execute("UPDATE gate_facts.facts SET good_until = clock_timestamp()")
        assert connection.execute("SELECT count(*) FROM sekisho_billing.subscribers").fetchone() == (0,)
    carrier.admin.execute("TRUNCATE gate_facts.bounds")
    actions.refresh(system="crm", at=datetime.now(UTC), acting_user="test")
    carrier.admin.execute("TRUNCATE gate_facts.bounds")
    assert carrier.count("sekisho_billing.subscribers") == 0  # retention that nobody can judge
    kinds = list(Entry.objects.order_by("id").values_list("kind", flat=True))
    assert {"enforcement.views-ordered", "enforcement.facts-sent", "enforcement.login-enrolled"} <= set(kinds)


@pytest.mark.slow
def test_the_drift_check_names_every_change(carrier: Any) -> None:
    apply(carrier, "billing")
    apply(carrier, "marketing", actor="seikyu", channel="mail")
    assert queries.check("crm", at=carrier.at).differences == ()
    other = carrier.login
    for statement in (
        OPENED,
        "ALTER VIEW sekisho_billing.contracts SET (security_barrier = false)",
        "DROP VIEW sekisho_billing.guardians",
        "CREATE VIEW sekisho_billing.everything AS SELECT * FROM subscribers",
        "CREATE FUNCTION sekisho_billing.leak() RETURNS text LANGUAGE sql AS 'SELECT 1::text'",
        f"GRANT SELECT (memo) ON subscribers TO {other}",
        "GRANT SELECT ON contracts TO PUBLIC",
        f"GRANT SELECT ON gate_facts.words_billing TO {other}",
        f'GRANT SELECT ON gate_facts."billing.contracts" TO {other}',
        f"GRANT SELECT (name) ON sekisho_marketing.subscribers TO {other}",
        "REVOKE SELECT ON sekisho_billing.contracts FROM sekisho_billing",
        "ALTER VIEW sekisho_billing.line_users OWNER TO CURRENT_USER",
        f"ALTER ROLE {other} BYPASSRLS",
        "DELETE FROM gate_facts.facts WHERE purpose = 'marketing'",
        "UPDATE gate_facts.facts SET good_until = now() - interval '1 hour', epoch = 0, era = 'arlink@0.9'",
    ):
        carrier.admin.execute(statement.encode())
    found = {
        (one.code.removeprefix("enforcement."), one.about) for one in queries.check("crm", at=carrier.at).differences
    }
    assert found == {
        ("changed", "sekisho_billing.bill_recipients"),
        ("changed", "sekisho_billing.contracts"),
        ("missing", "sekisho_billing.guardians"),
        ("not-ordered", "sekisho_billing.everything"),
        ("not-ordered", "sekisho_billing.leak()"),
        ("reaches-base", "public.subscribers"),
        ("reaches-base", "public.contracts"),
        ("reaches-base", "gate_facts.words_billing"),
        ("extra-grant", "gate_facts.words_billing"),
        ("extra-grant", "gate_facts.billing.contracts"),
        ("extra-grant", "sekisho_marketing.subscribers"),
        ("missing-grant", "sekisho_billing.contracts"),
        ("other-owner", "sekisho_billing.line_users"),
        ("powerful", other),
        ("no-facts", "marketing"),
        ("facts-of-other-version", "billing"),
        ("facts-behind", "billing"),
        ("facts-old", "billing"),
    }
    carrier.admin.execute("DROP FUNCTION sekisho_billing.leak()")
    carrier.admin.execute(f"ALTER ROLE {other} NOBYPASSRLS")
    carrier.admin.execute(f"REVOKE ALL ON subscribers, contracts, gate_facts.words_billing FROM {other}")
    carrier.admin.execute(f"REVOKE SELECT (memo) ON subscribers FROM {other}")
    for purpose, channel in (("billing", None), ("marketing", "mail")):  # applying again mends the rest
        actions.apply(system="crm", purpose=purpose, channel=channel, at=carrier.at, acting_user="test")
    assert queries.check("crm", at=carrier.at).differences == ()
    with carrier.admin.transaction():
        carrier.admin.execute("CREATE VIEW mine AS SELECT name FROM sekisho_billing.subscribers")
    with pytest.raises(SekishoError) as refused:  # what somebody built on our views is not swept away
        actions.apply(system="crm", purpose="billing", channel=None, at=carrier.at, acting_user="test")
    assert refused.value.code == "connector.failed"
