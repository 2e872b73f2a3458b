"""The account of a list: everybody looked at is on it, withheld, or cannot be reached. Nobody is lost on the way."""

from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.engine.errors import SekishoError

ROOM = "sekisho.registers.lists"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How many were looked at, and what became of them."""

    people: int
    rows: int
    withheld: Mapping[str, int]  # by why
    undeliverable: int

    @property
    def difference(self) -> int:
        """How many are unaccounted for; zero where it balances."""
        return self.people - self.rows - sum(self.withheld.values()) - self.undeliverable


def require_balance(account: Account, written: int) -> None:
    """People in = printed + withheld + undeliverable, and printed is what stands in the file. Raises: lists.out-of-balance."""
    if account.difference or account.rows != written or min(account.rows, account.undeliverable, account.people) < 0:
        raise SekishoError("lists.out-of-balance", room=ROOM, people=account.people, difference=account.difference)
