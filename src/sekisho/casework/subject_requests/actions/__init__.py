"""Everything the request desk writes."""

from sekisho.casework.subject_requests.actions.cases import (
    close_case,
    identify,
    open_case,
    open_page,
    record_identity_check,
    record_view,
)
from sekisho.casework.subject_requests.actions.intake import (
    link,
    open_case_for,
    print_form,
    receive,
    record_contact,
    set_aside,
    show_page,
)
from sekisho.casework.subject_requests.rules import Outcome

__all__ = [
    "Outcome",
    "close_case",
    "identify",
    "link",
    "open_case",
    "open_case_for",
    "open_page",
    "print_form",
    "receive",
    "record_contact",
    "record_identity_check",
    "record_view",
    "set_aside",
    "show_page",
]
