"""The progress bar of a refresh on a terminal. Apart from `refresh_report`, since output to a pipe needs no rich."""

from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Bar(Progress):
    """A bar below the lines that are printed on its console, gone when it stops."""

    def __init__(self, terminal: TextIO, total: int) -> None:
        super().__init__(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(file=terminal, highlight=False, markup=False, emoji=False, soft_wrap=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self.conferences = self.add_task("refreshing", total=total)
