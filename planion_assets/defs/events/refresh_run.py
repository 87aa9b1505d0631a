"""The loop that the asset and the op share: refresh the conferences of a run, and report what became of each."""

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field

from planion_assets.config import Config, ConfigError
from planion_assets.daemon_threads import DaemonThreadPool
from planion_assets.defs.assets.overviews import overview_events, write_overviews
from planion_assets.defs.automation.run_tags import data_tag
from planion_assets.defs.checks import refreshed
from planion_assets.defs.checks.current_verdicts import CurrentVerdicts, current_verdicts
from planion_assets.defs.dagster_internals import tag_run
from planion_assets.defs.events.failed_conferences import failed_tag, failure_events
from planion_assets.defs.events.policy import EventPolicy
from planion_assets.defs.latest_materializations import LatestMaterializations
from planion_assets.defs.names import Names
from planion_assets.defs.resources import PlanionResource
from planion_assets.keys import ConferenceKey
from planion_assets.storage.errors import StoreError
from planion_assets.tables.model import TableSpec

if TYPE_CHECKING:
    from planion_assets.refresh.outcomes import Failed, Outcome, Refreshed
    from planion_assets.refresh.summary import Summary
    from planion_assets.storage.store import Store

Context = dg.AssetExecutionContext | dg.OpExecutionContext
ConferenceEvent = dg.AssetMaterialization | dg.MaterializeResult[Any] | dg.AssetCheckEvaluation | dg.AssetObservation


class RefreshConfig(dg.Config):
    """What a person may allow in one run."""

    allow_shrink: bool = Field(
        default=False,
        description="true to store, in this run, conferences of which the feed lists no rows any more, or fewer than "
        "`feed.min_rows_kept` of the stored ones, or which would lose as much of their sessions, speaker links, people "
        "or of what is published. Such a conference is refused otherwise: look first whether that is really so.",
    )


