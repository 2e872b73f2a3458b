"""What machines read off pages, and which pages hold a case up."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sekisho.casework.subject_requests.models import Arrival, PageFinding, PageMask, PageReading
from sekisho.casework.subject_requests.rules.reading import Area, ReadState, Settled, require_pages_clear
from sekisho.connectors import page_reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Arrivals of a case whose pages hold it up: something was found, or nobody knows yet."""

    found: tuple[str, ...]
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One place that waits for a person."""

    id: int
    part: str
    area: Area
    found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesRead:
    """How far the reading of an arrival is. `is_possible`: whether this machine can read."""

    is_possible: bool
    read: int
    failed: tuple[int, ...]
    waiting: tuple[int, ...]
    open: tuple[Found, ...]


def held_pages(reference: str) -> Held:
    """What of a case's pages holds it up."""
    rows = Arrival.objects.filter(request__reference=reference, pages__gt=0, destroyed_at=None).order_by("id")
    found = tuple(one.ref for one in rows if open_findings(one.ref))
    return Held(found=found, unread=tuple(one.ref for one in rows if _is_unread(one)))


def require_pages_settled(reference: str) -> None:
    """Refuse to go on while a page of a case shows what nobody may keep, or might.

    Raises: requests.page-findings-open, requests.pages-unread.
    """
    pages = held_pages(reference)
    require_pages_clear(reference, found=pages.found, unread=pages.unread)


def open_findings(ref: str) -> tuple[Found, ...]:
    """The places of an arrival that wait, in order of pages and from top to bottom."""
    rows = PageFinding.objects.filter(arrival__ref=ref, settled=Settled.OPEN.value).order_by(
        "page", "top", "left", "id"
    )
    return tuple(Found(id=row.pk, part=row.part, area=area_of(row), found_at=row.found_at) for row in rows)


def pages_read(ref: str) -> PagesRead:
    """How far the reading of an arrival is."""
    row = Arrival.objects.get(ref=ref)
    last = _last_readings(row)
    waiting = tuple(unread_pages(row))
    return PagesRead(
        is_possible=page_reader.is_there(),
        read=sum(state == ReadState.READ.value for page, (state, _) in last.items() if page not in waiting),
        failed=tuple(page for page, (state, _) in last.items() if state == ReadState.FAILED.value),
        waiting=waiting,
        open=open_findings(ref),
    )


def unread_pages(row: Arrival) -> dict[int, int]:
    """Pages that no machine has read as they are now, with how many times boxes were burned into each."""
    burned = burnings(row)
    last = _last_readings(row)
    return {page: burned[page] for page in range(1, row.pages + 1) if page not in last or last[page][1] != burned[page]}


def waiting_arrivals() -> tuple[str, ...]:
    """Arrivals with pages that no machine has read as they are now; none where no machine can."""
    if not page_reader.is_there():
        return ()
    rows = list(Arrival.objects.filter(pages__gt=0, destroyed_at=None).order_by("id"))
    burned = Counter(PageMask.objects.filter(boxes__gt=0).values_list("arrival_id", "page"))
    read = {
        (arrival, page): masks
        for arrival, page, masks in PageReading.objects.order_by("id").values_list("arrival_id", "page", "masks")
    }
    return tuple(
        one.ref
        for one in rows
        if any(read.get((one.pk, page)) != burned[one.pk, page] for page in range(1, one.pages + 1))
    )


def burnings(row: Arrival) -> Counter[int]:
    """How many times boxes were burned into each page."""
    return Counter(PageMask.objects.filter(arrival=row, boxes__gt=0).values_list("page", flat=True))


def area_of(row: PageFinding) -> Area:
    """Where a finding lies."""
    return Area(page=row.page, left=row.left, top=row.top, right=row.right, bottom=row.bottom)


def _last_readings(row: Arrival) -> dict[int, tuple[str, int]]:
    return {
        page: (state, masks)
        for page, state, masks in PageReading.objects.filter(arrival=row)
        .order_by("id")
        .values_list("page", "state", "masks")
    }


def _is_unread(row: Arrival) -> bool:
    """Whether a page waits for a reading that a person has not replaced, or failed and no person looked since.

    Somebody who goes through a page before the machine came to it stands for the machine; once boxes were burned in,
    only reading it again shows that they cover it.
    """
    if not page_reader.is_there():
        return False
    gone_through = set(PageMask.objects.filter(arrival=row, is_burned=True).values_list("page", flat=True))
    waiting = {page for page, burned in unread_pages(row).items() if burned or page not in gone_through}
    failed = {page for page, (state, _) in _last_readings(row).items() if state == ReadState.FAILED.value}
    return bool(waiting | (failed - gone_through))
