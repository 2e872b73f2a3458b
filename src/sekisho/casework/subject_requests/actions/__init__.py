"""Everything the request desk writes."""

from sekisho.casework.subject_requests.actions.cases import (
    close_case,
    identify,
    open_case,
    open_page,
    record_identity_check,
    record_view,
)
from sekisho.casework.subject_requests.actions.correcting import drop_correction, open_corrections, record_correction
from sekisho.casework.subject_requests.actions.destroying import destroy_due
from sekisho.casework.subject_requests.actions.effects import (
    bring_about,
    chase_recipients,
    confirm_recipient,
    link_certificates,
)
from sekisho.casework.subject_requests.actions.gathering import add_redaction, decide_redaction, gather
from sekisho.casework.subject_requests.actions.intake import (
    link,
    open_case_for,
    print_form,
    receive,
    record_contact,
    set_aside,
    show_page,
)
from sekisho.casework.subject_requests.actions.letters import Recipient, open_letter, send_letter, write_letter
from sekisho.casework.subject_requests.actions.papers import (
    approve_other_way,
    ask_for,
    choose,
    extend,
    propose_other_way,
    record_masked,
    record_paper,
    record_payment,
)
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.papers import Presented

__all__ = [
    "Outcome",
    "Presented",
    "Recipient",
    "add_redaction",
    "approve_other_way",
    "ask_for",
    "bring_about",
    "chase_recipients",
    "choose",
    "close_case",
    "confirm_recipient",
    "decide_redaction",
    "destroy_due",
    "drop_correction",
    "extend",
    "gather",
    "identify",
    "link",
    "link_certificates",
    "open_case",
    "open_case_for",
    "open_corrections",
    "open_letter",
    "open_page",
    "print_form",
    "propose_other_way",
    "receive",
    "record_contact",
    "record_correction",
    "record_identity_check",
    "record_masked",
    "record_paper",
    "record_payment",
    "record_view",
    "send_letter",
    "set_aside",
    "show_page",
    "write_letter",
]
