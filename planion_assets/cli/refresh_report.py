"""What a refresh prints: a line per conference as it ends, a progress bar on a terminal, a sum at the end."""

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from planion_assets.cli.console import has_rich
from planion_assets.cli.signals import Signals
from planion_assets.cli.streams import lost, own
from planion_assets.config import Config
from planion_assets.freshness.verdicts import no_sessions
from planion_assets.refresh.outcomes import Failed, Refreshed
from planion_assets.refresh.summary import Summary

if TYPE_CHECKING:
    from planion_assets.cli.progress_bar import Bar


class Report:
    """Prints what came of each conference, errors to stderr; a context manager around the run.

    `summary` counts conferences.
    """

    def __init__(self, settings: Config, total: int, signals: Signals | None = None) -> None:
        # Dagster redirects the standard streams into its compute logs while a step runs; these stay ours.
        self._out, self._err = own(sys.stdout), own(sys.stderr)
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
        if reason := lost(self._out):
            self._complain(f"standard output took only a part of the report ({reason}); the refresh was not disturbed")
        for stream in {self._out, self._err} - {sys.stdout, sys.stderr}:
            stream.close()

    def add(self, outcome: Refreshed | Failed) -> None:
        """Count and print the outcome of one conference. Raises KeyboardInterrupt if a signal has come."""
        self.summary.add(outcome)
        if isinstance(outcome, Refreshed):
            sessions = outcome.stored("sessions")
            self._rows += sessions.footer.rows if sessions else 0
            self._say(line(outcome))
            for problem in outcome.problems:
                self._complain(f"{outcome.key}  failed in part: {problem}")
        else:
            self._complain(f"{outcome.key}  failed: {outcome.reason}")
        if self._bar:
            self._bar.advance(self._bar.conferences)
        if self._signals:
            self._signals.check()

    def broken(self, keys: str, reason: str) -> None:
        """Count and print that a run over those conferences failed before it refreshed any."""
        self.summary.failed[keys] = reason
        self._complain(reason)

    def _say(self, text: str) -> None:
        if self._bar:
            self._bar.console.print(text)
        else:
            print(text, file=self._out, flush=True)

    def _complain(self, message: str) -> None:
        print(message, file=self._err, flush=True)


def line(outcome: Refreshed) -> str:
    """One conference in one line: sessions, links, pages, newest update (UTC), what became of it, seconds, file."""
    sessions, links = outcome.stored("sessions"), outcome.stored("session_speakers")
    if sessions is None or links is None:
        return f"{outcome.key!s:<18} {len(outcome.tables)} tables {outcome.seconds:>6.1f} s"
    updated, reading = outcome.updated_range, sessions.content.reading
    newest = f"{updated[1]:%Y-%m-%d %H:%M:%S}" if updated else "-"
    hint = "" if sessions.footer.rows else f"  {no_sessions(outcome.key)}"
    return (
        f"{outcome.key!s:<18} {sessions.footer.rows:>6} sessions {links.footer.rows:>6} speaker links "
        f"{reading.pages if reading else 0:>4} pages  newest {newest:<19}  {outcome.state:<9} "
        f"{outcome.seconds:>6.1f} s  {display_path(sessions.footer.address)}{_rebuilt(outcome)}{hint}"
    )


def _rebuilt(outcome: Refreshed) -> str:
    """How many tables were written though the feed has not changed: they were missing, or made by other code."""
    count = 0 if outcome.changed else sum(stored.written for stored in outcome.tables)
    return f"  ({count} of {len(outcome.tables)} tables rebuilt)" if count else ""


def display_path(address: str | Path) -> str:
    """A path or address to print: a path is relative where it lies below the current directory."""
    if "://" in str(address):
        return str(address)
    path = Path(address)
    with contextlib.suppress(FileNotFoundError):  # that directory may have been deleted
        return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
    return str(path)


def _bar(stream: TextIO, total: int) -> "Bar | None":
    if not stream.isatty() or not has_rich():
        return None
    # Imported here: only a terminal needs rich.
    from planion_assets.cli.progress_bar import Bar

    return Bar(stream, total)
