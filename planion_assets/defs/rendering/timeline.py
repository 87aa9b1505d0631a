"""The ages of conferences that the UI renders: lines of text in place (`bars`), a picture behind a click. Pure."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from planion_assets.defs.rendering.markdown import inert
from planion_assets.defs.rendering.svg_image import IN_PLACE, document, image, text
from planion_assets.freshness.rows import worst_first
from planion_assets.freshness.survey import Surveyed
from planion_assets.freshness.verdicts import Facts, Level, State, age_text, worst

LISTED = 20  # verdicts
_REASON_CHARACTERS = (300, 200, 150, 100, 70, 50, 30)
BARS = 10  # lines of some 40 characters
MAX_ROWS = 40  # rows; each is some 350 bytes of an event
NAMED = 10  # conferences that are removed
AT_REST = (State.OVER, State.NOT_CONFIGURED)
"""Of conferences that are not watched."""
_HOUR = timedelta(hours=1)
_CLASSES = {Level.OK: "o", Level.WARN: "w", Level.ERROR: "e"}
_RULES = ".s{stroke:currentColor;stroke-width:2}.f{fill:currentColor}"  # lines, and what is filled
_LIGHT = _RULES + ".o{color:#1e6b24}.w{color:#8a5300}.e{color:#b3261e}.l{stroke:#dde1e8}.n{fill:#fff}"
_DARK = ".o{color:#7bd88a}.w{color:#ffbf47}.e{color:#ff9a90}.l{stroke:#363d4b}.n{fill:#0c101b}"
_TICKS = ((1, "1 h"), (6, "6 h"), (24, "1 d"), (72, "3 d"), (168, "7 d"), (336, "14 d"), (720, "30 d"), (2160, "90 d"))
_NAME_CHARACTERS, _CELLS = 20, 12
_LEFT, _WIDTH, _RIGHT, _ROW, _TOP = 150, 250, 170, 18, 24  # pixels


def bars(surveyed: Sequence[Surveyed], now: datetime) -> str:
    """Markdown: the conferences nearest to their limit for errors or beyond it, each with its share as a bar."""
    aged = [one for one in worst_first(surveyed, now) if one.freshness.state in (State.FRESH, State.STALE)]
    lines = []
    for one in aged[:BARS]:
        facts = one.facts
        if facts.newest and facts.limits:
            age = now - facts.newest
            filled = min(_CELLS, max(0, int(_CELLS * (age / facts.limits.error))))
            bar = "█" * filled + "░" * (_CELLS - filled)
            lines.append(f"{_name(one):{_NAME_CHARACTERS}} {bar} {age_text(age)}")
    return "~~~~\n" + "\n".join(lines) + "\n~~~~" if lines else "no conference under way has an age"


def to_look_at(surveyed: Sequence[Surveyed]) -> str:
    """Markdown: each conference with an error or a warning and why, errors first; what else there is is counted."""
    found = [
        (verdict.level, str(one.facts.key), verdict)
        for one in surveyed
        for verdict in (one.reading, one.freshness, one.quality)
        if verdict.level is not Level.OK
    ]
    found.sort(key=lambda line: (-list(Level).index(line[0]), line[1]))
    # Reasons as long as they can be for all that is found to be in place.
    for characters in _REASON_CHARACTERS:
        lines = [
            f"- **{inert(key)}** {verdict.state} ({level}): {inert(verdict.reason, characters)}"
            for level, key, verdict in found[:LISTED]
        ]
        markdown = "\n".join(lines + [f"- and {len(found) - LISTED} more"] * (len(found) > LISTED))
        if len(markdown) < IN_PLACE:
            break
    return markdown or "nothing: every conference is read, fresh and usable"


def timeline(surveyed: Sequence[Surveyed], now: datetime) -> str:
    """Markdown: the picture of the conferences that are not over, the worst first, and what it leaves out."""
    watched = [one for one in worst_first(surveyed, now) if one.freshness.state not in AT_REST]
    others = [f"{len(watched) - MAX_ROWS} more that are no worse"] if len(watched) > MAX_ROWS else []
    if over := sum(one.freshness.state is State.OVER for one in surveyed):
        others.append(f"{over} {State.OVER}")
    if removed := [inert(one.facts.key) for one in surveyed if one.freshness.state is State.NOT_CONFIGURED]:
        more = f" and {len(removed) - NAMED} more" if len(removed) > NAMED else ""
        names = ", ".join(removed[:NAMED]) + more
        others.append(f"{len(removed)} removed from planion.yaml, `planion forget` deletes them: {names}")
    picture = image(f"ages of {len(watched[:MAX_ROWS])} conferences", svg(watched[:MAX_ROWS], now))
    legend = "● newest update, ○ last read, | limits for a warning and an error"
    return "\n\n".join([picture if watched else "no conference is under way", legend, *others])


def svg(surveyed: Sequence[Surveyed], now: datetime) -> str:
    """The picture as SVG text: a line per conference, from now at the left to the greatest age or limit."""
    longest = max((hours for one in surveyed for hours in _hours(one.facts, now)), default=24.0)
    height = _TOP + _ROW * len(surveyed) + 4
    parts = [text(_LEFT, 14, "now")]
    for hours, label in _TICKS:
        if _TICKS[0][0] < hours <= longest:
            x = _x(hours, longest)
            parts.append(f"<path d='M{x} {_TOP - 6}V{height}' class='l'/>")
            parts.append(text(x, 14, label, " text-anchor='middle'"))
    parts += [_line(one, now, longest, _TOP + _ROW * row + 10) for row, one in enumerate(surveyed)]
    return document(_LEFT + _WIDTH + _RIGHT, height, "".join(parts), light=_LIGHT, dark=_DARK)


def _line(one: Surveyed, now: datetime, longest: float, y: int) -> str:
    facts = one.facts
    parts = [text(4, y + 4, _name(one)), f"<path d='M{_LEFT} {y}h{_WIDTH}' class='l'/>"]
    if facts.limits:
        for limit, level in ((facts.limits.warn, Level.WARN), (facts.limits.error, Level.ERROR)):
            x = _x(limit / _HOUR, longest)
            parts.append(f"<path d='M{x} {y - 6}v12' class='s {_CLASSES[level]}'/>")
    if facts.last_read:
        x = _x((now - facts.last_read) / _HOUR, longest)
        parts.append(f"<circle cx='{x}' cy='{y}' r='4' class='n s {_CLASSES[one.reading.level]}'/>")
    label, level = str(one.freshness.state), one.freshness.level
    if facts.newest:
        x = _x((now - facts.newest) / _HOUR, longest)
        parts.append(f"<circle cx='{x}' cy='{y}' r='5' class='f {_CLASSES[level]}'/>")
        if one.freshness.state in (State.FRESH, State.STALE):
            label = f"{label}, {age_text(now - facts.newest)}"
    if one.reading.level is not Level.OK:
        label, level = f"{label}; {one.reading.state}", worst(one.freshness.level, one.reading.level)
    parts.append(text(_LEFT + _WIDTH + 10, y + 4, label, f" class='f {_CLASSES[level]}'"))
    return "".join(parts)


def _name(one: Surveyed) -> str:
    name = str(one.facts.key)
    return name if len(name) <= _NAME_CHARACTERS else name[: _NAME_CHARACTERS - 1] + "…"


def _hours(facts: Facts, now: datetime) -> list[float]:
    """The ages and limits on a conference's line."""
    ages = [now - at for at in (facts.newest, facts.last_read) if at]
    limits = [facts.limits.warn, facts.limits.error] if facts.limits else []
    return [age / _HOUR for age in (*ages, *limits)]


def _x(hours: float, longest: float) -> int:
    """Pixels from the left; logarithmic, so that an hour and a month are both seen. An instant in the future is now."""
    return _LEFT + round(_WIDTH * math.log1p(max(0.0, hours)) / math.log1p(longest))
