"""What a verdict is, and two of them: is the content fresh, and is the feed read. Pure: the instant is an argument.

Neither follows from the other: content that nobody edits is stale though it is read, and content is fresh for days
after the last read. The third verdict is in `planion_assets.freshness.quality`.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from planion_assets.freshness.zones import fitting_zone
from planion_assets.guide import Heading, see
from planion_assets.keys import ConferenceKey
from planion_assets.storage.last_read import Failure

CLOCK_SKEW = timedelta(hours=1)
"""How far in the future an update may be before the clock or the zone of one side is taken to be wrong."""
READ_INTERVALS = 3
"""After so many refresh intervals without a read, reading is late."""


class Level(StrEnum):
    """How bad a verdict is."""

    OK = "ok"
    WARN = "warn"
    ERROR = "error"


class State(StrEnum):
    """What a verdict says in a word or two."""

    FRESH = "fresh"
    STALE = "stale"
    NO_TIMESTAMPS = "no timestamps"
    IN_THE_FUTURE = "in the future"
    NO_SESSIONS = "no sessions"
    NOT_STORED = "not stored"
    UNREADABLE = "unreadable"
    READ = "read"
    LATE = "late"
    FAILING = "failing"
    NEVER_READ = "never read"
    USABLE = "usable"
    REJECTED_ITEMS = "rejected items"
    UNREADABLE_VALUES = "unreadable values"
    NO_SPEAKERS = "no speakers"
    OVER = "over"
    NOT_CONFIGURED = "not configured"


HEADINGS = {
    State.STALE: Heading.STALE,
    State.NO_TIMESTAMPS: Heading.NO_TIMESTAMPS,
    State.IN_THE_FUTURE: Heading.IN_THE_FUTURE,
    State.NO_SESSIONS: Heading.NO_SESSIONS,
    State.UNREADABLE: Heading.DAMAGED,
    State.LATE: Heading.NOT_READ,
    State.FAILING: Heading.NOT_READ,
    State.NEVER_READ: Heading.NOT_READ,
    State.REJECTED_ITEMS: Heading.REJECTED,
    State.UNREADABLE_VALUES: Heading.REJECTED,
    State.NO_SPEAKERS: Heading.NO_SPEAKERS,
}
"""The heading of the documents that says what to do about a bad state."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict, how bad it is, and the reason in words for a person, with what to do if it is bad."""

    state: State
    level: Level
    reason: str

    @property
    def message(self) -> str:
        """The reason, and where to read on if it is bad; the reason of a failure names the heading of its own kind."""
        return self.reason if self.level is Level.OK else see(self.reason, HEADINGS[self.state])


