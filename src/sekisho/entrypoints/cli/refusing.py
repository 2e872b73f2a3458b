"""How a command says no: what was refused, what can be done, the code, in both languages, on standard error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from sekisho.engine.errors import SekishoError


@contextmanager
def refusing(code: int = 1) -> Iterator[None]:
    """Tell a coded refusal with its remedy and end with this exit code.

    A file that can't be written or read where somebody said is refused in words too: a mistyped folder is no fault of ours.
    """
    try:
        yield
    except SekishoError as error:
        tell(error)
        sys.exit(code)
    except OSError as error:
        if not isinstance(error.filename, str):
            raise
        tell(SekishoError("command.file-refused", room="sekisho.entrypoints", path=error.filename, why=error.strerror))
        sys.exit(code)


def tell(error: SekishoError) -> None:
    """One refusal on standard error."""
    click.echo(
        f"× {error.message()}\n  → {error.remedy()}\n  ({error.code}: {error.message('en')}; {error.remedy('en')})",
        err=True,
    )
