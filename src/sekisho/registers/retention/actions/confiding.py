"""What the ledger holds of holds: a commitment, the same for every kind and event, opened in the register.

An entry of a hold that an authority asked for in confidence is not told from any other hold's, for neither says of which
hold it is, or what became of it (LAW.md 9.1). Who may see a hold has its openings there, salt and body.
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime

from sekisho.engine.merkle.canonical import canonical
from sekisho.evidence.actions import append

SEALED = "retention.sealed"


def append_sealed(what: str, body: Mapping[str, object], at: datetime) -> dict[str, object]:
    """One entry that says nothing; returns what opens it. Evidence: `retention.sealed`."""
    salt = secrets.token_hex(16)
    commitment = hashlib.sha256(salt.encode() + canonical({**body, "what": what})).hexdigest()
    append(kind=SEALED, body={"commitment": commitment}, at=at)
    return {"what": what, "salt": salt, "body": dict(body), "commitment": commitment}
