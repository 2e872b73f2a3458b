"""How long a PostgreSQL still keeps for others what was deleted.

Rewriting a table (VACUUM FULL) copies every dead row that some older transaction might still see: one that writes, in
any database of the server, or one that reads in the same database with a snapshot taken before.
"""

import time
from collections.abc import Sequence
from typing import Protocol

NEXT = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"
NONE_OLDER = """
SELECT pg_snapshot_xmin(pg_current_snapshot()) >= %s::xid8 AND NOT EXISTS (
  SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND age(backend_xmin) > age(%s::xid8::xid))
"""
LOOKS, BETWEEN = 240, 0.25  # a minute: longer than any statement of ours


class Cursor(Protocol):
    """As psycopg and Django give it."""

    def execute(self, query: str, params: Sequence[str] | None = None, /) -> object:
        """Send one statement."""

    def fetchone(self) -> tuple[object, ...] | None:
        """The next row of the answer."""


def wait_for_older(cursor: Cursor) -> bool:
    """Wait, a minute at most, until nobody can see any more what was deleted before this call; whether that came.

    Outside a transaction only. Readers of other roles are seen only by a role that may read pg_stat_activity; what a
    rewriting kept for them is found by whoever looks for residue, and the next try removes it.
    """
    cursor.execute(NEXT)
    following = cursor.fetchone()
    for _ in range(LOOKS):
        cursor.execute(NONE_OLDER, [str(following[0] if following else 0)] * 2)
        if cursor.fetchone() == (True,):
            return True
        time.sleep(BETWEEN)
    return False
