"""A timeline of ages as Markdown that the UI renders: how far each conference is on its way to its limit. Pure."""

from collections.abc import Sequence
from datetime import datetime

from planion_assets.assets.metadata import inert
from planion_assets.freshness.rows import age_hours, worst_first
from planion_assets.freshness.survey import Surveyed
from planion_assets.freshness.verdicts import Level, State, age_text

SHOWN = 100
CELLS = 24
_MARKS = {Level.OK: "🟢", Level.WARN: "🟡", Level.ERROR: "🔴"}
_AT_REST = (State.OVER, State.NOT_CONFIGURED)


def timeline(surveyed: Sequence[Surveyed], now: datetime) -> str:
    """A row per conference that is not over, the worst first, at most `SHOWN`; the others are counted."""
    watched = [one for one in worst_first(surveyed, now) if one.freshness.state not in _AT_REST]
    lines = [
        "| | conference | newest update, to the limit for errors at the right | age | verdict | read |",
        "|---|---|---|---:|---|---|",
        *(_line(one, now) for one in watched[:SHOWN]),
    ]
    others = [f"{len(watched) - SHOWN} more are younger"] if len(watched) > SHOWN else []
    for state in _AT_REST:
        if count := sum(one.freshness.state is state for one in surveyed):
            others.append(f"{count} {state}")
    return "\n".join(lines if watched else []) + "\n\n" + ("; ".join(others) or "no other conference")


def bar(age: float, warn: float, error: float) -> str:
    """`CELLS` characters from an age of 0 to the error limit, all in hours: filled to the age, `┊` at the warning."""
    filled = min(CELLS, max(0, int(CELLS * age / error)))
    cells = ["█"] * filled + ["░"] * (CELLS - filled)
    mark = int(CELLS * warn / error)
    if filled <= mark < CELLS:
        cells[mark] = "┊"
    return "".join(cells)


def _line(one: Surveyed, now: datetime) -> str:
    facts, hours = one.facts, age_hours(one, now)
    drawn, age = "", ""
    if hours is not None and facts.newest is not None and facts.limits is not None:
        limits = facts.limits
        drawn = f"`{bar(hours, limits.warn.total_seconds() / 3600, limits.error.total_seconds() / 3600)}`"
        age = age_text(now - facts.newest)
    read = f"{age_text(now - facts.last_read)} ago" if facts.last_read else "never"
    mark, read_mark = _MARKS[one.freshness.level], _MARKS[one.reading.level]
    cells = (mark, inert(facts.key), drawn, age, one.freshness.state, f"{read_mark} {read}")
    return f"| {' | '.join(cells)} |"
