"""Options several commands share: the instant they work at, JSON, and days."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
AT = click.option(
    "--at", "clock", metavar="INSTANT", help="as if it were this instant (ISO 8601, Tokyo)  [default: now]"
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="a JSON list, one object per item")


class Day(click.ParamType[date]):
    """A calendar date, 2026-11-23."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date, or a refusal in words."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"not a date: {value} (write 2026-11-23)", param, ctx)


def date_option(flag: str, name: str, says: str, *, required: bool = False) -> Callable[[Decorated], Decorated]:
    """An option that takes a Tokyo date."""
    return click.option(flag, name, type=Day(), metavar="DATE", help=says, required=required)
