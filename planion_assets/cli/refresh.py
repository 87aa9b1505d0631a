"""Running the job `refresh_active` in this process, on the Dagster instance of the working directory.

What is printed while it runs is in `planion_assets.cli.refresh_report`.
"""

import importlib
from collections.abc import Sequence
from typing import Any

import click
import dagster as dg

from planion_assets.cli.garbage import kept
from planion_assets.cli.refresh_report import Report
from planion_assets.cli.signals import Signals
from planion_assets.config import Config
from planion_assets.defs.automation.refresh_active import refresh_active, refresh_conferences
from planion_assets.defs.automation.run_tags import data_tag
from planion_assets.defs.instance import InstanceError, opened, where
from planion_assets.defs.output_capture import without_interrupts
from planion_assets.defs.pooled_sqlite_storage import held_open
from planion_assets.defs.resources import PlanionResource
from planion_assets.keys import ConferenceKey
from planion_assets.refresh import process_tuning as memory

_OP = refresh_conferences.name
_IMPORTED = ("planion_assets.refresh.conference", "planion_assets.feed.gate", "planion_assets.defs.checks.evaluate")
# Dagster's own console lines would drown ours; everything is in the instance's event log.
_QUIET: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def refresh_all(
    settings: Config, wanted: Sequence[ConferenceKey], signals: Signals | None = None, *, allow_shrink: bool = False
) -> bool:
    """Refresh the conferences in one run of Dagster and print a line for each. True if every one succeeded."""
    with kept():
        # What the run would import while it goes on, and the search for garbage with it.
        for module in _IMPORTED:
            importlib.import_module(module)
        instance = _instance()
    # Frugal until the run has ended, not just the refresh: the search for garbage would come between the two.
    with instance, held_open(instance), memory.frugal(), Report(settings, len(wanted), signals) as report:
        if wanted:
            try:
                with without_interrupts(instance):
                    result = _executed(instance, settings, _config(settings, wanted, allow_shrink=allow_shrink))
            except Exception as error:  # noqa: BLE001 - what fails in a step is in the result: this is Dagster's storage
                report.broken(_names(wanted), f"Dagster could not note the run in {where(instance, error)}")
                return False
            if signals and signals.first:
                return False
            if not result.success and (_crashed(result) or not report.summary.failed):
                report.broken(_names(wanted), _reason(result))
    return not report.summary.failed and report.summary.refreshed == len(wanted)


def _executed(instance: dg.DagsterInstance, settings: Config, config: dict[str, Any]) -> dg.ExecuteInProcessResult:
    """Run the job alone: of all else that a code location has nothing is needed, nor loaded."""
    return refresh_active.execute_in_process(
        instance=instance,
        resources={"planion": PlanionResource(sandbox=settings.uses_sandbox_content)},
        tags=data_tag(settings),
        run_config={**_QUIET, "ops": {_OP: {"config": config}}},
        raise_on_error=False,
    )


def _config(settings: Config, wanted: Sequence[ConferenceKey], *, allow_shrink: bool) -> dict[str, Any]:
    """What the run is told. All conferences are not listed: the list would be stored with every run."""
    if set(wanted) == set(settings.keys()):
        return {"allow_shrink": allow_shrink, "ended_too": True}
    return {"allow_shrink": allow_shrink, "conferences": [str(key) for key in wanted]}


def _names(keys: Sequence[ConferenceKey]) -> str:
    return str(keys[0]) if len(keys) == 1 else f"{keys[0]}...{keys[-1]}"


def _instance() -> dg.DagsterInstance:
    """The instance of the working directory; one that cannot be used is a line on stderr and exit code 2."""
    try:
        return opened()
    except InstanceError as error:
        click.echo(str(error), err=True)
        raise SystemExit(2) from error


def _crashed(result: dg.ExecuteInProcessResult) -> bool:
    """Whether the run ended by something else than the failures of conferences that it names."""
    failures = (event.step_failure_data for event in result.all_events if event.is_step_failure)
    return any(failure.user_failure_data is None for failure in failures)


def _reason(result: dg.ExecuteInProcessResult) -> str:
    """Why a run failed that did not get as far as a conference."""
    for event in result.all_events:
        if event.is_step_failure and event.step_failure_data.error:
            # Its first line: a database's next ones are the statement and its values.
            return event.step_failure_data.error.message.strip().partition("\n")[0]
    return "the run failed before its first step; its log in Dagster has the reason"
