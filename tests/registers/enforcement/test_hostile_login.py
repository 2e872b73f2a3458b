"""What somebody with a purpose's role tries, on a real PostgreSQL. Everything here is tried as that login."""

from typing import Any

import psycopg
import pytest

from sekisho.registers.enforcement import actions, queries

HIDDEN = "隠したい氏名40"  # the row of nobody: no view shows it
NOT_ALLOWED = ("42501", "0A000", "55000", "42809")  # no right; a view that can't be written; no such kind of object
FORBIDDEN = (  # statement: refused for want of a right
    "SELECT * FROM public.subscribers",
    "SELECT memo FROM public.subscribers",
    "SELECT count(*) FROM public.subscribers",
    "SELECT s FROM public.subscribers AS s",
    "COPY public.subscribers TO STDOUT",
    "COPY (SELECT * FROM public.subscribers) TO STDOUT",
    "COPY sekisho_billing.subscribers TO PROGRAM 'cat'",
    "TABLE public.contracts",
    "EXPLAIN SELECT * FROM public.subscribers",
    "DECLARE c CURSOR WITH HOLD FOR SELECT * FROM public.subscribers",
    "PREPARE q AS SELECT * FROM public.subscribers; EXECUTE q",
    "DO $$ BEGIN LOCK TABLE public.subscribers IN ACCESS SHARE MODE; END $$",
    'SELECT * FROM gate_facts."billing.subscribers"',
    "SELECT * FROM gate_facts.words_billing",
    "SELECT * FROM gate_facts.facts",
    "SELECT * FROM gate_facts.logins",
    "UPDATE gate_facts.facts SET good_until = 'infinity'",
    "INSERT INTO gate_facts.logins SELECT 'x', 0, 0, '', ''",
    "DELETE FROM gate_facts.latest",
    "SELECT * FROM sekisho_marketing.subscribers",
    "SELECT * FROM sekisho_marketing.contracts",
    "UPDATE sekisho_billing.subscribers SET name = 'x'",
    "DELETE FROM sekisho_billing.subscribers",
    "INSERT INTO sekisho_billing.subscribers (customer_no) VALUES ('C9999')",
    "CREATE OR REPLACE VIEW sekisho_billing.subscribers AS SELECT 1",
    "ALTER VIEW sekisho_billing.subscribers RESET (security_barrier)",
    "DROP VIEW sekisho_billing.subscribers",
    "CREATE VIEW sekisho_billing.mine AS SELECT 1",
    "CREATE TABLE gate_facts.mine (a int)",
    "CREATE RULE r AS ON SELECT TO sekisho_billing.subscribers DO INSTEAD SELECT 1",
    "CREATE TRIGGER t INSTEAD OF INSERT ON sekisho_billing.subscribers FOR EACH ROW EXECUTE FUNCTION f()",
    "SET ROLE sekisho_definer_billing",
    "SET ROLE sekisho_marketing",
    "SET SESSION AUTHORIZATION {admin}",
    "GRANT sekisho_billing TO {admin}",
    "CREATE INDEX ON public.subscribers (name)",
    "CREATE STATISTICS s ON name, memo FROM public.subscribers",
    "SELECT * FROM pg_statistic",
    "SELECT * FROM pg_statistic_ext_data",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT lo_import('/etc/hostname')",
    "SELECT pg_relation_filenode('public.subscribers'), * FROM public.subscribers",
    "SELECT query_to_xml('SELECT * FROM public.subscribers', true, true, '')",
    "SELECT table_to_xml('public.subscribers', true, true, '')",
    "SELECT cursor_to_xml('c', 1, true, true, '') FROM public.subscribers",
    "CREATE EXTENSION dblink",
    "CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION f()",
    "DO $$ BEGIN PERFORM * FROM public.subscribers; END $$",
    "ALTER DEFAULT PRIVILEGES FOR ROLE sekisho_definer_billing GRANT SELECT ON TABLES TO PUBLIC",
    "ALTER ROLE sekisho_billing SET search_path TO public",
    "REFRESH MATERIALIZED VIEW sekisho_billing.subscribers",
)
SILENT = (  # statement: runs, and shows nothing hidden
    "SELECT * FROM pg_stats WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    "SELECT * FROM pg_stats_ext",
    "SELECT * FROM information_schema.columns WHERE column_name = 'memo'",
    "SELECT subscribers FROM sekisho_billing.subscribers",  # whole-row reference
    "SELECT to_jsonb(v) FROM sekisho_billing.subscribers AS v",
    "SELECT database_to_xml(true, true, '')",
    "SELECT schema_to_xml('sekisho_billing', true, true, '')",
    "SELECT * FROM sekisho_billing.subscribers FULL JOIN (SELECT 1 AS x) AS y ON true",
    "SELECT * FROM sekisho_billing.subscribers ORDER BY name",
    "SELECT * FROM sekisho_billing.subscribers TABLESAMPLE SYSTEM (100)",
    "SELECT query FROM pg_stat_activity",
)
IN_VAIN = ("GRANT SELECT ON sekisho_billing.subscribers TO PUBLIC", "ANALYZE public.subscribers")  # warned of only
LEAK = "CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$"


