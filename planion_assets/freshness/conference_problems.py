"""Which verdicts on a conference are a problem that is reported. Pure.

A conference that is not refreshed, content that is stale and files that nobody can use are three problems.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from planion_assets.freshness.alarms import Problem, cause_of
from planion_assets.freshness.survey import Surveyed
from planion_assets.freshness.verdicts import Level, State

REFRESH, CONTENT, FILES = "refresh", "content", "files"


def problems(surveyed: Iterable[Surveyed]) -> Iterator[Problem]:
    """The problems of conferences, from their verdicts. One that is over or not configured has none."""
    for one in surveyed:
        key = str(one.facts.key)
        if one.reading.level is not Level.OK:
            yield _not_read(one, key)
        if one.freshness.level is Level.ERROR:
            yield Problem(CONTENT, key, one.freshness.message, one.freshness.state)
        if one.quality.level is Level.ERROR and one.quality.state is State.UNREADABLE:
            yield Problem(FILES, key, one.quality.message, one.quality.state)


def _not_read(one: Surveyed, key: str) -> Problem:
    """An attempt that fails, and that nothing is read: one problem, since the first brings the second in time."""
    if failure := one.facts.failure:
        cause, level = cause_of(failure.reason, key), one.reading.level
        return Problem(REFRESH, key, failure.reason, cause, level, failure.since, failure.attempts)
    # One that was just added to the file waits for the next refresh.
    waits = one.reading.state is State.NEVER_READ and one.facts.limits
    patience = one.facts.limits.read if waits and one.facts.limits else timedelta()
    return Problem(REFRESH, key, one.reading.message, one.reading.state, since=one.facts.last_read, patience=patience)
