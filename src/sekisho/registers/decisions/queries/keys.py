"""Whether a machine may ask."""

from datetime import datetime
from hashlib import sha256

from sekisho.registers.decisions.models import ApiKey


def is_api_key(key: str, at: datetime) -> bool:
    """Whether this key was made and not revoked. Only hashes are compared, and the database does it."""
    row = ApiKey.objects.filter(sha256=sha256(key.encode()).hexdigest(), made_at__lte=at).first()
    return row is not None and (row.revoked_at is None or at < row.revoked_at)
