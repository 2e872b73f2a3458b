"""Following the policy folder: a demo carrier's edited document is taken into force; a faulty one changes nothing.

What is wrong with the folder is remembered in this process: commands tell it, pages show it (`banner`, a context
processor: `following_fault` in every template, None where the folder is followed or nobody has looked).
"""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.http import HttpRequest
from django.utils.translation import get_language

from sekisho.engine.errors import DocumentRefused, Fault, SekishoError, text
from sekisho.entrypoints import carrier as carriers
from sekisho.entrypoints.home import ROOM
from sekisho.evidence.writing import writing
from sekisho.registers.datamap import actions as datamap
from sekisho.registers.policies import actions as policies
from sekisho.registers.policies import queries as versions

DATA_MAP = "datamap.yaml"
FAULTY = "following.faulty"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowingFault:
    """Why the policy folder is not followed. `place` is the first fault's `folder/file:line:column`, else the folder."""

    code: str
    place: str
    faults: tuple[Fault, ...]
    error: SekishoError

    def message(self, language: str = "ja") -> str:
        """The first fault, in one sentence."""
        return self.faults[0].message(language) if self.faults else self.error.message(language)

    def remedy(self, language: str = "ja") -> str:
        """What can be done about it."""
        return self.faults[0].remedy(language) if self.faults else self.error.remedy(language)

    def told(self, language: str = "ja") -> tuple[tuple[str, str, str], ...]:
        """Every fault as place, sentence and code."""
        folder = self.place.removesuffix(str(self.faults[0].place)) if self.faults else ""
        each = tuple((f"{folder}{one.place}", one.message(language), one.code) for one in self.faults)
        return each or ((self.place, self.message(language), self.code),)

    def heading(self, language: str = "ja") -> str:
        """That the version in force goes on holding."""
        return text(ROOM, FAULTY, language, {"count": str(max(1, len(self.faults)))})


@dataclass(slots=True)
class _Looked:
    fault: FollowingFault | None = field(default=None)


_looked = _Looked()  # one per process: a process serves one carrier


def follow(home: Path, at: datetime) -> bool:
    """Adopt the documents of this home's policy folder if it follows them; returns whether the versions changed.

    Policy and data map are taken together or not at all.
    Raises: DocumentRefused with every fault, whatever reading the folder raises.
    """
    carrier = carriers.read(home)
    if carrier is None or not carrier.follow:
        return False
    documents = carrier.documents()
    live = [record.era for record in versions.records() if record.superseded_at is None]
    if any(versions.files(era) == documents for era in live):
        return False
    before = _hashes()
    with writing():
        policies.adopt(files=documents, at=at, acting_user="follow", may_correct=carrier.demo)
        if any(name.rsplit("/", 1)[-1] == DATA_MAP for name in documents):
            datamap.adopt(files=documents, at=at, acting_user="follow")
    return _hashes() != before


def try_following(home: Path, at: datetime) -> bool:
    """`follow`, but what is wrong with the folder is remembered instead of raised."""
    try:
        changed = follow(home, at)
    except SekishoError as error:
        _looked.fault = _fault(home, error)
        return False
    _looked.fault = None
    return changed


def following_fault() -> FollowingFault | None:
    """What was wrong with the folder when this process last looked; None where nothing was."""
    return _looked.fault


def banner(_request: HttpRequest) -> dict[str, object]:
    """Context processor: `following_fault` with heading, place, message, remedy and code in the page's language."""
    fault = _looked.fault
    if fault is None:
        return {"following_fault": None}
    language = "en" if (get_language() or "ja").startswith("en") else "ja"
    return {
        "following_fault": {
            "heading": fault.heading(language),
            "place": fault.place.rsplit("/", 1)[-1],
            "message": fault.message(language),
            "remedy": fault.remedy(language),
            "code": fault.code,
        }
    }


def _fault(home: Path, error: SekishoError) -> FollowingFault:
    carrier = carriers.read(home)
    folder = str(carrier.policy) if carrier else str(home)
    faults = error.faults if isinstance(error, DocumentRefused) else ()
    place = f"{folder}/{faults[0].place}" if faults else folder
    return FollowingFault(code=faults[0].code if faults else error.code, place=place, faults=faults, error=error)


def _hashes() -> tuple[str, ...]:
    return tuple(record.sha256 for record in versions.records() if record.superseded_at is None)