@dataclass(frozen=True, slots=True)
class RefreshTask:
    """What a run is to refresh, and how it reports that.

    `unusable` has the reason for each name that is not one of a conference to refresh. `single` reports outputs, which
    a run over one partition does. `event_policy` asks Dagster what it knows; it is called once, in another thread, and
    returns before the first event. `allowing_run` names the run that would let a conference shrink, where that is not a
    run of its partition. `rerun` gives the configuration of a run over some of the conferences.
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
    rerun: Callable[[Sequence[str]], Mapping[str, Any]] | None = None

    @property
    def is_of_one(self) -> bool:
        """Whether the run is about one conference."""
        return len(self.keys) == 1

    @property
    def reads_sessions(self) -> bool:
        """Whether the feed is asked for the sessions."""
        return any(declared.name == refreshed.TABLE for declared in self.selected)


def parsed_keys(names: Iterable[str], settings: Config | None = None) -> tuple[list[ConferenceKey], dict[str, str]]:
    """The conferences of these names, and why each of the other names is not one of a conference in the settings."""
    keys: list[ConferenceKey] = []
    failures: dict[str, str] = {}
    for name in names:
        try:
            key = ConferenceKey.parse(name)
            if settings:
                settings.conference(key)
            keys.append(key)
        except (ValueError, ConfigError) as error:
            failures[name] = str(error)
    return keys, failures


def report_refresh(context: Context, planion: PlanionResource, task: RefreshTask) -> Iterator[ConferenceEvent]:
    """Refresh each conference of a task and report what became of it.

    Fails at the end, naming those that failed, where the run planned each of them, and where it refreshed none.
    """
    # Imported here: a code location loads without pyarrow and requests, which only a run needs.
    from planion_assets.defs.events.share_summary import share_summary
    from planion_assets.refresh.run import refresh
    from planion_assets.refresh.summary import Summary

    run = _Run(context, task, Summary(dict(task.unusable)))
    store = _claimed(context, planion)
    options = partial(planion.options, allow_shrink=task.allow_shrink, allowing_run=task.allowing_run)
    # Dagster answers while the feed is read, and before the first event of this run.
    outcomes = refresh(task.keys, task.selected, store, planion.client, options, interrupts=planion.interrupts)
    # A signal may come while Dagster stores an event of this generator, which then stays suspended for as long as
    # Dagster keeps it, up to the end of the process: so the refresh ends with the run's resources at the latest.
    planion.at_teardown(outcomes.close)
    with DaemonThreadPool(1, "dagster") as pool, contextlib.closing(outcomes):
        policy_future = pool.submit(task.event_policy)
        verdicts_future = pool.submit(current_verdicts, context.instance, task.names)
        for outcome in outcomes:
            planion.outcome(outcome)
            yield from run.outcome_events(outcome, policy_future.result(), verdicts_future.result())
        policy = policy_future.result()
        yield from run.unreported_events(verdicts_future.result())
    if task.reads_sessions and (run.summary.refreshed or task.is_of_one or policy.planned):
        yield from failure_events(context, task, run.failures, policy)
    if run.is_news or run.failures:
        yield from overview_events(context.instance, planion, task.names)
    else:
        write_overviews(context, planion)
    if failed := run.summary.failed:
        tag_run(context.instance, context.run.run_id, failed_tag(failed))
    context.log.info(str(run.summary))
    if whole := share_summary(context, run.summary):
        context.log.info(whole)
    if failed and (policy.planned or task.unusable or not run.summary.refreshed):
        raise _failure(failed, len(task.keys) + len(task.unusable))


def _claimed(context: Context, planion: PlanionResource) -> "Store":
    """The store to write to, which the run is tagged with. Raises `dg.Failure`."""
    try:
        store, data = planion.writable_store(), data_tag(planion.settings())
    except ConfigError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    if not data.items() <= context.run.tags.items():  # what was launched from the UI does not say it yet
        tag_run(context.instance, context.run.run_id, data)
    return store


@dataclass(slots=True)
class _Run:
    """The outcomes of a run so far, and their events."""

    context: Context
    task: RefreshTask
    summary: "Summary"
    is_news: bool = False
    failures: "list[Failed]" = field(default_factory=list)
    _unreported: "list[tuple[Refreshed, set[str]]]" = field(default_factory=list)

    def outcome_events(
        self, outcome: "Outcome", policy: EventPolicy, verdicts: CurrentVerdicts
    ) -> Iterator[ConferenceEvent]:
        """The events of a conference that is refreshed; one that failed has its own at the end of the run."""
        from planion_assets.refresh.outcomes import Failed

        self.summary.add(outcome)
        if isinstance(outcome, Failed):
            self.context.log.error(f"{outcome.key} failed: {outcome.reason}")
            self.failures.append(outcome)
            return
        needed, rest = policy.split(outcome)
        if needed or policy.planned:  # a line for each unchanged conference would be most of what a run stores
            text = f"{outcome.key} {outcome.state} in {outcome.seconds:.1f} s; {len(needed)} assets reported"
            self.context.log.info(text)
        self.is_news |= bool(needed or outcome.problems or outcome.failure_before)
        yield from self._events(outcome, needed, verdicts)
        if rest and policy.planned:
            self._unreported.append((outcome.without_items(), rest))

    def unreported_events(self, verdicts: CurrentVerdicts) -> Iterator[ConferenceEvent]:
        """The events of unchanged tables, where a conference failed.

        Dagster shows every partition as failed that a failing run had planned and does not report.
        """
        for outcome, rest in self._unreported if self.summary.failed else ():
            yield from self._events(outcome, rest, verdicts)

    def _events(
        self, outcome: "Refreshed", tables: Collection[str], verdicts: CurrentVerdicts
    ) -> Iterator[ConferenceEvent]:
        """An event for each of those assets of a conference, and the verdicts that are due.

        Where a stored file cannot be read the conference has failed, and nothing of it is reported.
        """
        from planion_assets.defs.checks.evaluate import judge
        from planion_assets.defs.events.metadata import reports

        task, names = self.task, self.task.names
        latest = LatestMaterializations(self.context.instance, outcome.key, names)
        problem = "; ".join(outcome.problems) or None
        try:
            found = list(reports(outcome, tables))
            judged = judge(outcome, task.planned_checks, verdicts, names, reported=bool(tables))
        except (StoreError, OSError) as error:
            self.summary.fail(outcome.key, str(error))
            return
        with one_transaction(self.context.instance):
            for report in found:
                if "reason" in report.metadata:
                    self.context.log.info(f"{outcome.key}: no {report.declared.name}: {report.metadata['reason']}")
                if task.single:
                    yield report.result(names)
                else:
                    yield report.materialization(outcome.key, names, latest.storage_ids(report.declared.upstream))
            # After the tables' own events, which the verdicts name as what they are about.
            for check in judged:
                yield check.verdict(latest, verdicts, names)
            due = problem or outcome.failure_before or refreshed.TABLE in tables
            if task.reads_sessions and (due or names.check_key(refreshed.TABLE, refreshed.NAME) in task.planned_checks):
                yield refreshed.evaluation(outcome, problem, latest, names)


def one_transaction(instance: dg.DagsterInstance) -> contextlib.AbstractContextManager[object]:
    """Store the events of the block in one transaction, where the storage can (`defs/pooled_sqlite_storage.py`).

    So a conference costs one wait for the disk. Another process sees the events of the block all at once.
    """
    begin: Callable[[], contextlib.AbstractContextManager[object]] = getattr(
        instance.event_log_storage, "one_transaction", contextlib.nullcontext
    )
    return begin()


def _failure(failures: Mapping[str, str], total: int) -> dg.Failure:
    """The failure of a run, which names the conferences that failed in their order."""
    ordered = dict(sorted(failures.items()))
    lines = "\n".join(f"{key}: {reason}" for key, reason in ordered.items())
    return dg.Failure(f"{len(ordered)} of {total} conferences failed:\n{lines}", metadata=ordered, allow_retries=False)
