"""The small carrier of fixtures/erasure_world.py with a case that is ready to be answered."""

import io
import os
import zipfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import effects_world
import pypdfium2

if TYPE_CHECKING:
    from sekisho.casework.subject_requests.actions import Recipient

CLERK, SECOND = "account:1", "account:2"


def carrier() -> ModuleType:
    """fixtures/erasure_world.py."""
    return effects_world.carrier()


def to(name: str = "𠮷田 花乃") -> "Recipient":
    from sekisho.casework.subject_requests.actions import Recipient

    return Recipient(name=name, postal_code="000-0000", address="架空県見本市髙﨑町一丁目2番3号")


def ready(world: ModuleType, kind: str, *, person: str = "", reply: str = "electronic", gather: bool = True) -> str:
    """A case whose papers, fee and identity are in order; gathered and gone through where the kind needs it."""
    from sekisho.casework.subject_requests import actions
    from sekisho.casework.subject_requests.actions import Presented
    from sekisho.casework.subject_requests.rules.fees import Tendered
    from sekisho.casework.subject_requests.rules.intake import Channel
    from sekisho.casework.subject_requests.rules.papers import Agency

    at, on = world.AT, world.ON
    person = person or world.HANA
    case = actions.open_case(person=person, kind=kind, received_on=on, at=at, acting_user=CLERK).reference
    for paper in (
        Presented(paper="drivers_licence", expires_on=date(2028, 5, 9)),
        Presented(paper="residence_record", issued_on=date(2026, 10, 1)),
    ):
        actions.record_paper(reference=case, paper=paper, at=at, acting_user=CLERK)
    actions.choose(reference=case, reply=reply, agency=Agency.NONE, at=at, acting_user=CLERK)
    if reply == "mail":
        piece = Tendered(instrument="stamps", yen=660)
        actions.record_payment(reference=case, piece=piece, came_by=Channel.MAIL, at=at, acting_user=CLERK)
    actions.record_identity_check(reference=case, at=at, acting_user=CLERK)
    if kind == "disclosure" and gather:
        go_through(world, case)
    return case


def go_through(world: ModuleType, case: str) -> str:
    """Gather, and keep black whatever is proposed; the gathering's reference."""
    from sekisho.casework.subject_requests import actions, queries

    ref = actions.gather(reference=case, at=world.AT, acting_user=CLERK)
    for one in queries.gathered(ref).waiting:
        actions.decide_redaction(ref=ref, number=one.number, keep=True, at=world.AT, acting_user=CLERK)
    return ref


def drafted(world: ModuleType, case: str, decisions: Iterable[object] = (), **more: object) -> str:
    """An answer to a ready case."""
    from sekisho.casework.subject_requests import actions

    given = {"reference": case, "decisions": list(decisions), "to": to(), "at": world.AT, "acting_user": CLERK}
    return actions.draft_answer(**(given | more))


def sent(world: ModuleType, ref: str, **more: object) -> None:
    """Approved by a second person and gone."""
    from sekisho.casework.subject_requests import actions, queries

    digest = queries.answer(ref).sha256
    actions.open_answer(ref=ref, account=SECOND, at=world.AT)
    actions.approve_answer(ref=ref, sha256=digest, at=world.AT, acting_user=SECOND)
    given = {"ref": ref, "sent_on": world.ON, "at": world.AT, "acting_user": CLERK}
    actions.send_answer(**(given | more))


def text_of(pdf: bytes) -> str:
    """The text of a PDF, as a reader extracts it."""
    document = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_range() for page in document)


def pictures(pdf: bytes, folder: Path, name: str) -> None:
    """Every page as PNG, to be looked at."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(pypdfium2.PdfDocument(pdf), 1):
        page.render(scale=1.6).to_pil().save(folder / f"{name}-{number}.png")


def files(packed: bytes) -> dict[str, bytes]:
    """What a package holds."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def flat(pdf: bytes) -> str:
    """The text without line breaks and spaces: where a line breaks says nothing."""
    return squeezed(text_of(pdf))


def squeezed(text: str) -> str:
    return "".join(text.split())


def looked_at(fallback: Path) -> Path:
    """Where pictures of letters go: SEKISHO_PICTURES, for somebody to look at, else nowhere that stays."""
    return Path(os.environ.get("SEKISHO_PICTURES", "") or fallback)
