"""How many sessions start on each day in each hour, as a Markdown table. Pure.

Counts and venue times only; no text of the feed and nothing about people.
"""

from collections import Counter

import pyarrow as pa

MAX_DAYS = 31
_SHADES = "░▒▓█"
_SPACE = "\u00a0"  # where a line of a narrow column must not break


def programme(sessions: pa.Table) -> str:
    """Rows are days and columns hours, local to the venue; the darker a cell, the more sessions start in it.

    `sessions` is the built table. Beyond `MAX_DAYS` days with sessions, the busiest ones are shown.
    """
    starts = [start for start in sessions["starts_at_local"].to_pylist() if start is not None]
    if not sessions.num_rows:
        return "no sessions"
    if not starts:
        return f"none of {sessions.num_rows} sessions has a day and a time of day"
    counts = Counter((start.date(), start.hour) for start in starts)
    per_day = Counter(start.date() for start in starts)
    days = sorted(day for day, _ in per_day.most_common(MAX_DAYS))
    hours = range(min(hour for _, hour in counts), max(hour for _, hour in counts) + 1)
    lines = [_row(["", *(f"{hour:02}h" for hour in hours), "all"]), _row(["---"] * (len(hours) + 2))]
    most = max(counts.values())
    for day in days:
        cells = [_cell(counts[day, hour], most) for hour in hours]
        lines.append(_row([f"{day:%a %d %b %Y}".replace(" ", _SPACE), *cells, str(per_day[day])]))
    notes = ["Sessions by day and hour of their start, local to the venue."]
    if without_time := sessions.num_rows - len(starts):
        notes.append(f"{without_time} have no day or no time of day.")
    if left_out := len(per_day) - len(days):
        notes.append(f"{left_out} days with fewer sessions are left out.")
    return "\n".join([*lines, "", " ".join(notes)])


def _cell(count: int, most: int) -> str:
    """A count behind a shade in proportion to the largest; blank for none."""
    return f"{_SHADES[(count * len(_SHADES) - 1) // most]}{_SPACE}{count}" if count else ""


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
