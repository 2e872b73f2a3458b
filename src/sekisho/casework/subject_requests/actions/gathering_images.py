"""Looking at a picture that was gathered. Every look leaves an entry."""

from datetime import datetime

from sekisho.casework.subject_requests import queries, rules
from sekisho.casework.subject_requests.models import Gathering
from sekisho.casework.subject_requests.queries.gathering_images import picture
from sekisho.engine.errors import SekishoError
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing


def show_image(
    *, reference: str, section: int, row: int, column: str, page: int, account: str, at: datetime
) -> tuple[bytes, int]:
    """One page of a picture of the newest gathering as PNG, and how many there are.

    Only for who opened the case. Evidence: `request.image-viewed`.
    Raises: requests.image-page-closed, requests.unknown-gathering, what `queries.gathering_images.picture` raises.
    """
    if queries.open_until(reference, account, at) is None:
        raise SekishoError("requests.image-page-closed", room=rules.ROOM, reference=reference)
    ref = queries.gathering_of(reference)
    if not Gathering.objects.filter(ref=ref).exists():
        raise SekishoError("requests.unknown-gathering", room=rules.ROOM, ref=ref)
    pages = picture(ref, section=section, row=row, column=column)
    if not 1 <= page <= len(pages):
        raise SekishoError("requests.no-such-image", room=rules.ROOM, ref=ref)
    with writing():
        body = {"gathering": ref, "section": section, "row": row, "column": column, "page": page, "by": account}
        evidence.append(kind="request.image-viewed", body=body, at=at)
    return pages[page - 1], len(pages)
