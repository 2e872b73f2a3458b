"""What an ask says of the rows it is about: line, hours, dates, parties. Anything misspelt is unknown, never guessed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sekisho.engine.japanese.tokyo import tokyo_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of an ask, as told."""

    said: Mapping[str, object]

    @property
    def line(self) -> str | None:
        """The number the rows are about."""
        line = self.said.get("line")
        return line if isinstance(line, str) else None

    @property
    def hours(self) -> tuple[datetime, datetime] | None:
        """The span of time the rows tell of: `since` and `until`, or the one instant `started_at`."""
        since = instant_of(self.said.get("since", self.said.get("started_at")))
        until = instant_of(self.said.get("until", self.said.get("ended_at"))) or since
        return (since, until) if since is not None and until is not None and since <= until else None

    @property
    def acquired_on(self) -> date | None:
        """When the rows were acquired, where that is not the day the person was."""
        return day_of(self.said.get("acquired_on"))

    @property
    def settled(self) -> bool | None:
        """Whether the claim for money is over; None where nothing tells."""
        said, unpaid = self.said.get("settled"), self.said.get("bill.unpaid_yen")
        if isinstance(said, bool):
            return said
        return unpaid == 0 if isinstance(unpaid, int) and not isinstance(unpaid, bool) else None

    def flag(self, name: str) -> bool | None:
        """A yes or no; None where it was not said."""
        value = self.said.get(name)
        return value if isinstance(value, bool) else None

    def event(self, name: str, data_class: str) -> date | None:
        """The day of a retention event, told as `event` or `class.event`."""
        return day_of(self.said.get(name, self.said.get(f"{data_class}.{name}")))

    def attributes(self) -> dict[str, object]:
        """Values for conditions: names with a dot as they are, others under `resource.`; dates as dates."""
        return {(key if "." in key else f"resource.{key}"): _value(value) for key, value in self.said.items()}


def instant_of(value: object) -> datetime | None:
    """An aware instant, given as such or as ISO 8601 with a zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo is not None else None


def day_of(value: object) -> date | None:
    """A Tokyo date, given as such, as an instant, or as ISO 8601."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            value = instant_of(value)
    if isinstance(value, datetime):
        return tokyo_date(value) if value.tzinfo is not None else None
    return value if isinstance(value, date) else None


def _value(value: object) -> object:
    if isinstance(value, str) and len(value) == len("2026-01-01"):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value
