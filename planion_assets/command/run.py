"""Running the job `refresh` in this process, on the Dagster instance of the working directory.

What is printed while it runs is in `planion_assets.command.report`.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import dagster as dg
import yaml

from planion_assets.assets.emission import SKIP_UNCHANGED
from planion_assets.command.report import Report
from planion_assets.command.stopping import Signals
from planion_assets.config import Config
from planion_assets.definitions import defs
from planion_assets.keys import ConferenceKey
from planion_assets.partitions import conferences

_PARTITION = "dagster/partition"
_RANGE_START = "dagster/asset_partition_range_start"
_RANGE_END = "dagster/asset_partition_range_end"
# Of an instance that this command makes: nothing is sent anywhere unless a person says so.
_SETTINGS = "telemetry:\n  enabled: false\n"
# Dagster's own console lines would drown ours; everything is in the instance's event log.
_QUIET: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def refresh_all(
    settings: Config, wanted: Sequence[ConferenceKey], signals: Signals | None = None, *, allow_shrink: bool = False
) -> bool:
    """Refresh the conferences through Dagster and print a line for each. True if every one succeeded.

    Ends after the run that one of `signals` has interrupted.
    """
    ops = {"conference_tables": {"config": {"allow_shrink": allow_shrink}}}
    with _instance() as instance, Report(settings, len(wanted), signals) as report:
        instance.add_dynamic_partitions(_name(), [str(key) for key in settings.keys()])
        registered = instance.get_dynamic_partitions(_name())
        for first, last in contiguous([str(key) for key in wanted], registered):
            failed_before = len(report.summary.failed)
            result = defs.resolve_job_def("refresh").execute_in_process(
                instance=instance,
                # What Dagster knows already is not told again: this command may well run every few minutes.
                tags={SKIP_UNCHANGED: "true"}
                | ({_PARTITION: first} if first == last else {_RANGE_START: first, _RANGE_END: last}),
                run_config={**_QUIET, "ops": ops},
                raise_on_error=False,
            )
            if signals and signals.first:
                return False
            if not result.success and len(report.summary.failed) == failed_before:
                report.broken(first if first == last else f"{first}...{last}", _reason(result))
    return not report.summary.failed and report.summary.refreshed == len(wanted)


def contiguous(wanted: Sequence[str], registered: Sequence[str]) -> list[tuple[str, str]]:
    """The ranges (first, last) of registered keys, in their order, that hold exactly the wanted ones.

    Dagster takes the keys of a run as a range in the order in which they were registered (docs/design.md, Runs).
    """
    ranges: list[tuple[str, str]] = []
    chosen = set(wanted)
    goes_on = False
    for key in registered:
        if key not in chosen:
            goes_on = False
        elif goes_on:
            ranges[-1] = (ranges[-1][0], key)
        else:
            ranges.append((key, key))
            goes_on = True
    return ranges


def _instance() -> dg.DagsterInstance:
    """The instance in DAGSTER_HOME, or in .dagster below the current directory, which is made where missing."""
    home = Path(os.environ.setdefault("DAGSTER_HOME", str(Path(".dagster").absolute())))
    if not home.exists():
        home.mkdir(parents=True)
        (home / "dagster.yaml").write_text(_SETTINGS, encoding="utf-8")
    try:
        return dg.DagsterInstance.get()
    except (dg.DagsterError, yaml.YAMLError) as error:
        problem = " ".join(str(error).split())
        click.echo(f"the Dagster instance in {home} cannot be used: {problem}", err=True)
        raise SystemExit(2) from error


def _name() -> str:
    if conferences.name is None:
        raise AssertionError("the partitions definition is declared with a name")
    return conferences.name


def _reason(result: dg.ExecuteInProcessResult) -> str:
    """Why a run failed that did not get as far as a conference."""
    for event in result.all_events:
        if event.is_step_failure and event.step_failure_data.error:
            return event.step_failure_data.error.message.strip()
    return "the run failed before its first step; its log in Dagster has the reason"
