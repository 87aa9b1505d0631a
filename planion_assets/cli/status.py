"""What `planion status` prints: every conference with its verdicts, as a table for people or as JSON."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from planion_assets.freshness.rows import level, row, worst_first
from planion_assets.freshness.survey import Surveyed
from planion_assets.freshness.verdicts import Level, State, Verdict, age_text

STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.ERROR: "bold red"}
_HEADINGS = (
    "conference",
    "sessions",
    "links",
    "newest update",
    "content",
    "last read",
    "feed",
    "last change",
    "quality",
)
_PIPE_WIDTH = 200  # columns where there is no terminal to be as wide as


def print_json(surveyed: Sequence[Surveyed], now: datetime) -> None:
    """The rows of `conference_status` as a JSON list, instants in ISO 8601 (UTC)."""
    print(json.dumps([_plain(row(one, now)) for one in surveyed], indent=2, ensure_ascii=False))  # noqa: T201


def print_table(surveyed: Sequence[Surveyed], now: datetime, source: str) -> None:
    """A line per conference, the worst content first, and below it why each one that is bad is so."""
    console = console_of()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in _HEADINGS:
        table.add_column(heading, justify="right" if heading in ("sessions", "links") else "left")
    ordered = worst_first(surveyed, now)
    for one in ordered:
        facts = one.facts
        table.add_row(
            Text(str(facts.key)),
            _count(facts.sessions),
            _count(facts.links),
            _ago(facts.newest, now),
            _verdict(one.freshness),
            _ago(facts.last_read, now),
            _verdict(one.reading),
            _ago(facts.last_change, now),
            _verdict(one.quality),
        )
    console.print(table)
    for one in ordered:
        if one.freshness.state is State.NOT_CONFIGURED:
            console.print(Text(f"{one.facts.key}  {one.freshness.reason}", "dim"))
        for verdict in (one.freshness, one.reading, one.quality):
            if verdict.level is not Level.OK:
                console.print(Text(f"{one.facts.key}  {verdict.state}: {verdict.reason}", STYLES[verdict.level]))
    console.print(_sum(surveyed, source), soft_wrap=True)


def console_of() -> Console:
    """Standard output, as wide as the terminal, or wide enough where there is none."""
    console = Console(highlight=False, markup=False, emoji=False)
    return console if console.is_terminal else Console(highlight=False, markup=False, emoji=False, width=_PIPE_WIDTH)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _verdict(verdict: Verdict) -> Text:
    rests = verdict.state in (State.OVER, State.NOT_CONFIGURED, State.NOT_STORED)
    return Text(verdict.state, "dim" if rests else STYLES[verdict.level])


def _ago(instant: datetime | None, now: datetime) -> Text:
    if instant is None:
        return Text("-")
    return Text(f"in {age_text(instant - now)}" if instant > now else f"{age_text(now - instant)} ago")


def _count(count: int | None) -> Text:
    return Text("-" if count is None else str(count))


def _sum(surveyed: Sequence[Surveyed], source: str) -> str:
    levels = [level(one) for one in surveyed]
    errors, warnings = levels.count(Level.ERROR), levels.count(Level.WARN)
    return f"{len(levels)} conferences, {errors} with errors, {warnings} with warnings; settings: {source}"
