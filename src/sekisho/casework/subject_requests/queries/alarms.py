"""Which open requests come near a day or have passed one, for the inbox, the book and the nightly look."""

from dataclasses import dataclass
from datetime import date, datetime

from sekisho.casework.subject_requests.models import SubjectRequest
from sekisho.casework.subject_requests.queries.standing import clock_for, waits_of
from sekisho.casework.subject_requests.rules import Status
from sekisho.casework.subject_requests.rules.alarms import Alarm, alarms_of
from sekisho.engine.japanese.tokyo import tokyo_date


@dataclass(frozen=True, slots=True, kw_only=True)
class RingingCase:
    """One alarm of one open request."""

    reference: str
    kind: str
    alarm: Alarm
    day: date
    is_waiting: bool  # for the person


def alarms(at: datetime) -> tuple[RingingCase, ...]:
    """Every alarm of every open request, the day that comes first first."""
    today = tokyo_date(at)
    found = list[RingingCase]()
    for row in SubjectRequest.objects.filter(status=Status.OPEN.value).order_by("received_on", "id"):
        clock = clock_for(row, today, waits_of(row))
        found += [
            RingingCase(
                reference=row.reference, kind=row.kind, alarm=one.alarm, day=one.day, is_waiting=clock.is_paused
            )
            for one in alarms_of(clock, today)
        ]
    return tuple(sorted(found, key=lambda one: (one.day, one.reference, one.alarm)))