@pytest.fixture
def hostile(carrier: Any) -> Any:
    """The carrier with views of two purposes; the login has the role of one of them."""
    actions.enroll(system="crm", login=carrier.login, actor="seikyu", at=carrier.at, acting_user="test")
    actions.apply(system="crm", purpose="billing", channel=None, at=carrier.at, acting_user="test")
    actions.apply(system="crm", purpose="marketing", channel="mail", at=carrier.at, acting_user="test")
    carrier.admin.execute(f"GRANT sekisho_billing TO {carrier.login}".encode())
    carrier.admin.execute("ANALYZE subscribers")
    return carrier


@pytest.mark.slow
def test_what_a_login_may_not_do_and_what_shows_nothing(hostile: Any) -> None:
    with hostile.as_login() as connection:
        connection.execute("CREATE FUNCTION pg_temp.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
        for statement in FORBIDDEN:
            with pytest.raises(psycopg.Error) as refused:
                connection.execute(statement.format(admin=hostile.admin.info.user).encode())
            assert refused.value.sqlstate in NOT_ALLOWED, statement
            assert HIDDEN not in str(refused.value)
        for statement in SILENT:
            try:
                told = connection.execute(statement.encode()).fetchall()
            except psycopg.Error as error:
                told = [(str(error),)]
            assert HIDDEN not in str(told), statement
            assert "覚え書き" not in str(told), statement
        for statement in IN_VAIN:
            connection.execute(statement.encode())
    left = queries.check("crm", at=hostile.at).differences
    assert left == ()


@pytest.mark.slow
def test_a_cheap_function_sees_no_hidden_row(hostile: Any) -> None:
    with hostile.as_login() as connection:
        heard = _listening(connection)
        connection.execute(LEAK.encode())
        shown = connection.execute("SELECT name FROM sekisho_billing.subscribers WHERE pg_temp.leak(name)").fetchall()
        assert set(heard) == {row[0] for row in shown}
        assert shown
        assert HIDDEN not in heard
        # The same through a join, a subquery, an aggregate's filter and a sort.
        for query in (
            "SELECT count(*) FROM sekisho_billing.subscribers AS a JOIN sekisho_billing.contracts AS b ON pg_temp.leak(a.name)",
            "SELECT count(*) FILTER (WHERE pg_temp.leak(name)) FROM sekisho_billing.subscribers",
            "SELECT 1 FROM sekisho_billing.subscribers ORDER BY pg_temp.leak(name)",
            "SELECT (SELECT pg_temp.leak(a.name)) FROM sekisho_billing.subscribers AS a",
            "SELECT 1 FROM sekisho_billing.subscribers WHERE CASE WHEN pg_temp.leak(name) THEN true END",
        ):
            connection.execute(query.encode())
        assert set(heard) == {row[0] for row in shown}
    # The same rows without barrier and veil: the hidden one is heard, so this test can tell the difference.
    hostile.admin.execute('CREATE VIEW plain AS SELECT name FROM gate_facts."billing.subscribers" WHERE __failing = 0')
    hostile.admin.execute(f"GRANT SELECT ON plain TO {hostile.login}".encode())
    with hostile.as_login() as connection:
        heard = _listening(connection)
        connection.execute(LEAK.encode())
        connection.execute("SELECT name FROM plain WHERE pg_temp.leak(name)")
        assert HIDDEN in heard


@pytest.mark.slow
def test_errors_and_names_of_their_own_tell_nothing(hostile: Any) -> None:
    with hostile.as_login() as connection:
        for oracle in (
            "SELECT 1 / (CASE WHEN name = %(hidden)s THEN 0 ELSE 1 END) FROM sekisho_billing.subscribers",
            "SELECT 1 FROM sekisho_billing.subscribers WHERE 1 / (CASE WHEN name = %(hidden)s THEN 0 ELSE 1 END) = 1",
            "SELECT 1 FROM sekisho_billing.subscribers WHERE CAST(name AS integer) = 1 AND name = %(hidden)s",
            "SELECT max(CASE WHEN name = %(hidden)s THEN CAST(name AS integer) END) FROM sekisho_billing.subscribers",
        ):
            assert HIDDEN not in _said(connection, oracle)
        before = connection.execute("SELECT count(*) FROM sekisho_billing.subscribers").fetchone()
        # Tables, functions and operators of the login's own, first in its path, change nothing in a view that stands.
        for statement in (
            "CREATE TEMP TABLE logins (login name, known bigint, value bigint, role text, shop text)",
            "CREATE TEMP TABLE facts (purpose text, era text, epoch bigint, day date, good_until timestamptz)",
            "CREATE TEMP TABLE subscribers (customer_no text)",
            "CREATE FUNCTION pg_temp.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'",
            "CREATE FUNCTION pg_temp.timezone(text, timestamptz) RETURNS timestamp LANGUAGE sql AS 'SELECT now()::timestamp'",
            "SET search_path TO pg_temp, pg_catalog",
            "SET TimeZone TO 'Pacific/Kiritimati'",
            "SET DateStyle TO 'SQL, DMY'",
            "SET row_security TO off",
            "SET transform_null_equals TO on",
        ):
            connection.execute(statement.encode())
        assert connection.execute("SELECT count(*) FROM sekisho_billing.subscribers").fetchone() == before
        connection.execute(f"SET ROLE {hostile.login}".encode())
        assert connection.execute("SELECT count(*) FROM sekisho_billing.subscribers").fetchone() == before


@pytest.mark.slow
def test_an_operator_of_their_own_is_not_taken_into_a_view(hostile: Any) -> None:
    before = hostile.count("sekisho_billing.subscribers")
    hostile.admin.execute(f"GRANT CREATE ON SCHEMA public TO {hostile.login}".encode())
    with hostile.as_login() as connection:
        for name, types in {
            "&": ("bigint", "bigint"),
            "=": ("name", "text"),
            "<": ("date", "text"),
            "-": ("bigint", "bigint"),
        }.items():
            left, right = types
            returns = "boolean" if name in "=<" else "bigint"
            for given in {right, "integer" if right == "bigint" else right}:
                function = f"public.f_{ord(name)}_{given}"
                body = f"SELECT {'true' if returns == 'boolean' else '9223372036854775807::bigint'}"
                connection.execute(
                    f"CREATE FUNCTION {function}({left}, {given}) RETURNS {returns} LANGUAGE sql AS '{body}'".encode()
                )
                connection.execute(
                    f"CREATE OPERATOR public.{name} (LEFTARG = {left}, RIGHTARG = {given}, FUNCTION = {function})".encode()
                )
    actions.apply(system="crm", purpose="billing", channel=None, at=hostile.at, acting_user="test")
    assert hostile.count("sekisho_billing.subscribers") == before
    found = hostile.admin.execute(
        "SELECT count(*) FROM pg_depend AS d JOIN pg_operator AS o ON d.refobjid = o.oid"
        " WHERE d.refclassid = 'pg_operator'::regclass AND o.oprnamespace = 'public'::regnamespace"
        " AND d.classid = 'pg_rewrite'::regclass"
    ).fetchone()
    assert found == (0,)  # no view rests on one of them


@pytest.mark.slow
def test_what_a_plan_tells(hostile: Any) -> None:
    """Nothing of hidden values, but that a number of the carrier's own exists: docs/explanation/views.md says so."""
    # The row of nobody: hidden, though in every column that the view shows.
    hostile.admin.execute("UPDATE subscribers SET sex = 'x', registered_on = '1999-09-09' WHERE name = %s", (HIDDEN,))
    with hostile.as_login() as connection:

        def told(condition: str) -> list[str]:
            """The plan below its top node, which tells only of rows that the login may see."""
            query = f"EXPLAIN (ANALYZE, COSTS, TIMING OFF, SUMMARY OFF) SELECT * FROM sekisho_billing.subscribers WHERE {condition}"
            lines = [str(row[0]) for row in connection.execute(query.encode())]
            return lines[next(place for place, line in enumerate(lines) if "->" in line) :]

        for hidden, nothing in (
            (f"name = '{HIDDEN}'", "name = 'そんな名前はない'"),
            (f"name <= '{HIDDEN}'", "name <= 'あ'"),
            ("mail = 'a40@example.jp'", "mail = 'z@example.jp'"),
            ("sex = 'x'", "sex = 'y'"),
            ("sex IS NOT NULL", "sex IS NULL"),
            ("registered_on = '1999-09-09'", "registered_on = '1999-09-10'"),
            ("registered_on < '2000-01-01'", "registered_on < '1000-01-01'"),
            ("party IS NULL", "party IS NOT NULL"),
            ("sex = 'x' AND party IS NULL", "sex = 'y' OR party = 'x'"),
        ):
            assert told(hidden) == told(nothing), hidden
        # Not stopped: whether a customer number exists, and how many rows are hidden in all.
        assert told("customer_no = 'C0040'") != told("customer_no = 'C9999'")
        assert "Rows Removed by Filter" in str(told("true"))


def _said(connection: psycopg.Connection, oracle: str) -> str:
    """The error, where the statement fails on a row that the login may see; dividing by a hidden row must not fail."""
    try:
        connection.execute(oracle.encode(), {"hidden": HIDDEN})
    except psycopg.errors.InvalidTextRepresentation as error:
        return str(error)
    return ""


def _listening(connection: psycopg.Connection) -> list[str]:
    heard: list[str] = []
    connection.add_notice_handler(lambda notice: heard.append(str(notice.message_primary)))
    return heard
