"""What should never have been asked for goes without a ground: the cell that holds it, and not its neighbours."""

from datetime import date

import pytest

from sekisho.casework.subject_requests.queries.deciding import Weighing
from sekisho.casework.subject_requests.queries.holdings import Holding
from sekisho.casework.subject_requests.rules.deciding import Answer, Decides, Weighed
from sekisho.casework.subject_requests.rules.subjects import never_collected
from sekisho.engine.erasure.periods import End, Keep
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Text

BANS = law(date(2026, 11, 30)).never_collect


@pytest.mark.parametrize(
    ("items", "subject", "lifted", "expected"),
    [
        (("hr.name", "hr.family"), "job_applicant", False, {"hr.family"}),
        (("hr.name",), "job_applicant", False, set()),  # the table has the column, this person's row has no value in it
        (("hr.family",), "job_applicant", True, set()),  # the hired may be asked
        (("hr.family",), "staff", False, set()),
        (("hr.family", "hr.bank_account"), "job_applicant", False, {"hr.family", "hr.bank_account"}),
        (("hr",), "job_applicant", False, set()),
    ],
)
def test_only_what_has_a_value_and_was_banned_for_this_kind_of_person(
    items: tuple[str, ...], subject: str, lifted: bool, expected: set[str]
) -> None:
    assert never_collected(BANS, items, subject, lifted=lifted) == expected


def test_a_neighbour_of_a_banned_cell_needs_its_own_ground() -> None:
    granted = Weighed(
        item="hr", law=Answer.GRANT, promise=None, answer=Answer.GRANT, decides=Decides.LAW, clause="A-1", because=()
    )
    refused = Weighed(
        item="hr", law=Answer.REFUSE, promise=None, answer=Answer.REFUSE, decides=Decides.LAW, clause="A-1", because=()
    )
    place, keep = Text("", "hr.applicants"), Keep(item="hr", subject_kind="job_applicant", until=None, end=End.OPEN, because=())  # fmt: skip
    held = Holding(
        item="hr", label=Text("人事"), place=place, fields=(), values=(), is_closed=False, rows=1, role="", since=None,
        keep=keep, items=("hr.name", "hr.family"),
    )  # fmt: skip
    one = Weighing(holding=held, weighed=granted, never=frozenset({"hr.family"}), apart=refused)
    assert one.about("hr.family") is granted
    assert one.about("hr.name") is refused
    assert one.about("hr") is granted
