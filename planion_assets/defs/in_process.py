"""One run of the job `refresh_active` in this process, without a daemon and a UI: what `planion refresh` runs."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import dagster as dg

from planion_assets.config import Config, ConfigError
from planion_assets.defs.automation.refresh_active import refresh_active_job, run_config
from planion_assets.defs.automation.run_tags import COMMAND, data_tag
from planion_assets.defs.dagster_internals import (
    kept_connections,
    runs_of_location,
    without_output_capture,
)
from planion_assets.defs.instance import where
from planion_assets.defs.names import STANDALONE
from planion_assets.defs.resources import PlanionResource
from planion_assets.guide import GuidedError, Heading
from planion_assets.keys import ConferenceKey

if TYPE_CHECKING:
    from planion_assets.refresh.outcomes import Outcome

# Without Dagster's console lines; all of them are in the instance's event log.
_QUIET: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class NotNotedError(GuidedError):
    """Dagster's storage failed, so the run could not be stored. The message is one line."""

    heading = Heading.DAGSTER_STORAGE


@contextlib.contextmanager
def first_page_requested(settings: Config, wanted: Sequence[ConferenceKey]) -> Iterator[PlanionResource]:
    """The resource of the run that the block executes. It has requested the first page already.

    The page comes while Dagster's storage is loaded, which takes 0.4 s.
    """
    resource = PlanionResource(sandbox=settings.uses_sandbox_content)
    try:
        with contextlib.suppress(ConfigError, OSError):  # an account without a token, say: the run reports it
            for key in wanted[:1]:
                resource.client(key).prefetch_first_page(key)
        yield resource
    finally:
        resource.close()


def execute(
    instance: dg.DagsterInstance,
    settings: Config,
    wanted: Sequence[ConferenceKey],
    resource: PlanionResource,
    at_outcome: "Callable[[Outcome], object]",
    *,
    allow_shrink: bool,
) -> str | None:
    """Run the job without loading the code location's other definitions. Raises `NotNotedError`.

    `at_outcome` is called with the outcome of each conference. Returns why the run failed where no conference's
    failure says it; None where one does, and where the run succeeded.
    """

    @dg.resource
    def planion(context: dg.InitResourceContext) -> Iterator[PlanionResource]:
        resource.at_outcome(at_outcome)
        try:
            yield resource
        finally:
            resource.close()

    names = replace(STANDALONE, endpoints=settings.endpoints())
    try:
        with (
            kept_connections(instance),
            without_output_capture(instance),
            runs_of_location(instance, "planion_assets.definitions"),
        ):
            result = refresh_active_job(names).execute_in_process(
                instance=instance,
                resources={names.resource_key: planion},
                tags={**data_tag(settings), COMMAND: "true"},
                run_config=_QUIET | run_config(names, allow_shrink=allow_shrink, **_which(settings, wanted)),
                raise_on_error=False,
            )
    except Exception as error:  # of Dagster's storage: what fails in a step is in the result
        raise NotNotedError(f"Dagster could not note the run in {where(instance, error)}") from error
    return None if result.success else _reason(result)


def _which(settings: Config, wanted: Sequence[ConferenceKey]) -> dict[str, Any]:
    """Which conferences the run reads. A list of all would be stored with every run."""
    if set(wanted) == set(settings.keys()):
        return {"ended_too": True}
    return {"conferences": [str(key) for key in wanted]}


def _reason(result: dg.ExecuteInProcessResult) -> str | None:
    """Why a run failed; None where it names the conferences that failed, and nothing else did."""
    failures = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    if failures and all(failure.user_failure_data is not None for failure in failures):
        return None
    for failure in failures:
        if failure.error:
            # Its first line: a database's next ones are the statement and its values.
            return failure.error.message.strip().partition("\n")[0]
    return "the run failed before its first step; its log in Dagster has the reason"
