"""Long work of this room: what answers bring about and could not yet, and the daily look at the desk's clocks."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.actions.reading import read_arrival
from sekisho.casework.subject_requests.actions.web import drop_web_requests
from sekisho.casework.subject_requests.queries.reading import waiting_arrivals
from sekisho.registers.batch_jobs.queries import Doing, Wanted

EFFECTS = "requests.effects"
READ_PAGES = "requests.read-pages"


def bring_about(doing: Doing, _key: str) -> None:
    """What one answer brings about, as far as it is not done."""
    actions.bring_about(
        answer_ref=answer_in(doing.job.arguments), at=doing.at, acting_user=doing.job.asked_by, reached=doing.reached
    )


def watch(doing: Doing, _key: str) -> None:
    """Days that come near, recipients that are late, certificates that came, requests by web nobody confirmed."""
    steps = (actions.warn, actions.chase_recipients, actions.link_certificates, drop_web_requests)
    for done, step in enumerate(steps):
        doing.progress(done, len(steps), "")
        step(at=doing.at, acting_user=doing.job.asked_by)


def read_pages(doing: Doing, _key: str) -> None:
    """The pages of every arrival that no machine has read as they are now, one arrival after another."""
    waiting = waiting_arrivals()
    for done, ref in enumerate(waiting):
        doing.progress(done, len(waiting), ref)
        read_arrival(ref=ref, at=doing.at, acting_user=doing.job.asked_by)


def wanted(_at: datetime) -> Iterable[Wanted]:
    """Answers that are gone and have not brought about all they should; pages that nobody's machine has read."""
    for answer in queries.unfinished_answers():
        yield Wanted(kind=EFFECTS, arguments=arguments_for(answer))
    if waiting_arrivals():
        yield Wanted(kind=READ_PAGES, arguments={})


def arguments_for(answer: str) -> dict[str, str]:
    """An answer's reference as an argument of a job: those are in small letters."""
    return {"answer": answer.lower()}


def answer_in(arguments: Mapping[str, str]) -> str:
    """The answer an argument names."""
    return arguments["answer"].upper()
