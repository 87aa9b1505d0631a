"""`planion refresh`: one run of Dagster, a line for each conference, a progress bar on a terminal.

Belongs here: what is printed during the run. The run itself is in `planion_assets.defs`.
"""

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from planion_assets.cli.command_options import refusing
from planion_assets.cli.console import display_path, has_rich
from planion_assets.cli.signals import Signals
from planion_assets.cli.streams import duplicate, write_error
from planion_assets.config import Config
from planion_assets.defs import in_process
from planion_assets.defs.instance import opened
from planion_assets.freshness.verdicts import no_sessions
from planion_assets.keys import ConferenceKey
from planion_assets.process_tuning import rare_collections
from planion_assets.refresh.outcomes import Failed, Refreshed
from planion_assets.refresh.summary import Summary

if TYPE_CHECKING:
    from rich.progress import Progress


def refresh_all(
    settings: Config, wanted: Sequence[ConferenceKey], signals: Signals | None = None, *, allow_shrink: bool = False
) -> bool:
    """Refresh the conferences in one run of Dagster and print a line for each. True if every one succeeded."""
    with in_process.first_page_requested(settings, wanted) as resource:
        with rare_collections(), refusing():  # an instance loads SQLAlchemy
            instance = opened()
        with instance, Report(settings, len(wanted), signals) as report:
            if wanted:
                try:
                    broken = in_process.execute(
                        instance, settings, wanted, resource, report.add, allow_shrink=allow_shrink
                    )
                except in_process.NotNotedError as error:
                    report.broken(wanted, str(error))
                    return False
                if signals and signals.first:
                    return False
                if broken:
                    report.broken(wanted, broken)
    return not report.summary.failed and report.summary.refreshed == len(wanted)


class Report:
    """Prints what came of each conference, errors to stderr; a context manager around the run.

    `summary` counts conferences.
    """

    def __init__(self, settings: Config, total: int, signals: Signals | None = None) -> None:
        # Dagster redirects the standard streams into its compute logs while a step runs; these stay ours.
        self._out, self._err = duplicate(sys.stdout), duplicate(sys.stderr)
        self._bar = _bar(self._out, total)
        self._settings = settings
        self._signals = signals
        self._started = time.monotonic()
        self._rows = 0
        self.summary = Summary()

    def __enter__(self) -> "Report":
        feed = "sandbox" if self._settings.is_sandbox else self._settings.feed.url
        self._say(f"feed: {feed}; settings: {self._settings.source}")
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()
        seconds = time.monotonic() - self._started
        self._say(
            f"{self.summary}; {self._rows} sessions, {seconds:.1f} s; tables in {display_path(self._settings.data)}"
        )
        if reason := write_error(self._out):
            self._complain(f"standard output took only a part of the report ({reason}); the refresh was not disturbed")
        for stream in {self._out, self._err} - {sys.stdout, sys.stderr}:
            stream.close()

    def add(self, outcome: Refreshed | Failed) -> None:
        """Count and print the outcome of one conference. Raises KeyboardInterrupt if a signal has come."""
        self.summary.add(outcome)
        if isinstance(outcome, Refreshed):
            sessions = outcome.stored("sessions")
            self._rows += sessions.footer.rows if sessions else 0
            self._say(_line(outcome))
            for problem in outcome.problems:
                self._complain(f"{outcome.key}  failed in part: {problem}")
        else:
            self._complain(f"{outcome.key}  failed: {outcome.reason}")
        if self._bar:
            self._bar.advance(self._bar.task_ids[0])
        if self._signals:
            self._signals.check()

    def broken(self, keys: Sequence[ConferenceKey], reason: str) -> None:
        """Count and print that a run over those conferences failed before it refreshed any."""
        name = str(keys[0]) if len(keys) == 1 else f"{keys[0]}...{keys[-1]}"
        self.summary.failed[name] = reason
        self._complain(reason)

    def _say(self, text: str) -> None:
        if self._bar:
            self._bar.console.print(text)
        else:
            print(text, file=self._out, flush=True)

    def _complain(self, message: str) -> None:
        print(message, file=self._err, flush=True)


def _line(outcome: Refreshed) -> str:
    """One conference in one line: sessions, links, pages, newest update (UTC), what became of it, seconds, file."""
    sessions, links = outcome.stored("sessions"), outcome.stored("session_speakers")
    if sessions is None or links is None:
        return f"{outcome.key!s:<18} {len(outcome.tables)} tables {outcome.seconds:>6.1f} s"
    updated, reading = outcome.updated_range, sessions.content.reading
    newest = f"{updated[1]:%Y-%m-%d %H:%M:%S}" if updated else "-"
    # Tables are written of an unchanged feed where they were missing, or made by other code.
    rebuilt = 0 if outcome.changed else sum(stored.written for stored in outcome.tables)
    return (
        f"{outcome.key!s:<18} {sessions.footer.rows:>6} sessions {links.footer.rows:>6} speaker links "
        f"{reading.pages if reading else 0:>4} pages  newest {newest:<19}  {outcome.state:<9} "
        f"{outcome.seconds:>6.1f} s  {display_path(sessions.footer.address)}"
        + (f"  ({rebuilt} of {len(outcome.tables)} tables rebuilt)" if rebuilt else "")
        + ("" if sessions.footer.rows else f"  {no_sessions(outcome.key)}")
    )


def _bar(stream: TextIO, total: int) -> "Progress | None":
    """A progress bar below the lines that are printed on its console, gone when it stops; None without a terminal."""
    if not stream.isatty() or not has_rich():
        return None
    # Imported here: only a terminal needs rich.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        *(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()),
        console=Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    bar.add_task("refreshing", total=total)
    return bar
