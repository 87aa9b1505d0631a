"""The verdict on what is stored of a conference: can it be used. Pure.

It is independent of age and reading. Conferences that are over have it too: they are over by their own times, which may
be among the values that cannot be read.
"""

from collections.abc import Iterator
from datetime import datetime

from planion_assets.freshness.verdicts import Facts, Level, State, Verdict, removed, worst
from planion_assets.tables.quality.links import SPEAKERS_EXPECTED

_NAMED = 5  # columns


def quality(facts: Facts, now: datetime) -> Verdict:
    """Whether every item is a session, every value could be read, and there are speakers at all.

    The state is that of the first of the worst findings; the reason has them all. The level of a conference that is
    over is a warning at most: nobody mends it any more.
    """
    if facts.limits is None:
        return removed(facts.key)
    over = facts.is_over(now)
    findings = list(_findings(facts, over=over))
    if not findings:
        if facts.sessions is None:
            return Verdict(State.NOT_STORED, Level.OK, "nothing is stored, so there is nothing to be used")
        return Verdict(State.USABLE, Level.OK, "every item is a session, and every value could be read")
    level = worst(*(finding.level for finding in findings))
    state = next(finding.state for finding in findings if finding.level is level)
    return Verdict(state, Level.WARN if over else level, "; ".join(finding.reason for finding in findings))


def _findings(facts: Facts, *, over: bool) -> Iterator[Verdict]:
    for problem in facts.problems:
        yield Verdict(State.UNREADABLE, Level.ERROR, problem)
    if facts.nameless:
        missing = (
            f"{facts.nameless} items of the feed have no usable schedid, and each may be a session that is missing"
        )
        remedy = "report them to Planstone, they are in rejected_items"
        yield Verdict(State.REJECTED_ITEMS, Level.ERROR, f"{missing}; {remedy}")
    if facts.contested:
        rejected = f"{facts.contested} items of the feed that have a schedid are no sessions"
        yield Verdict(State.REJECTED_ITEMS, Level.WARN, f"{rejected}; rejected_items says why of each")
    if facts.unreadable:
        remedy = "the check values_are_readable names sessions of each: report them to Planstone"
        reason = f"values that cannot be read, and are null: {_columns(facts)}; {remedy}"
        yield Verdict(State.UNREADABLE_VALUES, Level.WARN, reason)
    # Before the conference is over, the verdict on its freshness says the same.
    if over and facts.sessions and facts.newest is None:
        none = f"none of {facts.sessions} sessions has a readable session_updated_at"
        yield Verdict(State.NO_TIMESTAMPS, Level.WARN, f"{none}; look in raw_sessions whether it is sent")
    if facts.links == 0 and facts.sessions and facts.sessions >= SPEAKERS_EXPECTED:
        remedy = "look at the field speakers in raw_sessions, or ask the organiser whether that is so"
        yield Verdict(State.NO_SPEAKERS, Level.WARN, f"none of {facts.sessions} sessions has a speaker; {remedy}")


def _columns(facts: Facts) -> str:
    """The columns with the most unreadable values, and how many each has."""
    most = sorted(facts.unreadable.items(), key=lambda column: (-column[1], column[0]))
    named = ", ".join(f"{column} {count}" for column, count in most[:_NAMED])
    more = len(most) - _NAMED
    return f"{named} and {more} more columns" if more > 0 else named
