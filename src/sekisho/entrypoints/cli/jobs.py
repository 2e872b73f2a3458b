"""`sekisho jobs`: long work as it stands, one job followed with a bar, giving one up, and what runs by itself."""

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from sekisho.engine.errors import SekishoError, text
from sekisho.engine.japanese.tokyo import TOKYO
from sekisho.entrypoints.cli.groups import Commands
from sekisho.entrypoints.cli.language import LANGUAGE, spoken
from sekisho.entrypoints.cli.refusing import refusing
from sekisho.entrypoints.cli.steps import stepping

if TYPE_CHECKING:
    from sekisho.registers.batch_jobs.queries import Hour, JobRecord, Still

ROOM = "sekisho.registers.batch_jobs"
AS_JSON = click.option("--json", "as_json", is_flag=True, help="one JSON object per line")
BY = click.option("--by", "acting_user", default="cli", show_default=True, help="who asks")
WORDS = {
    "ja": {
        "requested": "依頼済み",
        "running": "実行中",
        "done": "完了",
        "partly": "一部未了",
        "failed": "失敗",
        "cancelled": "取りやめ",
        "cancelling": "取りやめ待ち",
        "unclaimed": "だれも取りかかっていません",
        "silent": "進めるプロセスの応答がありません",
        "quiet": "長いあいだ進んでいません",
    },
    "en": {"cancelling": "being given up", "unclaimed": "nobody took it up", "silent": "its process is silent"}
    | {"quiet": "no progress for long"},
}
MARKS = {"done": "✓", "partly": "!", "failed": "×", "cancelled": "－", "running": "…", "requested": "・"}


@click.group(cls=Commands)
def command() -> None:
    """Long work: what runs, what waits, what stands still, what runs by itself and when."""


@command.command(name="list")
@click.option("--live", is_flag=True, help="only what has not ended")
@AS_JSON
@LANGUAGE
def list_(live: bool, as_json: bool, language: str | None) -> None:
    """Jobs, newest first. Exit 1 if any stands still."""
    with opened():
        from sekisho.registers.batch_jobs import queries

        found, still = queries.jobs(live=live), queries.standing_still(datetime.now(UTC))
    stopped = {one.job.ref: one for one in still}
    for job in found:
        if as_json:
            click.echo(json.dumps(as_object(job, stopped.get(job.ref)), ensure_ascii=False))
        else:
            _tell(job, spoken(language), stopped.get(job.ref))
    if not found and not as_json:
        click.echo("処理はまだありません" if spoken(language) == "ja" else "there are no jobs yet")
    sys.exit(1 if still else 0)


@command.command()
@click.argument("job")
@AS_JSON
@LANGUAGE
def show(job: str, as_json: bool, language: str | None) -> None:
    """One job: who asked, how far it is, how it ended, what giving it up would leave."""
    with opened():
        from sekisho.registers.batch_jobs import queries

        found = queries.job(job)
    if as_json:
        click.echo(json.dumps(as_object(found), ensure_ascii=False))
        return
    said = spoken(language)
    _tell(found, said)
    rows = (
        ("依頼", "asked by", f"{found.asked_by} {_clock(found.asked_at)}"),
        ("開始", "started", _clock(found.started_at)),
        ("最後の応答", "last heard", _clock(found.heartbeat_at)),
        ("終了", "ended", _clock(found.ended_at)),
        ("取りかかった回数", "taken up", str(found.attempts)),
        ("引数", "arguments", " ".join(f"{name}={value}" for name, value in found.arguments.items())),
        ("結果", "made", found.result),
        ("取りやめると", "if given up", found.kind.cancelled[said]),
    )
    for ja, en, value in rows:
        if value:
            click.echo(f"  {ja if said == 'ja' else en}: {value}")


