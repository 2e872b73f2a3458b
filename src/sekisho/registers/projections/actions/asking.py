"""A query as somebody asks it."""

from dataclasses import dataclass, field
from datetime import datetime

from sekisho.connectors.sandbox import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A query as somebody asks it."""

    query: str
    purpose: str
    actor: str
    at: datetime
    channel: str | None = None  # where the purpose is to contact people: through what
    spark: str | None = None  # address of a Spark Connect server that builds and asks instead of this machine
    waited: tuple[str, ...] = ()  # requests of copies it waited for
    here: bool = False  # large copies too are built by whoever asks, who waits: for measuring
    limits: Limits = field(default_factory=Limits)
