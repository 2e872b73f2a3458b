"""Everything the request desk writes."""

from sekisho.casework.subject_requests.actions.answers import (
    approve_answer,
    as_seen,
    draft_answer,
    open_answer,
    send_answer,
    withdraw_answer,
)
from sekisho.casework.subject_requests.actions.bodies import copies_of, drop_for, drop_of
from sekisho.casework.subject_requests.actions.cases import (
    close_case,
    identify,
    open_case,
    open_page,
    record_identity_check,
    record_view,
)
from sekisho.casework.subject_requests.actions.complaints import answer_complaint, open_complaint, read_complaint
from sekisho.casework.subject_requests.actions.correcting import drop_correction, open_corrections, record_correction
from sekisho.casework.subject_requests.actions.destroying import destroy_due, destroy_files
from sekisho.casework.subject_requests.actions.effects import (
    bring_about,
    chase_recipients,
    confirm_recipient,
    link_certificates,
)
from sekisho.casework.subject_requests.actions.gathering import add_redaction, decide_redaction, gather
from sekisho.casework.subject_requests.actions.gathering_images import show_image
from sekisho.casework.subject_requests.actions.heirs import record_death
from sekisho.casework.subject_requests.actions.intake import (
    link,
    open_case_for,
    print_form,
    receive,
    reconsider,
    record_contact,
    set_aside,
    show_page,
)
from sekisho.casework.subject_requests.actions.letters import Recipient, open_letter, send_letter, write_letter
from sekisho.casework.subject_requests.actions.money import close_unpaid, record_refund, remind_of_fee
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
from sekisho.casework.subject_requests.actions.texts import decide_text, open_texts
from sekisho.casework.subject_requests.actions.watching import warn
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.answering_lines import Decision
from sekisho.casework.subject_requests.rules.papers import Presented

__all__ = [
    "Decision",
    "Outcome",
    "Presented",
    "Recipient",
    "add_redaction",
    "answer_complaint",
    "approve_answer",
    "approve_other_way",
    "as_seen",
    "ask_for",
    "bring_about",
    "chase_recipients",
    "choose",
    "close_case",
    "close_unpaid",
    "confirm_recipient",
    "copies_of",
    "decide_redaction",
    "decide_text",
    "destroy_due",
    "destroy_files",
    "draft_answer",
    "drop_correction",
    "drop_for",
    "drop_of",
    "extend",
    "gather",
    "identify",
    "link",
    "link_certificates",
    "open_answer",
    "open_case",
    "open_case_for",
    "open_complaint",
    "open_corrections",
    "open_letter",
    "open_page",
    "open_texts",
    "print_form",
    "propose_other_way",
    "read_complaint",
    "receive",
    "reconsider",
    "record_contact",
    "record_correction",
    "record_death",
    "record_identity_check",
    "record_masked",
    "record_paper",
    "record_payment",
    "record_refund",
    "record_view",
    "remind_of_fee",
    "send_answer",
    "send_letter",
    "set_aside",
    "show_image",
    "show_page",
    "warn",
    "withdraw_answer",
    "write_letter",
]
