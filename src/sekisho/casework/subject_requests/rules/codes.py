"""The code on a form: which kind of request it is, or which case it belongs to. Short, so that a fax can carry it.

A code of a case ends in a keyed mark: nobody who sees one number can make the code of the next.
"""

import hmac
import re
from dataclasses import dataclass

FIRST = "SKS1"
MARK = 10  # letters of the keyed mark
CASE = re.compile(r"^SKS1/C/(K-\d{4}-\d{4,})/([0-9A-F]{10})$")
BLANK = re.compile(r"^SKS1/F/([a-z_]{1,32})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a code says: the case it belongs to, or the kind of request of an empty form."""

    case: str = ""
    kind: str = ""


def case_code(reference: str, key: bytes) -> str:
    """The code of a form or letter of one case."""
    return f"{FIRST}/C/{reference}/{_mark(reference, key)}"


def form_code(kind: str) -> str:
    """The code of an empty form."""
    return f"{FIRST}/F/{kind}"


def read_code(text: str, key: bytes) -> Read | None:
    """What a code says; None for one that is not ours, or whose mark is wrong."""
    if (found := CASE.match(text)) is not None:
        return Read(case=found[1]) if hmac.compare_digest(found[2], _mark(found[1], key)) else None
    found = BLANK.match(text)
    return Read(kind=found[1]) if found is not None else None


def _mark(reference: str, key: bytes) -> str:
    return hmac.new(key, reference.encode(), "sha256").hexdigest()[:MARK].upper()