@command.command()
@click.argument("job")
@AS_JSON
@LANGUAGE
def follow(job: str, as_json: bool, language: str | None) -> None:
    """Follow JOB to its end with a bar, or as JSON lines; carry it out here where nobody does. Exit 1 unless it is done."""
    said = spoken(language)
    with opened():
        from sekisho.entrypoints import working
        from sekisho.registers.batch_jobs import queries

        before: list[object] = []
        with stepping(queries.job(job).kind.label[said], quiet=as_json) as bar:

            def told(done: int, total: int | None, what: str) -> None:
                bar(done, total, what)
                if as_json and before != [done, total, what]:
                    before[:] = [done, total, what]
                    click.echo(json.dumps({"job": job, "done": done, "total": total, "what": what}))

            ended = working.follow(job, told=told)
    click.echo(json.dumps(as_object(ended), ensure_ascii=False)) if as_json else _tell(ended, said)
    sys.exit(0 if ended.state == "done" else 1)


@command.command()
@click.argument("job")
@BY
@AS_JSON
@LANGUAGE
def cancel(job: str, acting_user: str, as_json: bool, language: str | None) -> None:
    """Give JOB up: at once if nobody took it up, else before its next step. Says what becomes of what is half done."""
    with opened():
        from sekisho.registers.batch_jobs import actions, queries

        actions.cancel_job(job=job, at=datetime.now(UTC), acting_user=acting_user)
        found = queries.job(job)
    if as_json:
        click.echo(json.dumps(as_object(found), ensure_ascii=False))
        return
    _tell(found, spoken(language))
    click.echo(f"  {found.kind.cancelled[spoken(language)]}")


@command.command()
@click.option("--pause", metavar="NAME", help="stop this schedule")
@click.option("--go-on", metavar="NAME", help="let it count again from now")
@BY
@AS_JSON
@LANGUAGE
def schedule(pause: str | None, go_on: str | None, acting_user: str, as_json: bool, language: str | None) -> None:
    """What runs by itself, at what time, when next, and how the last run ended.

    \b
    Stop one, and let it go on:
      sekisho jobs schedule --pause daily-sweep
      sekisho jobs schedule --go-on daily-sweep

    \b
    Another time of day or interval goes into carrier.yaml of the home:
      schedules:
        daily-sweep: {at: "02:15"}         Tokyo time
        board-look: {every_minutes: 15}    divides the day

    serve and work take it up within a minute, with evidence. What is wrong with the file is said here with
    file:line:column (exit 1), and the times before it stay.
    """
    with opened():
        from pathlib import Path

        from django.conf import settings

        from sekisho.registers.batch_jobs import actions, queries

        at = datetime.now(UTC)
        for name, paused in ((pause, True), (go_on, False)):
            if name is not None:
                _require_schedule(name, [hour.schedule for hour in queries.next_hours(at)])
                actions.pause_schedule(schedule=name, paused=paused, at=at, acting_user=acting_user)
        hours = queries.next_hours(at)
        asked, faults = queries.asked_times(Path(settings.HOME))
    for hour in hours:
        soon = queries.said_time(asked[hour.schedule]) if not faults else hour.time
        told = _hour(hour, soon) if as_json else None
        click.echo(json.dumps(told, ensure_ascii=False) if told else _said(hour, soon, spoken(language)))
    for fault in faults:
        click.echo(
            f"× {fault.message(spoken(language))}\n  → {fault.remedy(spoken(language))}\n  ({fault.code})", err=True
        )
    sys.exit(1 if faults else 0)


@command.command()
@click.argument("job")
@BY
@LANGUAGE
def acknowledge(job: str, acting_user: str, language: str | None) -> None:
    """Write down that you have seen why JOB failed. Until then its row is kept, however old it is."""
    with opened():
        from sekisho.registers.batch_jobs import actions, queries

        actions.acknowledge_job(job=job, at=datetime.now(UTC), acting_user=acting_user)
        _tell(queries.job(job), spoken(language))


