"""How much changed on each of the last days, as bars that the UI shows in place. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta

from planion_assets.defs.rendering.svg_image import document, image, text
from planion_assets.refresh.step_notes import DAYS

_PITCH, _BAR, _HIGH, _TOP = 12, 9, 36, 4  # pixels
_COLOUR = "#3f78d8"  # against either background


def sparkline(days: Sequence[int], until: date) -> str:
    """Markdown: bars of the number of changes on each day up to `until`, of which `days` has the latest first.

    Short enough to be shown in place.
    """
    since, most, width = until - timedelta(len(days) - 1), max(days), DAYS * _PITCH
    base = _TOP + _HIGH
    bars = []
    for ago, count in enumerate(days):
        if count:
            height = max(2, round(_HIGH * count / most))
            bars.append(f"M{width - ago * _PITCH - _PITCH // 2} {base}v-{height}")
    body = [f"<path stroke='{_COLOUR}' stroke-width='{_BAR}' d='{''.join(bars)}'/>"] if bars else []
    body.append(f"<path stroke='#888' d='M{width - len(days) * _PITCH} {base}H{width}'/>")
    body.append(text(width, base + 14, f"{until:%d %b}", " text-anchor='end'"))
    if len(days) > len("latest"):  # else one date would cover the other
        body.append(text(width - len(days) * _PITCH, base + 14, f"{since:%d %b}"))
    caption = f"{days[0]} on {until:%d %b %Y}, {sum(days)} since {since:%d %b %Y}, at most {most} a day"
    return image("changes a day", document(width, base + 20, "".join(body))) + "\n\n" + caption
