"""Marks of pages as they arrive, and boxes burned into them. Part of the actions that take pages in and show them."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from PIL import Image, ImageDraw

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.actions import scans
from sekisho.casework.subject_requests.models import Arrival, CasePaper, PageFinding, PageMark, PageMask
from sekisho.casework.subject_requests.queries.reading import area_of, open_findings
from sekisho.casework.subject_requests.queries.sealed import box, key_path
from sekisho.casework.subject_requests.rules.reading import Area, Settled, covered
from sekisho.connectors.scans import as_png
from sekisho.engine.errors import SekishoError
from sekisho.engine.law.pack import law
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing

NEXT = ".next"  # pages with boxes, until the ones without are destroyed
WHOLE = 1000  # a page is so many parts wide and so many high
MOST = 60  # boxes on the pages of one arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """What to black out on a page, in thousandths of its width and height, and which part stands there."""

    page: int
    left: int
    top: int
    right: int
    bottom: int
    part: str


def note_marks(row: Arrival, pages: Sequence[Image.Image], *, is_form: bool) -> None:
    """Keep the marks of pages that just arrived, but not of our own form's first. Part of the action that records them."""
    from sekisho.casework.subject_requests.rules.fraud_likeness import turned_marks

    key = scans.desk_key()
    for number, page in enumerate(pages, 1):
        if not (is_form and number == 1):
            PageMark.objects.create(arrival=row, page=number, mark="/".join(turned_marks(page, key)))


def black_out(*, ref: str, boxes: Iterable[Box], at: datetime, acting_user: str) -> None:
    """Burn boxes into the pages of an arrival and destroy the pages without them; every page counts as gone through.

    Without boxes: nothing is there to black out, which stands against nothing a machine found. What boxes lie over is
    settled; the pages they are on count as unread again. Evidence: `arrival.masked`, which names parts and never content.
    Raises: requests.unknown-arrival, requests.scan-gone, requests.no-such-box, requests.page-findings-open.
    """
    drawn = tuple(boxes)
    finish(ref)
    row = Arrival.objects.filter(ref=ref).first()
    if row is None:
        raise SekishoError("requests.unknown-arrival", room=rules.ROOM, ref=ref)
    _require_boxes(drawn, row)
    if not drawn and open_findings(ref):
        raise SekishoError("requests.page-findings-open", room=rules.ROOM, reference=ref, arrivals=ref)
    pages = scans.open_pages(ref)
    if drawn:
        scans.destroy_pages(ref + NEXT)  # of a turn that never came to its entry
        scans.seal_pages(ref + NEXT, [_burned(page, number, drawn) for number, page in enumerate(pages, 1)])
    with writing():
        for number in range(1, len(pages) + 1):
            mine = [one for one in drawn if one.page == number]
            PageMask.objects.create(
                arrival=row,
                page=number,
                boxes=len(mine),
                parts=sorted({one.part for one in mine}),
                made_by=acting_user,
                made_at=at,
                is_burned=not drawn,
            )
        _settle(row, drawn, at, acting_user)
        parts = {one.part for one in drawn}
        for paper in CasePaper.objects.filter(request=row.request) if row.request else ():
            if wanted := parts & set(paper.shows) - set(paper.masked):
                paper.masked = sorted({*paper.masked, *wanted})
                paper.save(update_fields=["masked"])
        body = {"arrival": ref, "boxes": len(drawn), "parts": sorted(parts), "by": acting_user}
        evidence.append(kind="arrival.masked", body=body, at=at)
    finish(ref)


def finish(ref: str) -> None:
    """End what a crash left between the entry and the destruction: the pages without boxes go, those with them stay."""
    pending = PageMask.objects.filter(arrival__ref=ref, is_burned=False)
    if not pending.exists():
        return
    if box(ref + NEXT).exists() and key_path(ref + NEXT).exists():
        pages = scans.open_pages(ref + NEXT)
        scans.destroy_pages(ref)
        scans.seal_pages(ref, pages)
        scans.destroy_pages(ref + NEXT)
    with writing():
        pending.update(is_burned=True)


def _settle(row: Arrival, boxes: Sequence[Box], at: datetime, acting_user: str) -> None:
    areas = [Area(page=one.page, left=one.left, top=one.top, right=one.right, bottom=one.bottom) for one in boxes]
    for one in PageFinding.objects.filter(arrival=row, settled=Settled.OPEN.value):
        if covered(area_of(one), areas):
            one.settled, one.settled_by, one.settled_at = Settled.MASKED.value, acting_user, at
            one.save(update_fields=["settled", "settled_by", "settled_at"])


def _burned(png: bytes, number: int, boxes: Sequence[Box]) -> bytes:
    with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
        page = picture.convert("L")
    pen = ImageDraw.Draw(page)
    for one in boxes:
        if one.page == number:
            across, down = page.width / WHOLE, page.height / WHOLE
            pen.rectangle((one.left * across, one.top * down, one.right * across, one.bottom * down), fill=0)
    return as_png(page)


def _require_boxes(boxes: Sequence[Box], row: Arrival) -> None:
    known = law().masks
    for one in boxes:
        inside = 0 <= one.left < one.right <= WHOLE and 0 <= one.top < one.bottom <= WHOLE
        if not inside or not 1 <= one.page <= row.pages or one.part not in known or len(boxes) > MOST:
            raise SekishoError("requests.no-such-box", room=rules.ROOM, ref=row.ref)
