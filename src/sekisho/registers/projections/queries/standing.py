"""Projections that stand, runs that were answered, and who asks where nobody is named."""

from dataclasses import dataclass
from datetime import datetime

from sekisho.registers.people import queries as people
from sekisho.registers.projections.models import Projection, QueryRun

ANALYST = "analyst"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A projection as the data map shows it: a copy of a table, for whom, until when."""

    key: str
    system: str
    table: str
    purpose: str
    rows: int
    bytes: int
    built_at: datetime
    expires_at: datetime


def copies(at: datetime) -> tuple[Copy, ...]:
    """Every projection that stands."""
    rows = Projection.objects.filter(dropped_at=None, expires_at__gt=at).order_by("system", "table", "purpose")
    return tuple(
        Copy(
            key=row.key,
            system=row.system,
            table=row.table,
            purpose=row.purpose,
            rows=row.rows,
            bytes=row.bytes,
            built_at=row.built_at,
            expires_at=row.expires_at,
        )
        for row in rows
    )


def run_of(ref: str) -> QueryRun | None:
    """One run that was answered."""
    return QueryRun.objects.filter(ref=ref).first()


def default_actor(at: datetime) -> str | None:
    """An analyst who may work today: who asks in a demo where nobody is named."""
    return next((one.ref for one in people.everyone(at.date()) if one.role == ANALYST), None)
