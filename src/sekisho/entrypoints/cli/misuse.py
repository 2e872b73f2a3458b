"""A command called wrongly says so as every refusal does: what, what instead, the code, in both languages; exit 2."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click
from click.exceptions import NoArgsIsHelpError, NoSuchCommand

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints.cli.refusing import tell

ROOM = "sekisho.entrypoints"
FORMS = {
    "--at": "2026-11-23T12:00+09:00",
    "--arrived": "2026-11-23T12:00+09:00",
    "--on": "2026-11-23",
    "--enroll": "LOGIN=ACTOR",
}  # options whose value has a form of its own


class Misused(click.UsageError):
    """A usage error with a code and a remedy."""

    def __init__(self, error: SekishoError, ctx: click.Context | None) -> None:
        super().__init__(error.message("en"), ctx)
        self.error = error

    def show(self, file: IO[Any] | None = None) -> None:
        """The refusal instead of the parser's own English."""
        del file
        tell(self.error)


@contextmanager
def saying_misuse(root: click.Context | None = None) -> Iterator[None]:
    """What the parser, or a command, calls wrong usage is said in this house's words."""
    try:
        yield
    except (Misused, NoArgsIsHelpError):
        raise
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else _called(root)
        raise Misused(_refusal(error, command), error.ctx) from error


def give_one(*names: str) -> Misused:
    """Exactly one of these must be given."""
    ctx = click.get_current_context()
    return Misused(_coded("usage.give-one", ctx.command_path, names=", ".join(names)), ctx)


def missing(name: str) -> Misused:
    """This must be given, here where the rest of the line asks for it."""
    ctx = click.get_current_context()
    return Misused(_coded("usage.missing", ctx.command_path, name=name), ctx)


def _called(root: click.Context | None) -> str:
    """The command's name where the parser does not say whose line it was."""
    return f"{root.command_path} {root.invoked_subcommand or ''}".strip() if root else "sekisho"


def _refusal(error: click.UsageError, command: str) -> SekishoError:
    if isinstance(error, click.MissingParameter):
        return _coded("usage.missing", command, name=_name(error))
    if isinstance(error, click.BadParameter):
        name = _name(error)
        if error.param is not None and isinstance(error.param.type, (click.Path, click.File)):
            return _coded("usage.no-such-place", command, name=name)
        return _coded("usage.bad-value", command, name=name, expected=_expected(error, name))
    if isinstance(error, click.NoSuchOption):
        return _coded("usage.no-such-option", command, name=error.option_name)
    if isinstance(error, NoSuchCommand):
        return _coded("usage.no-such-command", command, name=error.command_name)
    if isinstance(error, click.BadOptionUsage):
        return _coded("usage.option-value", command, name=error.option_name)
    return _coded("usage.not-understood", command, said=error.format_message())


def _coded(code: str, command: str, **values: str) -> SekishoError:
    return SekishoError(code, room=ROOM, command=command, **values)


def _name(error: click.BadParameter) -> str:
    """As it is written on the command line."""
    if isinstance(error.param, click.Option):
        return max(error.param.opts, key=len)
    if error.param is not None and error.ctx is not None:
        return error.param.make_metavar(error.ctx)
    hint = error.param_hint
    return hint if isinstance(hint, str) else " ".join(hint or ())


def _expected(error: click.BadParameter, name: str) -> str:
    """The form, the choices or the bounds, in signs and not in a language. The value itself is not repeated."""
    kind = error.param.type if error.param else None
    if name in FORMS:
        return FORMS[name]
    if isinstance(kind, click.Choice):
        return ", ".join(str(one) for one in kind.choices)
    if isinstance(kind, (click.IntRange, click.FloatRange)):
        return f"{'' if kind.min is None else kind.min}..{'' if kind.max is None else kind.max}"
    return error.message if kind is None else kind.name.upper()
