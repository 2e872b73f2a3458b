"""A large carrier's list is a job: asked once, built once, given up without a trace, refused before anybody waits."""

from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.conf import settings

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints import working
from sekisho.registers.batch_jobs import actions as jobs
from sekisho.registers.batch_jobs import queries as job_queries
from sekisho.registers.batch_jobs.queries import State
from sekisho.registers.lists import actions, queries
from sekisho.registers.lists.models import EligibleList, ListRequest
from sekisho.registers.lists.queries import Wanted, asked, file_of
from sekisho.registers.lists.rules import limits


def wanted(world: ModuleType, **told: Any) -> Wanted:
    usual: dict[str, Any] = {"purpose": "campaign", "actor": world.ANALYST, "at": world.AT, "channel": "mail"}
    return Wanted(**(usual | told))


def silent(_done: int, _total: int | None, _what: str) -> None:
    return


class Stopped(Exception):
    """Somebody gave it up, or the process died."""


def test_from_a_size_on_a_list_is_a_job_but_never_one_of_named_numbers(
    lists: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not queries.is_job(wanted(lists))
    monkeypatch.setattr(asked, "limits", lambda: replace(limits(), job=lists.PEOPLE - 1))
    assert queries.is_job(wanted(lists))
    named = wanted(lists, affected=(lists.customer(9),))
    assert not queries.is_job(named)
    with pytest.raises(SekishoError, match=r"lists\.affected-inline"):
        actions.ask_list(named)


def test_a_job_builds_the_list_that_an_inline_build_would(lists: ModuleType) -> None:
    inline = actions.build_list(wanted(lists, carried=("identity.name",), purpose="marketing"))
    request = actions.ask_list(wanted(lists, carried=("identity.name",), purpose="marketing"))
    told: list[tuple[int, int | None]] = []
    ref = working.build_list(request=request, told=lambda done, total, _what: told.append((done, total)))
    assert pq.read_table(file_of(ref)).equals(pq.read_table(file_of(inline.ref)))
    job = queries.job_of(request)
    assert job is not None
    assert (job.state, job.result, job.done, job.total) == (State.DONE, ref, job.total, job.total)
    assert told[-1][0] == told[-1][1]
    assert working.build_list(request=request, told=silent) == ref
    assert EligibleList.objects.count() == 2


def test_the_same_is_not_asked_for_twice_while_it_lives(lists: ModuleType) -> None:
    first = actions.ask_list(wanted(lists))
    assert actions.ask_list(wanted(lists, at=lists.AT + timedelta(minutes=1))) == first
    assert actions.ask_list(wanted(lists, title="もうひとつ")) != first
    assert [row.ref for row, _job in queries.requests_under_way()][-1] == first


def test_killed_after_the_list_was_written_down_it_is_not_built_again(lists: ModuleType) -> None:
    request = actions.ask_list(wanted(lists))
    first = actions.build_asked(request=request, at=lists.AT, progress=silent)
    assert actions.build_asked(request=request, at=lists.AT, progress=silent) == first
    # Two at once: the second comes to its last step after the first one's commit.
    assert actions.build_list(wanted(lists), request=request).ref == first
    assert EligibleList.objects.count() == 1
    assert sorted(path.name for path in file_of(first).parent.iterdir()) == [f"{first}.parquet"]


@pytest.mark.parametrize("last", range(4))
def test_stopped_before_its_file_is_whole_it_leaves_nothing(lists: ModuleType, last: int) -> None:
    request = actions.ask_list(wanted(lists))

    def stop(done: int, _total: int | None, _what: str) -> None:
        if done == last:
            raise Stopped

    with pytest.raises(Stopped):
        actions.build_asked(request=request, at=lists.AT, progress=stop)
    assert EligibleList.objects.count() == 0
    assert not (settings.HOME / "lists").exists()
    assert actions.build_asked(request=request, at=lists.AT, progress=silent)


def test_what_is_forbidden_is_refused_before_anybody_waits(lists: ModuleType) -> None:
    for told in ({"actor": lists.GONE}, {"purpose": "weather"}):
        with pytest.raises(SekishoError):
            actions.ask_list(wanted(lists, **told))
    assert not ListRequest.objects.exists()
    assert job_queries.jobs() == ()


def test_given_up_no_list_is_made(lists: ModuleType) -> None:
    request = actions.ask_list(wanted(lists))
    job = queries.job_of(request)
    assert job is not None
    jobs.cancel_job(job=job.ref, at=lists.AT, acting_user=lists.ANALYST)
    with pytest.raises(SekishoError, match=r"lists\.given-up"):
        working.build_list(request=request, told=silent)
    assert not EligibleList.objects.exists()


def test_a_refusal_while_building_reaches_who_follows(lists: ModuleType) -> None:
    request = actions.ask_list(wanted(lists, channel="sms"))
    with pytest.raises(SekishoError) as refused:
        working.build_list(request=request, told=silent)
    assert refused.value.code == "lists.nobody"
    assert refused.value.remedy()


def test_old_requests_go_with_their_time_unless_a_job_still_works_on_them(lists: ModuleType) -> None:
    done, waits = actions.ask_list(wanted(lists)), actions.ask_list(wanted(lists, title="順番待ち"))
    working.build_list(request=done, told=silent)
    later = lists.AT + limits().life
    assert actions.expire_requests(at=later) == 1
    assert [row.ref for row in ListRequest.objects.all()] == [waits]
