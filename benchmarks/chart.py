"""The chart of docs/reference/performance.md: a panel per case, a bar per contender, as SVG written by hand.

Each panel has a scale of its own, since a conference takes half a second and twenty take half a minute.
"""

from html import escape

from benchmarks.cases import CASES, CHARTED, FLOOR
from benchmarks.results import SERIES, Results

_WIDTH, _LABELS, _FIGURES, _MARGIN = 760, 150, 150, 16
_BAR, _GAP, _TITLE, _BETWEEN = 18, 8, 30, 20
_COLOURS = {"floor": "#8a8f98", "project, cold": "#1f6feb", "project, unchanged": "#79b0ff"}
_OTHERS = "#d29922"
_TEXT = "font-family='system-ui, sans-serif' fill='#1f2328'"


def chart(results: Results) -> str:
    """The SVG: seconds of work, start of the process apart; shorter is better."""
    parts: list[str] = []
    y = _MARGIN
    for name in CHARTED:
        panel, y = _panel(results, name, y)
        parts += panel
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{_WIDTH}' height='{y}' viewBox='0 0 {_WIDTH} {y}' "
        "role='img' aria-label='Seconds of work by case and contender; shorter is better'>"
    )
    ground = f"<rect width='{_WIDTH}' height='{y}' fill='#ffffff'/>"
    return "\n".join([head, ground, *parts, "</svg>\n"])


def _panel(results: Results, case: str, y: int) -> tuple[list[str], int]:
    """The elements of a case's panel that begins at `y`, and where the next one begins."""
    found = {series: sample for series in SERIES if (sample := results.typical(case, series))}
    if not found:
        return [], y
    title = escape(f"{CASES[case].title}: seconds")
    parts = [f"<text x='{_MARGIN}' y='{y + 14}' font-size='14' font-weight='600' {_TEXT}>{title}</text>"]
    y += _TITLE
    longest = max(sample.seconds for sample in found.values())
    room = _WIDTH - _LABELS - 2 * _MARGIN - _FIGURES
    for series, sample in found.items():
        length = max(1.0, sample.seconds / longest * room)
        middle = y + _BAR - 5
        ratio = f"{sample.seconds:.2f} s"
        if FLOOR in found and series != FLOOR:
            ratio += f" ({sample.seconds / found[FLOOR].seconds:.1f} x floor)"
        left = _MARGIN + _LABELS
        parts += [
            f"<text x='{left - 8}' y='{middle}' font-size='12' text-anchor='end' {_TEXT}>{escape(series)}</text>",
            f"<rect x='{left}' y='{y}' width='{length:.1f}' height='{_BAR}' rx='2' "
            f"fill='{_COLOURS.get(series, _OTHERS)}'/>",
            f"<text x='{left + length + 6:.1f}' y='{middle}' font-size='12' {_TEXT}>{ratio}</text>",
        ]
        y += _BAR + _GAP
    return parts, y + _BETWEEN - _GAP
