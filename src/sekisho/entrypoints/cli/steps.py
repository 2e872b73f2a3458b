"""A progress bar over the steps of an erasure or a sweep."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Step = Callable[[int, int | None, str], None]  # done, of how many (None: not known yet), what


@contextmanager
def stepping(title: str, *, quiet: bool = False) -> Generator[Step]:
    """A callable to tell of each step. It draws on standard error, so that what is piped stays clean."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[what]}"),
    )
    console = Console(stderr=True)
    # Where nobody watches, a bar would leave an empty line behind.
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal, transient=True) as progress:
        task = progress.add_task(title, total=None, what="")

        def step(done: int, total: int | None, what: str) -> None:
            progress.update(task, completed=done, total=total, what=what)

        yield step
