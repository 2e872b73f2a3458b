"""What becomes of a call, a visit, a letter or an e-mail that asks for a right without our form.

A call is guidance whatever the policy says: nobody's clock begins, and we offer to send the form. Under a policy that sets
a method the form goes out the same day and the contact is kept. Under one that sets none, it is the request.
Source: APPI 37(1) and the guidelines on requests where no method is set (LAW.md 8.14); PROMISES B-76, B-77, A-31.
"""

from enum import StrEnum

from sekisho.casework.subject_requests.rules.intake import Channel
from sekisho.engine.policy.model import Right


class Becomes(StrEnum):
    """What a contact becomes."""

    REQUEST = "request"  # it is one: a case opens, counted from its arrival
    FORM = "form"  # the form goes out today
    GUIDANCE = "guidance"  # by telephone: advice, and the form if they want it


def becomes(channel: Channel, right: Right) -> Becomes:
    """What a contact that asks for a right becomes under the policy's terms for that right."""
    if channel is Channel.PHONE:
        return Becomes.GUIDANCE
    return Becomes.FORM if right.channels else Becomes.REQUEST