@dataclass(frozen=True, slots=True)
class FreshnessLimits:
    """What is configured: the ages of `session_updated_at` that are a warning and an error, the refresh interval."""

    warn: timedelta
    error: timedelta
    refresh_interval: timedelta

    @property
    def read(self) -> timedelta:
        """The time since the last read after which reading counts as stopped."""
        return READ_INTERVALS * self.refresh_interval


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a conference. Instants are UTC; None where there is none.

    `limits` are None if it is not configured, `sessions` and `links` if it is not stored. `newest` is the newest
    `session_updated_at`, read in `feed_zone`. `ends` is when the conference is over, `last_read` its last successful,
    verified read, `failure` the failed attempts since, `last_change` the read that brought its stored content.
    `problem` says why the stored file of `sessions` cannot be used.

    `unreadable` counts by table and column (`sessions.published`) the values that could not be read. Of the rejected
    items `nameless` have no usable `schedid`, and `contested` are rejected otherwise; None where those are not stored.
    `problems` say why other stored files cannot be used.
    """

    key: ConferenceKey
    limits: FreshnessLimits | None
    sessions: int | None = None
    links: int | None = None
    newest: datetime | None = None
    feed_zone: str = "UTC"
    ends: datetime | None = None
    last_read: datetime | None = None
    failure: Failure | None = None
    last_change: datetime | None = None
    problem: str | None = None
    unreadable: Mapping[str, int] = field(default_factory=dict)
    nameless: int | None = None
    contested: int | None = None
    problems: tuple[str, ...] = ()

    def is_over(self, now: datetime) -> bool:
        """Whether the conference is over; one of which no end is known is not."""
        return self.ends is not None and self.ends < now


def freshness(facts: Facts, now: datetime) -> Verdict:
    """Whether the newest `session_updated_at` is young enough."""
    if rest := _not_watched(facts, now):
        return rest
    if facts.newest is None:
        return _without_age(facts)
    if facts.newest - now > CLOCK_SKEW:
        return _in_the_future(facts, facts.newest, now)
    return _by_age(now - facts.newest, facts.limits)


def reading(facts: Facts, now: datetime) -> Verdict:
    """Whether the conference was read and verified lately, whatever came of it, and whether its last attempt failed."""
    if rest := _not_watched(facts, now):
        return rest
    limit = facts.limits.read if facts.limits else timedelta.max
    failed = failure_text(facts.failure, now) if facts.failure else None
    if facts.last_read is None:
        remedy = failed or "it is configured and was never read; refresh it, or take it out of the file"
        return Verdict(State.NEVER_READ, Level.ERROR, remedy)
    since = now - facts.last_read
    if since > limit:
        remedy = failed or "see whether the refresh runs: nothing is noted of an attempt that failed"
        late = f"last read {age_text(since)} ago, more than {age_text(limit)} ({READ_INTERVALS} times refresh_interval)"
        return Verdict(State.LATE, Level.ERROR, f"{late}; {remedy}")
    if failed:
        return Verdict(State.FAILING, Level.WARN, f"{failed}; last read {age_text(since)} ago")
    return Verdict(State.READ, Level.OK, f"read {age_text(since)} ago")


def failure_text(failure: Failure, now: datetime) -> str:
    """A failure that lasts in one line: the last reason, how often and since when."""
    day = "" if failure.since.date() == now.date() else f"{failure.since:%Y-%m-%d} "
    times = "once, at" if failure.attempts == 1 else f"{failure.attempts} times since"
    return f"{failure.reason} ({times} {day}{failure.since:%H:%M} UTC)"


def worst(*levels: Level) -> Level:
    """The worst of some levels; OK of none."""
    return max(levels, key=list(Level).index, default=Level.OK)


def age_text(age: timedelta) -> str:
    """An age in its two largest units, such as `2 d 3 h`; a negative one, of a clock that runs ahead, as `0 min`."""
    minutes = max(0, int(age.total_seconds() // 60))
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{minutes} min"


def removed(key: ConferenceKey) -> Verdict:
    """The verdict on a conference that is stored and that the settings do not name."""
    command = f"planion forget {shlex.quote(str(key))}"
    return Verdict(State.NOT_CONFIGURED, Level.OK, f"removed from planion.yaml: `{command}` deletes it")


def no_sessions(key: ConferenceKey) -> str:
    """What to say of a conference without sessions: it may have none yet, or its ID may be mistyped."""
    return f"no sessions yet: is {key.conference} its ID?"


def _not_watched(facts: Facts, now: datetime) -> Verdict | None:
    """The verdict on a conference that alarms nobody, since it is over or not configured; else None."""
    if facts.limits is None:
        return removed(facts.key)
    if facts.ends is not None and facts.is_over(now):
        return Verdict(State.OVER, Level.OK, f"over since {facts.ends:%Y-%m-%d %H:%M} UTC")
    return None


def _without_age(facts: Facts) -> Verdict:
    """The verdict on a conference without a newest `session_updated_at`."""
    if facts.problem is not None:
        return Verdict(State.UNREADABLE, Level.ERROR, facts.problem)
    if facts.sessions is None:
        return Verdict(State.NOT_STORED, Level.OK, "nothing is stored, so there is nothing that could be stale")
    if facts.sessions == 0:
        reason = f"{no_sessions(facts.key)} The feed answers a mistyped one without an error"
        return Verdict(State.NO_SESSIONS, Level.WARN, reason)
    unknown = (
        f"none of {facts.sessions} sessions has a readable session_updated_at, so nobody can tell how old they are"
    )
    remedy = "ask Planstone to send it, or set active_until if the conference is over"
    return Verdict(State.NO_TIMESTAMPS, Level.ERROR, f"{unknown}; {remedy}")


def _by_age(age: timedelta, limits: FreshnessLimits | None) -> Verdict:
    if limits is None or age < min(limits.warn, limits.error):
        return Verdict(State.FRESH, Level.OK, f"updated {age_text(age)} ago")
    level, limit = (Level.ERROR, limits.error) if age >= limits.error else (Level.WARN, limits.warn)
    remedy = "ask the organiser whether nothing changes, or set max_update_age"
    return Verdict(
        State.STALE, level, f"updated {age_text(age)} ago, {age_text(limit)} is the limit ({level}); {remedy}"
    )


def _in_the_future(facts: Facts, newest: datetime, now: datetime) -> Verdict:
    clock = f"this machine's clock ({now:%Y-%m-%d %H:%M} UTC)"
    guess = fitting_zone(newest, facts.feed_zone, now)
    if facts.last_read and facts.last_read - now > CLOCK_SKEW:
        advice = f"{clock} is behind: the last read is noted for {facts.last_read:%Y-%m-%d %H:%M} UTC; set the clock"
    elif guess:
        advice = (
            f"feed.timezone is probably set wrong: {guess} would fit (a guess: the westernmost zone in which nothing "
            "was updated in the future)"
        )
    else:
        advice = f"no time zone explains that: set {clock} if it is behind the feed's, else report it to Planstone"
    found = f"its newest session_updated_at, read in {facts.feed_zone}, is {age_text(newest - now)} in the future"
    return Verdict(State.IN_THE_FUTURE, Level.ERROR, f"{found}; {advice}")
