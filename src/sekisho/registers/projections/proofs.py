"""Whether every copy that stands may stand: known, of today, and of nobody who is erased."""

import contextlib
from datetime import datetime
from pathlib import Path

import numpy as np
from django.conf import settings
from pyroaring import BitMap

from sekisho.engine.policy.model import Clause
from sekisho.evidence.proof import FRESH_FOR, Proof, Verdict
from sekisho.evidence.saying import Said, said
from sekisho.registers.populations import queries as populations
from sekisho.registers.projections import rules
from sekisho.registers.projections.models import Projection


def copies_let_go(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001  the same for every clause
    """Kept if no file stands past its day, none stands that nobody knows, and none holds somebody who was erased."""
    standing = {row.key: row for row in Projection.objects.filter(dropped_at=None)}
    folders = _folders()
    late = [key for key in folders if key not in standing or standing[key].expires_at + rules.GRACE < at]
    there = BitMap(np.flatnonzero(populations.current().people.exists).tolist()) if standing else BitMap()
    of_erased = [key for key, row in standing.items() if not BitMap.deserialize(bytes(row.people)) <= there]
    bad = sorted({*late, *of_erased})
    return Proof(
        verdict=Verdict.BROKEN if bad else Verdict.KEPT if folders else Verdict.UNPROVEN,
        looked_at=len(folders),
        figure=said("写し {n:,}件、残っていてはならないもの {bad:,}件", n=len(folders), bad=len(bad)),
        evidence=bad[0][:16] if bad else "projections",
        why=said("消えるはずの写しが残っています")
        if bad
        else Said("")
        if folders
        else said("確かめる写しが、まだありません"),
        fresh_until=at + FRESH_FOR,
    )


def _folders() -> list[str]:
    """Keys of what stands in the home; folders of runs under way are no copies."""
    root = Path(settings.HOME) / rules.FOLDER
    with contextlib.suppress(FileNotFoundError):
        return sorted(one.name for one in root.iterdir() if one.is_dir() and not one.name.startswith("run-"))
    return []
