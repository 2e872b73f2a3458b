"""When a schedule runs here: what carrier.yaml says is taken up by whoever works, and written down once."""

from datetime import datetime
from pathlib import Path

from django.conf import settings

from sekisho.engine.errors import SekishoError
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.batch_jobs.models import JobSchedule
from sekisho.registers.batch_jobs.queries import CARRIER, asked_times, time_of, times_of


def retime_schedules(*, at: datetime) -> tuple[SekishoError, ...]:
    """Let schedules run when carrier.yaml says; returns what is wrong with it, in which case nothing changes.

    A new time counts from now on: nothing before is made up for. Evidence: `batch_jobs.schedule-retimed` for each.
    """
    wanted, faults = asked_times(Path(settings.HOME))
    if faults:
        return faults
    with writing():
        for row in JobSchedule.objects.select_for_update().filter(schedule__in=list(wanted)):
            asked = times_of(wanted[row.schedule])
            if asked == (row.at, row.every_minutes):
                continue
            before = time_of(row)
            (row.at, row.every_minutes), row.since = asked, at
            row.save(update_fields=["at", "every_minutes", "since"])
            body = {"schedule": row.schedule, "from": before, "to": time_of(row), "by": CARRIER}
            append(kind="batch_jobs.schedule-retimed", body=body, at=at)
    return ()
