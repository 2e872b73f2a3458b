"""What the carrier made from its own tables: two views, and a table of call volumes that nobody may use for much.

The data map holds the same SQL; a test sees to it that both say the same.
"""

from datetime import date

import duckdb
import pyarrow as pa

from sekisho.demo.stores import keyed

Systems = dict[str, dict[str, pa.Table]]
MONTHS_KEPT = 5  # records of calls go after six months, and so does what was made from them
MONTHLY_USAGE = """
SELECT customer_no, month_on, CAST(sum(charge_yen) AS BIGINT) AS charge_yen,
       CAST(sum(unpaid_yen) AS BIGINT) AS unpaid_yen, count(*) AS invoices,
       max(due_on) AS due_on, max(books_closed_on) AS books_closed_on,
       CASE WHEN count(settled_on) = count(*) THEN max(settled_on) END AS settled_on
FROM invoices
GROUP BY customer_no, month_on
"""
CONTACT_SHEET = """
SELECT c.contract_no, s.customer_no, s.name, c.number, c.plan, c.started_on, c.ended_on
FROM contracts AS c
JOIN subscribers AS s ON s.customer_no = c.customer_no
"""
CALL_VOLUME = """
SELECT n.customer_no, CAST(date_trunc('month', c.day) AS DATE) AS month_on, count(*) AS calls,
       CAST(sum(c.seconds) AS BIGINT) AS seconds
FROM cdr.calls AS c
JOIN crm.number_assignments AS n
  ON n.number = c.caller AND n.since_at <= c.started_at AND (n.until_at IS NULL OR c.started_at < n.until_at)
GROUP BY n.customer_no, CAST(date_trunc('month', c.day) AS DATE)
"""
# Planted: somebody added the birth date to the sheet and told nobody (see `defects`).
CONTACT_SHEET_AS_IT_STANDS = CONTACT_SHEET.replace("c.plan,", "c.plan, s.birth_date,")
VIEWS = {
    "crm": {"contact_sheet": CONTACT_SHEET_AS_IT_STANDS},
    "billing": {"monthly_usage": MONTHLY_USAGE},
}


def call_volume(systems: Systems, today: date) -> pa.Table:
    """Calls and seconds per customer and month, as far back as records of calls may be kept."""
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("SET TimeZone = 'UTC'")
    for system, table in (("cdr", "calls"), ("crm", "number_assignments")):
        connection.register("incoming", systems[system][table])
        connection.execute(f"CREATE SCHEMA {system}; CREATE TABLE {system}.{table} AS SELECT * FROM incoming")  # noqa: S608 our own names
        connection.unregister("incoming")
    months = today.year * 12 + today.month - 1 - MONTHS_KEPT
    since = date(months // 12, months % 12 + 1, 1)
    text = f"SELECT * FROM ({CALL_VOLUME}) WHERE month_on >= ? ORDER BY customer_no, month_on"  # noqa: S608 our own SQL
    found = connection.sql(text, params=[since]).to_arrow_table()
    connection.close()
    return keyed(found, "customer_no", "month_on")
