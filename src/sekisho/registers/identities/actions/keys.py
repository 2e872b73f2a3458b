"""Secrets that die with an erasure: salts of commitments, keys of pseudonyms."""

import secrets
from datetime import datetime

from django.db import transaction

from sekisho.evidence.actions import append
from sekisho.registers.identities import queries
from sekisho.registers.identities.models import PseudonymKey, Salt


def salt_of(person: str, entry: str) -> bytes:
    """The salt for a person's commitment in an entry, made if new. Part of the caller's action: no entry of its own."""
    row, _ = Salt.objects.get_or_create(person_ref=person, entry=entry, defaults={"salt": secrets.token_bytes(32)})
    return bytes(row.salt)


def pseudonym_key(*, purpose: str, at: datetime, acting_user: str) -> bytes:
    """The pseudonym key of a purpose, made if none lives. Evidence: `identities.pseudonym-key-made`."""
    with transaction.atomic():
        live = queries.pseudonym_key(purpose)
        if live is not None:
            return live
        key = secrets.token_bytes(32)
        PseudonymKey.objects.create(purpose=purpose, key=key, made_at=at)
        append(kind="identities.pseudonym-key-made", body={"purpose": purpose, "by": acting_user}, at=at)
    return key
