"""Where the time of a long act went: from one report of progress to the next, by the store it was spent in."""

import time
from dataclasses import dataclass, field

OTHER = "sekisho"


@dataclass(slots=True)
class Stopwatch:
    """Give `told` to whoever reports progress as (done, of how many, "system.table kind")."""

    seconds: dict[str, float] = field(default_factory=dict)
    _store: str = ""
    _since: float = 0.0

    def told(self, _done: int, _total: int, what: str) -> None:
        """The step before has ended; the time since belongs to its store."""
        now = time.monotonic()
        if self._store:
            self.seconds[self._store] = self.seconds.get(self._store, 0.0) + now - self._since
        self._store, self._since = store_of(what) if what else "", now


def store_of(place: str) -> str:
    """The system of `system.table kind`; what names none is our own."""
    system, dot, _ = place.partition(".")
    return system if dot and system else OTHER


def milliseconds(seconds: dict[str, float]) -> dict[str, int]:
    """Whole milliseconds, as evidence takes them."""
    return {key: round(taken * 1000) for key, taken in seconds.items()}
