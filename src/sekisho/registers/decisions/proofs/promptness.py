"""Whether a refusal binds the next decision, and how long it takes to get there."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from time import perf_counter

from sekisho.engine.policy.model import Clause
from sekisho.evidence import queries as evidence
from sekisho.evidence.proof import FRESH_FOR, Proof, Verdict
from sekisho.evidence.saying import Said, said
from sekisho.registers.consents.queries import ConsentKind
from sekisho.registers.decisions.proofs.consenting import marketing_respects_refusals
from sekisho.registers.decisions.queries import Sealed, sealed
from sekisho.registers.decisions.rules import limits
from sekisho.registers.populations import queries as populations

NEWEST = 1_000  # refusals and decisions looked at
REFUSALS = (  # kinds whose being given is the refusal; of any other kind it is the withdrawal
    ConsentKind.OBJECTION,
    ConsentKind.SOLICITATION_REFUSED,
    ConsentKind.PROVISION_STOPPED,
    ConsentKind.RESTRICTED,
)


def refusals_bind_at_once(*, at: datetime, clause: Clause) -> Proof:
    """Nobody was offered what they had refused, and no decision began without knowing of a refusal written before it.

    The time shown is measured now: from asking to a set of everybody that has the ledger's newest word in it.
    """
    respected = marketing_respects_refusals(at=at, clause=clause)
    refusals = sorted(_refusals())
    deaf = [decision.evidence for decision in sealed(newest=NEWEST) if _is_deaf(decision, refusals)]
    began = perf_counter()
    population = populations.current()
    milliseconds = max(1, round((perf_counter() - began) * 1000))
    is_late = bool(refusals) and population.epoch < max(epoch for _, epoch in refusals)
    broken = bool(deaf) or is_late
    return Proof(
        verdict=Verdict.BROKEN if broken else respected.verdict,
        looked_at=respected.looked_at + len(refusals),
        figure=said(
            "{figure}。断り {n:,}件を知らずに始めた判断 {deaf:,}件、断りが次の判断に届くまで {ms:,}ミリ秒",
            figure=respected.figure,
            n=len(refusals),
            deaf=len(deaf),
            ms=milliseconds,
        ),
        evidence=deaf[0] if deaf else respected.evidence,
        why=_why(len(deaf), is_late=is_late) if broken else respected.why,
        fresh_until=at + FRESH_FOR,
    )


def _why(deaf: int, *, is_late: bool) -> Said:
    if is_late:
        return said("台帳のいちばん新しい断りが、まだ集合に入っていません")
    return said("断りを知らずに始めた判断が{n:,}件あります", n=deaf)


def _refusals() -> Iterable[tuple[datetime, int]]:
    """When each refusal was written, and its epoch."""
    for record in evidence.records(kinds=("consents.recorded",), newest=NEWEST):
        epoch = record.body.get("epoch")
        if _is_refusal(record.body) and isinstance(epoch, int):
            yield record.written_at, epoch


def _is_refusal(body: Mapping[str, object]) -> bool:
    return body.get("given") is (body.get("kind") in REFUSALS)


def _is_deaf(decision: Sealed, refusals: list[tuple[datetime, int]]) -> bool:
    """Whether it began after a refusal was written, by more than a commit may take, and knew an earlier ledger only."""
    epoch = decision.record.get("epoch")
    if not isinstance(epoch, int):
        return False
    known_by = decision.at - timedelta(seconds=limits()["sealing"]["wait_seconds"])
    return any(written < known_by and epoch < of_refusal for written, of_refusal in refusals)
