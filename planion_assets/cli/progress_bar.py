"""The progress bar of a refresh on a terminal. Apart from `refresh_report`, since output to a pipe needs no rich."""

from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Bar:
    """A bar below the lines that are printed through it, gone when it stops."""

    def __init__(self, terminal: TextIO, total: int) -> None:
        self._console = Console(file=terminal, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("refreshing", total=total)

    def start(self) -> None:
        """Show it."""
        self._progress.start()

    def stop(self) -> None:
        """Take it away."""
        self._progress.stop()

    def print(self, text: str) -> None:
        """A line above the bar."""
        self._console.print(text)

    def advance(self) -> None:
        """One conference more."""
        self._progress.advance(self._task)
