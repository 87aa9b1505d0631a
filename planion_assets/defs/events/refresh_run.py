"""The loop that the asset and the op share: refresh the conferences of a run, and report what became of each.

What an event says is in `planion_assets.defs.events.metadata`, which assets get one in
`planion_assets.defs.events.policy`.
"""

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field

from planion_assets.config import ConfigError
from planion_assets.daemon_threads import DaemonThreadPool
from planion_assets.defs.automation.run_tags import data_tag
from planion_assets.defs.checks.current_verdicts import CurrentVerdicts, current_verdicts
from planion_assets.defs.dagster_internals import tag_run
from planion_assets.defs.events.policy import EventPolicy
from planion_assets.defs.latest_materializations import LatestMaterializations
from planion_assets.defs.names import Names
from planion_assets.defs.resources import PlanionResource
from planion_assets.keys import ConferenceKey
from planion_assets.tables.model import TableSpec

if TYPE_CHECKING:
    from planion_assets.refresh.outcomes import Refreshed
    from planion_assets.refresh.summary import Summary

Context = dg.AssetExecutionContext | dg.OpExecutionContext
ConferenceEvent = dg.AssetMaterialization | dg.MaterializeResult[Any] | dg.AssetCheckEvaluation


class RefreshConfig(dg.Config):
    """What a person may say for one run; a run without config is as safe as any scheduled one."""

    allow_shrink: bool = Field(
        default=False,
        description="true to store, in this run, conferences of which the feed lists no rows any more, or fewer than "
        "`feed.min_rows_kept` of the stored ones, or which would lose as much of their sessions, speaker links, people "
        "or of what is published. Such a conference is refused otherwise: look first whether that is really so.",
    )


@dataclass(frozen=True, slots=True)
class RefreshTask:
    """What a run is to refresh, and how it reports that.

    `unusable` has the reason for each name that is none of a conference to refresh. `single` reports outputs, which a
    run over one partition does. `event_policy` asks Dagster what it knows; it is called once, in another thread, and
    has returned before the first event. `allowing_run` says of a conference which run would let it shrink, where
    that is not a run of its partition.
    """

    names: Names
    keys: Sequence[ConferenceKey]
    selected: Sequence[TableSpec]
    event_policy: Callable[[], EventPolicy]
    unusable: Mapping[str, str] = field(default_factory=dict)
    planned_checks: Collection[dg.AssetCheckKey] = ()
    single: bool = False
    allow_shrink: bool = False
    allowing_run: Callable[[ConferenceKey], str] | None = None


def tag_conference(context: Context, key: ConferenceKey) -> None:
    """Tag a run that is about one conference, however it was launched, so that runs can be found by it."""
    tags = {"planion/account": key.account, "planion/conference": key.conference}
    tag_run(context.instance, context.run.run_id, tags)


def report_refresh(context: Context, planion: PlanionResource, task: RefreshTask) -> Iterator[ConferenceEvent]:
    """Refresh each conference of a task and report what it made; fail at the end, naming those that failed."""
    # Imported here: a code location loads without pyarrow and requests, which only a run needs.
    from planion_assets.refresh.outcomes import Failed
    from planion_assets.refresh.run import refresh
    from planion_assets.refresh.summary import Summary

    summary = Summary(dict(task.unusable))
    try:
        store, data = planion.writable_store(), data_tag(planion.settings())
    except ConfigError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    if not data.items() <= context.run.tags.items():  # what was launched from the UI does not say it yet
        tag_run(context.instance, context.run.run_id, data)
    options = partial(planion.options, allow_shrink=task.allow_shrink, allowing_run=task.allowing_run)
    unreported: list[tuple[Refreshed, set[str]]] = []
    # Dagster answers while the feed is read, and before the first event of this run.
    outcomes = refresh(task.keys, task.selected, store, planion.client, options)
    # A signal may come while Dagster stores an event of this generator, which then stays suspended for as long as
    # Dagster keeps it, up to the end of the process: so the refresh ends with the run's resources at the latest.
    planion.at_teardown(outcomes.close)
    with DaemonThreadPool(1, "dagster") as pool, contextlib.closing(outcomes):
        asked = pool.submit(task.event_policy)
        verdicts = pool.submit(current_verdicts, context.instance, task.names)
        for outcome in outcomes:
            summary.add(outcome)
            planion.outcome(outcome)
            if isinstance(outcome, Failed):
                context.log.error(f"{outcome.key} failed: {outcome.reason}")
                continue
            decision = asked.result()
            needed, rest = decision.split(outcome)
            if needed or decision.planned:  # else a line for each conference is most of what a quiet run leaves
                told = f"{outcome.key} {outcome.state} in {outcome.seconds:.1f} s; {len(needed)} assets reported"
                context.log.info(told)
            yield from _events(context, task, outcome, needed, summary=summary, verdicts=verdicts.result())
            if rest and decision.planned:
                unreported.append((outcome.without_items(), rest))
        asked.result()  # which nobody has waited for where every conference failed
        if summary.failed:
            # Dagster calls every partition failed that a failing run had planned and does not report.
            for outcome, rest in unreported:
                yield from _events(context, task, outcome, rest, summary=summary, verdicts=verdicts.result())
    context.log.info(str(summary))
    if summary.failed:
        raise _failure(summary.failed, len(task.keys) + len(task.unusable))


def _events(
    context: Context,
    task: RefreshTask,
    outcome: "Refreshed",
    tables: Collection[str],
    *,
    summary: "Summary",
    verdicts: CurrentVerdicts,
) -> Iterator[ConferenceEvent]:
    """An event for each of those assets of a conference, and the verdicts that are due.

    A stored file that cannot be read is a failure of the conference.
    """
    from planion_assets.defs.checks.evaluate import evaluations
    from planion_assets.defs.events.metadata import reports
    from planion_assets.storage.store import StoreError

    latest = LatestMaterializations(context.instance, outcome.key, task.names)
    try:
        for report in list(reports(outcome, tables)):
            if "reason" in report.metadata:
                context.log.info(f"{outcome.key}: no {report.declared.name}: {report.metadata['reason']}")
            if task.single:
                yield report.result(task.names)
            else:
                yield report.materialization(outcome.key, task.names, _pointers(latest, report.declared))
        # After the tables' own events, which the verdicts name as what they are about.
        planned = task.planned_checks
        due = evaluations(latest, outcome, planned, verdicts, task.names, reported=bool(tables))
        yield from list(due)
    except (StoreError, OSError) as error:
        summary.fail(outcome.key, str(error))


def _failure(failures: Mapping[str, str], total: int) -> dg.Failure:
    """The failure of a run, which names the conferences in order, however they came to fail."""
    ordered = dict(sorted(failures.items()))
    lines = [f"{key}: {reason}" for key, reason in ordered.items()]
    return dg.Failure(
        f"{len(failures)} of {total} conferences failed:\n" + "\n".join(lines),
        metadata=ordered,
        allow_retries=False,
    )


def _pointers(latest: LatestMaterializations, declared: TableSpec) -> dict[str, int]:
    """The storage id of the latest materialization of each table upstream."""
    found = {upstream: latest.of(upstream) for upstream in declared.upstream}
    return {upstream: record.storage_id for upstream, record in found.items() if record}
