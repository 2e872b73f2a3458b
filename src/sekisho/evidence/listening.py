"""Who wants to know at once that an entry of some kind was committed: rooms above say so when they are loaded."""

from collections.abc import Callable, Iterable

from django.db import transaction

_Heard = Callable[[], None]
_listeners: dict[str, _Heard] = {}


def listen(kinds: Iterable[str], heard: _Heard) -> None:
    """Call `heard` after each commit that holds an entry of one of these kinds. It must not raise."""
    _listeners.update(dict.fromkeys(kinds, heard))


def tell(kind: str) -> None:
    """An entry of this kind was written in the transaction under way."""
    heard = _listeners.get(kind)
    if heard is not None:
        transaction.on_commit(heard)
