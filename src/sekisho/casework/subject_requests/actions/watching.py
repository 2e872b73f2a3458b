"""Warning of days that come near, once for each."""

from datetime import datetime

from sekisho.casework.subject_requests.models import CaseWarning, SubjectRequest
from sekisho.casework.subject_requests.queries.alarms import alarms
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing


def warn(*, at: datetime, acting_user: str) -> int:
    """Note every alarm that rings and was not noted yet; how many. Evidence: `request.warned` for each."""
    told = 0
    for one in alarms(at):
        with writing():
            request = SubjectRequest.objects.get(reference=one.reference)
            _, is_new = CaseWarning.objects.get_or_create(
                request=request, what=one.alarm.value, day=one.day, defaults={"at": at}
            )
            if is_new:
                body = {"request": one.reference, "what": one.alarm.value, "day": one.day.isoformat()}
                evidence.append(kind="request.warned", body=body | {"by": acting_user}, at=at)
                told += 1
    return told
