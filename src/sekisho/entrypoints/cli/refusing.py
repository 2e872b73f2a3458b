"""How a command says no: what was refused, what can be done, the code, in both languages, on standard error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from sekisho.engine.errors import SekishoError


@contextmanager
def refusing(code: int = 1) -> Iterator[None]:
    """Tell a coded refusal with its remedy and end with this exit code."""
    try:
        yield
    except SekishoError as error:
        tell(error)
        sys.exit(code)


def tell(error: SekishoError) -> None:
    """One refusal on standard error."""
    click.echo(
        f"× {error.message()}\n  → {error.remedy()}\n  ({error.code}: {error.message('en')}; {error.remedy('en')})",
        err=True,
    )
