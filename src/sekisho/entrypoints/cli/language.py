"""Which language a command speaks: Japanese, unless it or the terminal's locale asks for English."""

import os

import click

LANGUAGES = ("ja", "en")
LANGUAGE = click.option(
    "--language", type=click.Choice(LANGUAGES), help="ja or en  [default: the terminal's locale, else ja]"
)


def spoken(asked: str | None = None) -> str:
    """What was asked for, else what the locale says: `en_…` is English, everything else Japanese."""
    if asked:
        return asked
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "en" if locale.split(".")[0].split("_")[0] == "en" else "ja"
