"""Pages read by machine, and what becomes of what was found. Values are never written: a row says which part stands where."""

from collections.abc import Sequence
from datetime import datetime

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.actions import scans
from sekisho.casework.subject_requests.actions.marking import finish
from sekisho.casework.subject_requests.models import Arrival, PageFinding, PageReading
from sekisho.casework.subject_requests.queries.reading import area_of, unread_pages
from sekisho.casework.subject_requests.rules.reading import Area, ReadState, Settled, covered, require_reason
from sekisho.connectors import page_reader
from sekisho.engine.errors import SekishoError
from sekisho.engine.scanning import pages
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing


def read_arrival(*, ref: str, at: datetime, acting_user: str) -> int:
    """Read the pages of an arrival that nobody's machine has read as they are now; how many places were found.

    A page that cannot be read is noted as such and waits for a person. A repeat is a no-op. Evidence: `arrival.read`.
    Raises: requests.unknown-arrival, connector.no-page-reader.
    """
    finish(ref)
    row = Arrival.objects.filter(ref=ref).first()
    if row is None:
        raise SekishoError("requests.unknown-arrival", room=rules.ROOM, ref=ref)
    wanted = unread_pages(row) if row.destroyed_at is None else {}
    if not wanted:
        return 0
    pictures = scans.open_pages(ref)
    seen = dict(zip(wanted, _looked([pictures[page - 1] for page in wanted]), strict=True))
    with writing():
        still = {page for page, burned in unread_pages(row).items() if wanted.get(page) == burned}
        found = [spot for page in sorted(still) for spot in _note(row, page, seen[page], wanted[page], at)]
        if still:
            parts = {part: found.count(part) for part in sorted(set(found))}
            body = {"arrival": ref, "pages": sorted(still), "found": parts, "rules": pages.version(), "by": acting_user}
            evidence.append(kind="arrival.read", body=body, at=at)
    return len(found)


def set_aside_finding(*, ref: str, finding: int, reason: str, at: datetime, acting_user: str) -> None:
    """A person says that what was found need not be blacked out, and why. Evidence: `arrival.finding-set-aside`.

    Raises: requests.no-such-finding, requests.no-such-reason.
    """
    require_reason(reason)
    with writing():
        row = PageFinding.objects.filter(arrival__ref=ref, pk=finding, settled=Settled.OPEN.value).first()
        if row is None:
            raise SekishoError("requests.no-such-finding", room=rules.ROOM, ref=ref)
        row.settled, row.reason, row.settled_by, row.settled_at = Settled.SET_ASIDE.value, reason, acting_user, at
        row.save(update_fields=["settled", "reason", "settled_by", "settled_at"])
        body = {"arrival": ref, "page": row.page, "part": row.part, "reason": reason, "by": acting_user}
        evidence.append(kind="arrival.finding-set-aside", body=body, at=at)


def _looked(pictures: Sequence[bytes]) -> Sequence[pages.ReadPage | None]:
    """What stands on each page; None for one that breaks the reading, which is then read apart from the others."""
    try:
        return page_reader.read_pages(pictures)
    except SekishoError as error:
        if error.code != "connector.page-not-read":
            raise
    return [None] if len(pictures) == 1 else [_looked([picture])[0] for picture in pictures]


def _note(row: Arrival, page: int, read: pages.ReadPage | None, burned: int, at: datetime) -> Sequence[str]:
    """Part of the action that read: the reading, and what is new of what it found."""
    PageReading.objects.create(
        arrival=row,
        page=page,
        state=(ReadState.FAILED if read is None else ReadState.READ).value,
        turn=read.turn if read else 0,
        masks=burned,
        reader=page_reader.version(),
        rules=pages.version(),
        read_at=at,
    )
    known = PageFinding.objects.filter(arrival=row, page=page).exclude(settled=Settled.MASKED.value)
    areas = [(one.part, area_of(one)) for one in known]
    new = []
    for spot in pages.found_on(read) if read else ():
        area = Area(page=page, left=spot.left, top=spot.top, right=spot.right, bottom=spot.bottom)
        if covered(area, [other for part, other in areas if part == spot.part]):
            continue
        PageFinding.objects.create(
            arrival=row, page=page, part=spot.part, by=spot.by, rules=pages.version(), found_at=at,
            left=spot.left, top=spot.top, right=spot.right, bottom=spot.bottom,
        )  # fmt: skip
        new.append(spot.part)
    return new
