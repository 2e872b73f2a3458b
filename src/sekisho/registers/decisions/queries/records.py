"""Sealed decisions, read: for proofs, for pages, and as receipts that anyone can check."""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle.tree import Tree
from sekisho.evidence import queries as evidence
from sekisho.evidence.portions import in_portions
from sekisho.registers.decisions.models import SealedDecision
from sekisho.registers.decisions.rules import ROOM, SEARCHED


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """One decision with its record. Decisions whose body has expired are counted, not told."""

    evidence: str
    answer: str
    at: datetime
    record: Mapping[str, object]

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of texts of the record."""
        value = self.record.get(field)
        return tuple(str(text) for text in value) if isinstance(value, list) else ()

    def text(self, field: str) -> str:
        """A text of the record; empty where there is none."""
        value = self.record.get(field)
        return value if isinstance(value, str) else ""

    def maps(self, field: str) -> tuple[Mapping[str, str], ...]:
        """A list of objects of the record."""
        value = self.record.get(field)
        return tuple(row for row in value if isinstance(row, dict)) if isinstance(value, list) else ()


def sealed(
    *, answers: Iterable[str] = (), purposes: Iterable[str] = (), acts: Iterable[str] = (), newest: int = 0
) -> Iterator[Sealed]:
    """Sealed decisions that still have a body, newest first, of these answers, purposes and acts if any are named."""
    rows = SealedDecision.objects.filter(record__isnull=False).select_related("batch")
    rows = rows if answers else rows.exclude(answer=SEARCHED)
    for column, wanted in (("answer", list(answers)), ("purpose", list(purposes)), ("act", list(acts))):
        rows = rows.filter(**{f"{column}__in": wanted}) if wanted else rows
    for row in rows.order_by("-id")[:newest] if newest else in_portions(rows, by="id", newest_first=True):
        yield Sealed(
            evidence=f"{row.batch.entry}/{row.position}", answer=row.answer, at=row.at, record=row.record or {}
        )


def counts() -> dict[str, int]:
    """How many decisions of each answer were sealed."""
    return dict(SealedDecision.objects.values_list("answer").annotate(count=Count("id")).order_by("answer"))


def receipt(evidence_of_decision: str) -> dict[str, object]:
    """What anyone can check of one decision: its record and salt, its place in the batch, the batch in the ledger.

    Raises: decisions.unknown-evidence; evidence.not-covered-yet.
    """
    entry, _, place = evidence_of_decision.partition("/")
    try:
        row = SealedDecision.objects.select_related("batch").get(batch__entry=UUID(entry), position=int(place))
    except (ValueError, SealedDecision.DoesNotExist):
        row = None
    if row is None or row.record is None or row.salt is None:
        shown = evidence_of_decision if evidence_of_decision.isascii() else "?"
        raise SekishoError("decisions.unknown-evidence", room=ROOM, evidence=shown)
    tree = Tree()
    for hashed in row.batch.decisions.order_by("position").values_list("leaf_hash", flat=True):
        tree.append(bytes(hashed))
    return evidence.receipt(entry) | {
        "format": "sekisho-decision-1",
        "record": row.record,
        "salt": bytes(row.salt).hex(),
        "position": row.position,
        "batch_proof": [b64encode(node).decode() for node in tree.inclusion(row.position)],
    }
