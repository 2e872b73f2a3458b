"""Which person a guarded call is about."""

import inspect
from collections.abc import Callable
from typing import Any, TypeAlias

from sekisho.client.question import DataSubject

Finder: TypeAlias = Callable[..., DataSubject]


def finder(function: Callable[..., Any], data_subject: str | Finder) -> Finder:
    """A function of the call's arguments that tells the person. Raises TypeError where the parameter doesn't exist."""
    if callable(data_subject):
        return data_subject
    name = data_subject
    signature = inspect.signature(function)
    if name not in signature.parameters:
        raise TypeError(f"{function.__qualname__} has no parameter {name!r} to tell the data subject")

    def find(*args: Any, **kwargs: Any) -> DataSubject:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        found: DataSubject = bound.arguments[name]
        return found

    return find
