"""How fresh all conferences are, as one strip of cells that the UI shows in place, however many there are. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from planion_assets.defs.rendering.svg_image import document, image, text
from planion_assets.defs.rendering.timeline import AT_REST
from planion_assets.freshness.survey import Surveyed
from planion_assets.freshness.verdicts import Level, State

CELLS = 100  # of more conferences each cell is of several, with the colour of the worst of them
_WIDTH, _WIDEST, _SAMPLE = 400, 20, 9  # pixels
_MIDDLE, _BASE = 9, 36
_AGING, _UNKNOWN = "past half of the limit", "without an age"
# The worst first. Each is seen against either background, and told apart from its neighbours by its lightness too.
_COLOURS = {
    str(Level.ERROR): "#d0302b",
    str(Level.WARN): "#e08a00",
    _AGING: "#6f8f2f",
    str(State.FRESH): "#22a699",
    _UNKNOWN: "#8a8f98",
}


def heat_strip(surveyed: Sequence[Surveyed], now: datetime) -> str:
    """Markdown: the conferences that are not over, the worst first, by how near their age is to their limit.

    Short enough to be shown in place.
    """
    watched = [one for one in surveyed if one.freshness.state not in AT_REST]
    if not watched:
        return "no conference is under way"
    counts = Counter(_heat(one, now) for one in watched)
    heats = [heat for heat in _COLOURS for _ in range(counts[heat])]
    each = -(-len(heats) // CELLS)
    cells = Counter(heats[::each])
    pitch = min(_WIDEST, _WIDTH // cells.total())
    drawn, x, sample = [], 0, 0
    for heat in filter(counts.get, _COLOURS):
        label, width = f"{counts[heat]} {heat}", cells[heat] * pitch
        drawn.append(f"<path stroke='{_COLOURS[heat]}' d='M{x} {_MIDDLE}h{width}M{sample} {_BASE - 4}h{_SAMPLE}'/>")
        drawn.append(text(sample + _SAMPLE + 3, _BASE, label))
        x, sample = x + width, sample + _SAMPLE + 15 + 6 * len(label)
    body = f"<g stroke-width='16' stroke-dasharray='{pitch - 1} 1'>{''.join(drawn)}</g>"
    picture = image("freshness of all conferences", document(max(x, sample), _BASE + 8, body))
    return f"{picture}\n\neach cell the worst of {each} conferences" if each > 1 else picture


def _heat(one: Surveyed, now: datetime) -> str:
    """The level of what is not fresh enough, else how much of the limit is used up."""
    facts, level = one.facts, one.freshness.level
    if level is not Level.OK:
        return str(level)
    if facts.newest is None or facts.limits is None:
        return _UNKNOWN
    return _AGING if now - facts.newest >= min(facts.limits.warn, facts.limits.error) / 2 else str(State.FRESH)
