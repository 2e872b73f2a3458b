"""How often somebody may try at the centre: counted in this process by address and altogether, forgotten with the window."""

import threading
from collections import deque
from datetime import datetime, timedelta

MOST_KEYS = 10_000


class Window:
    """Tries within the last minutes. Addresses stay in memory only, for as long as the window lasts."""

    def __init__(self, *, minutes: int, each: int, all_together: int) -> None:
        self._span, self._each, self._all = timedelta(minutes=minutes), each, all_together
        self._tries: deque[tuple[datetime, str]] = deque()
        self._lock = threading.Lock()

    def admits(self, key: str, at: datetime) -> bool:
        """Count one try and say whether it may go on; what is refused counts as well, so hammering does not pay."""
        with self._lock:
            while self._tries and self._tries[0][0] <= at - self._span:
                self._tries.popleft()
            mine = sum(1 for _, one in self._tries if one == key)
            admitted = mine < self._each and len(self._tries) < self._all
            if len(self._tries) < MOST_KEYS:
                self._tries.append((at, key))
            return admitted

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._tries.clear()
