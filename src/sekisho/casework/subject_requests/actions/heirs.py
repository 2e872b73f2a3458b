"""A death that an heir's papers show: into the register, so that the gate and every later letter know of it."""

from datetime import date, datetime

from sekisho.casework.subject_requests import queries, rules
from sekisho.casework.subject_requests.rules.papers import Agency, death_shown
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing
from sekisho.registers.identities import actions as identities


def record_death(*, reference: str, on: date, at: datetime, acting_user: str) -> None:
    """Record the day on which the person of a case died, on the paper that shows it. A repeat is a no-op.

    Evidence: `identities.event-recorded`, `request.death-recorded`. Raises: requests.unknown-case, requests.case-closed,
    requests.person-unknown, requests.not-an-heir, requests.no-death-paper, requests.died-in-future, what the register raises.
    """
    with writing():
        case = queries.case(reference)
        rules.require_open(case)
        rules.require_person(case)
        stands = queries.standing(reference, at)
        if stands.about.is_dead:
            return
        if stands.agency is not Agency.HEIR:
            raise SekishoError("requests.not-an-heir", room=rules.ROOM, reference=reference)
        if on > tokyo_date(at):
            raise SekishoError("requests.died-in-future", room=rules.ROOM, reference=reference)
        paper = death_shown(stands.papers, stands.evidence, law(tokyo_date(at)))
        if not paper:
            raise SekishoError("requests.no-death-paper", room=rules.ROOM, reference=reference)
        identities.mark_deceased(person=case.person, on=on, at=at, document=paper, acting_user=acting_user)
        body = {"request": reference, "paper": paper, "by": acting_user}
        evidence.append(kind="request.death-recorded", body=body, at=at)
