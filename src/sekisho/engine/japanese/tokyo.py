"""The calendar date in Tokyo of an instant: what every date in Sekisho is."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


def tokyo_date(at: datetime) -> date:
    """The Asia/Tokyo calendar date of an aware instant."""
    return at.astimezone(TOKYO).date()
