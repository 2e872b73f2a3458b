"""Groups of commands whose help says each command's first sentence whole, wrapped instead of cut."""

import click

WHOLE = 400  # characters: longer than any first sentence


class Commands(click.Group):
    """A group whose list of commands is not cut at the width of a line."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Name and first sentence of each command that is for people."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        shown = [(name, command) for name, command in found if command is not None and not command.hidden]
        rows = [(name, command.get_short_help_str(WHOLE)) for name, command in shown]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
