"""What `planion verify` prints: a line for each stored file that is not what it should be, and a sum.

What verification finds and repairs is in `planion_assets.verify`. A raw table that is lost is refreshed from the feed.
"""

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import click

from planion_assets.cli.console import display_path
from planion_assets.cli.signals import Signals
from planion_assets.config import Config
from planion_assets.guide import without_see
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.stores import store_of
from planion_assets.storage.atomic_write import refusal
from planion_assets.storage.files import Files
from planion_assets.storage.last_read import note_verified
from planion_assets.storage.store import Store
from planion_assets.verify.findings import Finding, Verified
from planion_assets.verify.verification import all_keys, verify


class _Report:
    """Prints what is found of these files as it comes, and counts it."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.conferences = self.files = self.mended = self.damaged = self.failed = 0

    def count(self, found: Verified) -> None:
        """Count what was looked at."""
        self.conferences += found.key is not None
        self.files += found.files

    def add(self, found: Verified) -> None:
        """Print and count what was found of one conference, or of the folders; what stays damaged goes to stderr."""
        self.mended += len(found.mended)
        self.damaged += len(found.damages)
        self.failed += found.failure is not None
        for finding in found.mended:
            click.echo(f"mended: {without_see(self._line(finding)).removesuffix(f'; {finding.remedy}')}")
        for finding in found.findings:
            click.echo(self._line(finding), err=finding.is_damage)
        if found.failure is not None:
            click.echo(f"{found.key or 'the folder of the tables'}  not verified: {found.failure}", err=True)

    def sum(self) -> str:
        """What was counted."""
        parts = [f"{self.conferences} conferences and {self.files} files verified", f"{self.damaged} damaged"]
        parts += [f"{self.mended} mended"] if self.mended else []
        parts += [f"{self.failed} not verified"] if self.failed else []
        return ", ".join(parts)

    def _line(self, finding: Finding) -> str:
        return finding.line(display_path(self._files.address(finding.name)))


def unknown(settings: Config, keys: Sequence[ConferenceKey]) -> str | None:
    """Why one of these conferences cannot be verified: it is neither configured nor stored. None where all are."""
    try:
        known = set(all_keys(settings, store_of(settings)))
    except OSError as error:
        return refusal(error)
    missing = [str(key) for key in dict.fromkeys(keys) if key not in known]
    return f"neither configured nor stored: {', '.join(missing)}; `planion status` lists all" if missing else None


def verify_stored(
    settings: Config, keys: Sequence[ConferenceKey] | None, signals: Signals | None = None, *, repair: bool = False
) -> bool:
    """Verify those conferences, all without `keys`, and print what is found. True if everything is right in the end."""
    started = time.monotonic()
    store = store_of(settings)
    report = _Report(store.files)
    lost: dict[ConferenceKey, Verified] = {}
    for found in verify(settings, store, keys, repair=repair):
        report.count(found)
        if found.reread and found.key:
            lost[found.key] = found
        else:
            report.add(found)
    if lost:
        _refresh_lost(settings, store, lost, signals, report)
        if signals and signals.first:
            return False
    if keys is None:
        with contextlib.suppress(OSError):  # then the schedule verifies once more
            note_verified(store.files, datetime.now(UTC))
    click.echo(f"{report.sum()}; {time.monotonic() - started:.1f} s; tables in {display_path(settings.data)}")
    return not report.damaged and not report.failed


def _refresh_lost(
    settings: Config, store: Store, lost: Mapping[ConferenceKey, Verified], signals: Signals | None, report: _Report
) -> None:
    """Refresh conferences whose raw tables are lost, and verify them once more."""
    # Imported here: nothing else needs Dagster and the feed.
    from planion_assets.cli.refresh import refresh_all

    click.echo(f"what only the feed has is lost of {len(lost)} conferences and set aside: reading the feed")
    refresh_all(settings, list(lost), signals)
    if signals and signals.first:
        return
    for found in verify(settings, store, lost, repair=True):
        report.add(replace(found, mended=lost[found.key].damages) if found.key and found.is_right else found)
