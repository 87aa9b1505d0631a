"""`planion refresh`: one run of Dagster in this process, and a line for each conference.

What is printed while it runs is in `planion_assets.cli.refresh_report`, the run itself in `planion_assets.defs`.
"""

from collections.abc import Sequence

from planion_assets.cli.command_options import refusing
from planion_assets.cli.refresh_report import Report
from planion_assets.cli.signals import Signals
from planion_assets.config import Config
from planion_assets.defs import in_process
from planion_assets.defs.instance import opened
from planion_assets.keys import ConferenceKey


def refresh_all(
    settings: Config, wanted: Sequence[ConferenceKey], signals: Signals | None = None, *, allow_shrink: bool = False
) -> bool:
    """Refresh the conferences in one run of Dagster and print a line for each. True if every one succeeded."""
    in_process.load()
    with in_process.first_page_requested(settings, wanted) as resource:
        with refusing():
            instance = opened()
        with instance, Report(settings, len(wanted), signals) as report:
            if wanted:
                try:
                    broken = in_process.execute(
                        instance, settings, wanted, resource, report.add, allow_shrink=allow_shrink
                    )
                except in_process.NotNotedError as error:
                    report.broken(_names(wanted), str(error))
                    return False
                if signals and signals.first:
                    return False
                if broken:
                    report.broken(_names(wanted), broken)
    return not report.summary.failed and report.summary.refreshed == len(wanted)


def _names(keys: Sequence[ConferenceKey]) -> str:
    return str(keys[0]) if len(keys) == 1 else f"{keys[0]}...{keys[-1]}"
