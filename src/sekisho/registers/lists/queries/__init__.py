"""Lists and where they stand, who may approve, what is asked of the gate: reads only."""

from sekisho.registers.lists.queries.approving import approvers
from sekisho.registers.lists.queries.asked import is_job, job_of, request_of, requests_under_way
from sekisho.registers.lists.queries.asking import Asking, Wanted, asking, is_notice
from sekisho.registers.lists.queries.members import HandedList, handed_unknown, handed_with
from sekisho.registers.lists.queries.people import Returned, returned_mail, returned_now
from sekisho.registers.lists.queries.records import FOLDER, file_of, list_of, lists, state_of, steps_of
from sekisho.registers.lists.rules import Account, ListKind, Manifest, State, Why, limits, opened, require_file

__all__ = [
    "FOLDER",
    "Account",
    "Asking",
    "HandedList",
    "ListKind",
    "Manifest",
    "Returned",
    "State",
    "Wanted",
    "Why",
    "approvers",
    "asking",
    "file_of",
    "handed_unknown",
    "handed_with",
    "is_job",
    "is_notice",
    "job_of",
    "limits",
    "list_of",
    "lists",
    "opened",
    "request_of",
    "requests_under_way",
    "require_file",
    "returned_mail",
    "returned_now",
    "state_of",
    "steps_of",
]
