"""Run a query under a purpose: plan, build what is missing, run it apart from everything, seal, then hand out."""

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
from django.conf import settings

from sekisho.connectors.sandbox import Ran, Sandbox, View
from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.ask import Act, BulkAsk
from sekisho.engine.gate.query import plan_query
from sekisho.engine.gate.query_lineage import with_sources
from sekisho.engine.gate.query_schema import PERSON, QueryPlan, QueryRefused
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.projections import rules
from sekisho.registers.projections.actions.asking import Asked
from sekisho.registers.projections.actions.building import FOLDER, file_of
from sekisho.registers.projections.actions.dropping import expire
from sekisho.registers.projections.actions.releasing import Parted, parted, release
from sekisho.registers.projections.actions.requested import projection_for
from sekisho.registers.projections.models import FailedRun, Projection, QueryRun
from sekisho.registers.projections.queries.people import PeopleHead, changed_since
from sekisho.registers.projections.queries.projecting import Needed
from sekisho.registers.projections.queries.seeing import Seen, seen_by
from sekisho.registers.projections.queries.withdrawn import now_failing


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes out, and what it rested on."""

    rows: pa.Table
    plan: QueryPlan
    seen: Seen
    projections: tuple[Projection, ...]
    isolation: tuple[str, ...]
    epoch: int
    withheld: int  # groups left out because they differ by a few from one that went out
    gone: int  # people left out who withdrew after a projection was built
    ref: str
    entry: str
    seconds: float


def explain(asked: Asked) -> tuple[Seen, QueryPlan, tuple[Projection, ...]]:
    """What would run, over which projections (built if they are missing), without running it."""
    seen, plan = _planned(asked)
    with suppress(SekishoError):  # what can't be followed is told without sources
        plan = with_sources(plan, seen.schema)
    return seen, plan, _projections(asked, seen, plan)


def run(asked: Asked, sandbox: Sandbox | None = None) -> Answer:
    """Answer a query. Evidence: `projections.answered`, committed before a row goes out.

    Raises: QueryRefused, sandbox.*, projections.being-built and what building refuses.
    """
    with nullcontext() if asked.spark else sandbox or Sandbox() as box:
        expire(at=asked.at)
        seen, plan = _planned(asked)
        _require_patience(asked)
        projections = _projections(asked, seen, plan)
        head, gone = _gone(asked, seen, projections)
        ran = _ran(asked, box, plan, projections, gone)
        shown, ref, entry = _sealed(asked, seen, plan, projections, head, parted(ran.answers, plan), ran)
    return Answer(
        rows=shown,
        plan=plan,
        seen=seen,
        projections=projections,
        isolation=ran.isolation,
        epoch=head.epoch,
        withheld=ran.answers[0].num_rows - shown.num_rows,
        gone=len(gone),
        ref=ref,
        entry=entry,
        seconds=ran.seconds,
    )


def _planned(asked: Asked) -> tuple[Seen, QueryPlan]:
    seen = seen_by(asked.purpose, at=asked.at)
    if asked.purpose not in seen.policy.purposes:
        known = "、".join(seen.policy.purposes)
        raise SekishoError("projections.unknown-purpose", room=rules.ROOM, known=known)
    return seen, plan_query(asked.query, seen.schema, minimum_group=seen.minimum_group)


def _projections(asked: Asked, seen: Seen, plan: QueryPlan) -> tuple[Projection, ...]:
    found = []
    for system_id, name in plan.tables:
        system = seen.datamap.systems[system_id]
        needed = Needed(system=system, table=system.tables[name], columns=plan.columns_of(system_id, name))
        projection = projection_for(needed, seen=seen, asked=asked)
        rules.require_some_rows(projection.rows, projection.lost)
        found.append(projection)
    return tuple(found)


def _gone(asked: Asked, seen: Seen, projections: Sequence[Projection]) -> tuple[PeopleHead, tuple[int, ...]]:
    """Who is in a projection and may not be any more: withdrawn, restricted or suppressed since it was built."""
    if not projections:
        return PeopleHead(epoch=0, change=0), ()
    head, changed = changed_since(min(one.epoch for one in projections), min(one.change for one in projections))
    if not changed:
        return head, ()
    found: set[int] = set()
    for projection in projections:
        ask = BulkAsk(
            actor=asked.actor,
            act=Act.USE,
            items=tuple(projection.items),
            purpose=asked.purpose,
            at=asked.at,
            channel=asked.channel,
            resource={"subject_kind": seen.datamap.systems[projection.system].tables[projection.table].subject},
        )
        found |= now_failing(ask, changed)
    return head, tuple(sorted(found))


def _ran(
    asked: Asked, box: Sandbox | None, plan: QueryPlan, projections: Sequence[Projection], gone: Sequence[int]
) -> Ran:
    queries = (plan.text, *plan.probes)
    try:
        if box is None:
            return _on_spark(asked, queries, plan, projections, gone)
        return _apart(asked, box, queries, plan, projections, gone)
    except SekishoError as error:
        with writing():
            FailedRun.objects.create(purpose=asked.purpose, actor=asked.actor, code=error.code, at=asked.at)
        raise


def _apart(
    asked: Asked,
    box: Sandbox,
    queries: Sequence[str],
    plan: QueryPlan,
    projections: Sequence[Projection],
    gone: Sequence[int],
) -> Ran:
    """In a child that holds the projections in a folder of this run."""
    folder = Path(settings.HOME) / FOLDER / f"run-{uuid4()}"
    folder.mkdir(mode=0o755, parents=True)
    try:
        views = []
        for place, projection in enumerate(projections):
            file = f"{place}.parquet"
            (folder / file).hardlink_to(file_of(projection))
            views.append(_view(plan, projection, file))
        folder.chmod(0o555)
        return box.run(queries, folder=folder, views=views, gone=gone, limits=asked.limits)
    finally:
        with suppress(FileNotFoundError):
            folder.chmod(0o755)
            shutil.rmtree(folder)


def _on_spark(
    asked: Asked, queries: Sequence[str], plan: QueryPlan, projections: Sequence[Projection], gone: Sequence[int]
) -> Ran:
    """On a cluster, whose rights are the isolation: only the projections have names there."""
    from sekisho.connectors.spark_connect import SparkCluster

    views = [_view(plan, projection, str(file_of(projection))) for projection in projections]
    with SparkCluster(str(asked.spark)) as cluster:
        return cluster.run(queries, views=views, gone=gone, limits=asked.limits)


def _view(plan: QueryPlan, projection: Projection, file: str) -> View:
    return View(system=projection.system, table=projection.table, file=file, persons=_persons(plan, projection))


def _persons(plan: QueryPlan, projection: Projection) -> tuple[str, ...]:
    owners = plan.persons.get((projection.system, projection.table), 0)
    return tuple(f"{PERSON}{place}" for place in range(owners))


def _require_patience(asked: Asked) -> None:
    """Failing or not failing can tell something about a value: there is an end to trying."""
    recent = FailedRun.objects.filter(purpose=asked.purpose, actor=asked.actor, at__gt=asked.at - rules.LIVES).count()
    if recent >= rules.MOST_FAILURES:
        raise SekishoError("projections.too-many-failures", room=rules.ROOM, most=rules.MOST_FAILURES)


def _sealed(
    asked: Asked,
    seen: Seen,
    plan: QueryPlan,
    projections: Sequence[Projection],
    head: PeopleHead,
    answer: Parted,
    ran: Ran,
) -> tuple[pa.Table, str, str]:
    ref = str(uuid4())
    with writing():
        shown = release(answer, purpose=asked.purpose, size=plan.minimum_group, at=asked.at)
        body: Mapping[str, object] = {
            "ref": ref,
            "purpose": asked.purpose,
            "actor": asked.actor,
            "policy": seen.policy.sha256,
            "epoch": head.epoch,
            "projections": [one.key for one in projections],
            "columns": len(plan.used),
            "rows": shown.num_rows,
            "groups": len(answer.of_rows) + len(answer.inside),
            "result": result_hash(shown),
            "isolation": list(ran.isolation),
        }
        entry = append(kind="projections.answered", body=body, at=asked.at)
        QueryRun.objects.create(
            ref=ref,
            purpose=asked.purpose,
            actor=asked.actor,
            shape=plan.shape,
            columns=[".".join(one) for one in sorted(plan.used)],
            projections=[one.key for one in projections],
            epoch=head.epoch,
            rows=shown.num_rows,
            result_sha256=str(body["result"]),
            milliseconds=round(ran.seconds * 1000),
            entry=entry,
            at=asked.at,
        )
    return shown, ref, entry


def result_hash(rows: pa.Table) -> str:
    """The hash of an answer as an Arrow stream."""
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, rows.schema) as stream:
        stream.write_table(rows.combine_chunks())
    return hashlib.sha256(out.getvalue()).hexdigest()


__all__ = ["Answer", "Asked", "QueryRefused", "explain", "result_hash", "run"]
