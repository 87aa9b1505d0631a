"""What `planion status` prints: every conference with its verdicts, as a table for people or as JSON."""

import json
from collections.abc import Sequence
from datetime import datetime

from planion_assets.cli.console import Styled, print_columns, print_line
from planion_assets.freshness.rows import level, row, worst_first
from planion_assets.freshness.survey import Surveyed
from planion_assets.freshness.verdicts import Level, State, Verdict, age_text

STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.ERROR: "bold red"}
_HEADINGS = (
    *("conference", "sessions", "links", "newest update", "content"),
    *("last read", "feed", "last change", "quality"),
)


def print_json(surveyed: Sequence[Surveyed], now: datetime) -> None:
    """The rows of `conference_status` as a JSON list, instants in ISO 8601 (UTC)."""
    rows = [row(one, now) for one in surveyed]
    print(json.dumps(rows, indent=2, ensure_ascii=False, default=datetime.isoformat))  # noqa: T201


def print_table(surveyed: Sequence[Surveyed], now: datetime, source: str) -> None:
    """A line per conference, the worst content first, and below it the reasons of warnings and errors."""
    ordered = worst_first(surveyed, now)
    print_columns(_HEADINGS, [_cells(one, now) for one in ordered], right=("sessions", "links"))
    for one in ordered:
        if one.freshness.state is State.NOT_CONFIGURED:
            print_line(f"{one.facts.key}  {one.freshness.reason}", "dim")
        for verdict in (one.freshness, one.reading, one.quality):
            if verdict.level is not Level.OK:
                print_line(f"{one.facts.key}  {verdict.state}: {verdict.message}", STYLES[verdict.level])
    print_line(_sum(surveyed, source))


def _cells(one: Surveyed, now: datetime) -> list[Styled]:
    facts = one.facts
    return [
        Styled(str(facts.key)),
        _count(facts.sessions),
        _count(facts.links),
        _ago(facts.newest, now),
        _verdict(one.freshness),
        _ago(facts.last_read, now),
        _verdict(one.reading),
        _ago(facts.last_change, now),
        _verdict(one.quality),
    ]


def _verdict(verdict: Verdict) -> Styled:
    rests = verdict.state in (State.OVER, State.NOT_CONFIGURED, State.NOT_STORED)
    return Styled(verdict.state, "dim" if rests else STYLES[verdict.level])


def _ago(instant: datetime | None, now: datetime) -> Styled:
    if instant is None:
        return Styled("-")
    return Styled(f"in {age_text(instant - now)}" if instant > now else f"{age_text(now - instant)} ago")


def _count(count: int | None) -> Styled:
    return Styled("-" if count is None else str(count))


def _sum(surveyed: Sequence[Surveyed], source: str) -> str:
    levels = [level(one) for one in surveyed]
    errors, warnings = levels.count(Level.ERROR), levels.count(Level.WARN)
    return f"{len(levels)} conferences, {errors} with errors, {warnings} with warnings; settings: {source}"