@command.command()
@LANGUAGE
def kinds(language: str | None) -> None:
    """Every kind of long work with its arguments."""
    from sekisho.registers.batch_jobs.rules import kinds as known

    for kind in known().values():
        shapes = " ".join(f"{name}:{shape}" for name, shape in kind.arguments.items())
        click.echo(f"{kind.id:<22} {kind.label[spoken(language)]}  {shapes}".rstrip())


@contextmanager
def opened() -> Generator[None]:
    """The carrier's registers; a refusal is told with its remedy, exit 1."""
    from sekisho.entrypoints import runtime

    with refusing(), runtime.running():
        yield


def as_object(job: "JobRecord", still: "Still | None" = None) -> dict[str, object]:
    """One job as the shape of `--json`."""
    return {
        "job": job.ref,
        "kind": job.kind.id,
        "arguments": dict(job.arguments),
        "state": job.state.value,
        "still": still.how if still else None,
        "done": job.done,
        "total": job.total,
        "what": job.what,
        "asked_by": job.asked_by,
        "asked_at": _iso(job.asked_at),
        "started_at": _iso(job.started_at),
        "heartbeat_at": _iso(job.heartbeat_at),
        "ended_at": _iso(job.ended_at),
        "attempts": job.attempts,
        "cancelled_by": job.cancel_by or None,
        "why": job.why or None,
        "result": job.result or None,
        "slot": job.slot or None,
        "acknowledged_by": job.acknowledged_by or None,
    }


def _hour(hour: "Hour", asked: str) -> dict[str, object]:
    return {
        "schedule": hour.schedule,
        "time": hour.time,
        "asked_time": asked,
        "usual_time": hour.usual,
        "kind": hour.kind.id,
        "next_at": None if hour.paused_by else _iso(hour.next_at),
        "paused_by": hour.paused_by or None,
        "last": as_object(hour.last) if hour.last else None,
    }


def _said(hour: "Hour", asked: str, language: str) -> str:
    stopped = {"ja": f"停止中（{hour.paused_by}）", "en": f"stopped by {hour.paused_by}"}[language]
    when = stopped if hour.paused_by else f"{'次回' if language == 'ja' else 'next'} {_clock(hour.next_at)}"
    none = "まだありません" if language == "ja" else "none yet"
    last = (
        f"{_word(hour.last.state, language)} {_clock(hour.last.ended_at or hour.last.asked_at)}" if hour.last else none
    )
    soon = f" → {asked}" if asked != hour.time else ""
    return f"{hour.schedule:<18} {hour.time:>6}{soon}　{hour.kind.label[language]}　{when}　{'前回' if language == 'ja' else 'last'} {last}"


def _tell(job: "JobRecord", language: str, still: "Still | None" = None) -> None:
    state = "cancelling" if job.is_being_cancelled else job.state.value
    far = f"{job.done:,} / {job.total:,} {job.kind.unit[language]}" if job.total is not None else ""
    parts = (MARKS[job.state], job.ref, _clock(job.asked_at), job.kind.label[language], _word(state, language), far)
    click.echo("　".join(part for part in (*parts, job.what) if part))
    if still is not None:
        click.echo(f"  ! {_word(still.how, language)}（{_clock(still.since)}）")
    if job.why:
        click.echo(f"  × {_why(job, language)}")


def _why(job: "JobRecord", language: str) -> str:
    """The sentence of a code, and the code itself: an error that was tried again has no sentence."""
    from sekisho.entrypoints.working import room_of

    if "." not in job.why:
        return job.why
    return f"{text(room_of(job.why), job.why, language, job.why_values)}（{job.why}）"


def _require_schedule(name: str, known: list[str]) -> None:
    if name not in known:
        raise SekishoError("batch_jobs.schedule-unknown", room=ROOM, schedule=name if name.isascii() else "?")


def _word(key: str, language: str) -> str:
    return WORDS[language].get(key, key)


def _clock(at: datetime | None) -> str:
    return f"{at.astimezone(TOKYO):%Y-%m-%d %H:%M}" if at else ""


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
