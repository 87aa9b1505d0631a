"""SVG pictures as Markdown that the UI shows, in both colour schemes and in few bytes. Pure.

Why a picture is an image in an address, and has a background of its own: docs/decisions/pictures-in-events.md.
"""

import re
from functools import lru_cache
from html import escape
from unicodedata import east_asian_width
from urllib.parse import quote

from planion_assets.defs.rendering.markdown import inert, one_line

IN_PLACE = 1000  # characters of Markdown from which on the UI shows a click instead
FONT = 11  # pixels
_CHARACTER = 6  # pixels, on the average
_WIDE = frozenset("WF")
# All else would end the address, or Markdown would read something into it.
_UNSAFE = re.compile(r"[^\w =/:;,.'()!{}@+-]+", re.ASCII)
_LIGHT = f"svg{{background:#fff;fill:#1b1f27;font:{FONT}px sans-serif}}"
_DARK = "svg{background:#0c101b;fill:#e6e9ef}"


def document(width: int, height: int, body: str, *, light: str = "", dark: str = "") -> str:
    """A picture as SVG text; `light` and `dark` are rules of CSS for its classes.

    What is drawn without a class has the colour of text.
    """
    style = f"<style>{_LIGHT}{light}@media(prefers-color-scheme:dark){{{_DARK}{dark}}}</style>"
    return f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}'>{style}{body}</svg>"


def image(shows: str, svg: str) -> str:
    """Markdown of a picture; `shows` says in words what is on it."""
    return f"![{inert(shows, len(shows))}](<data:image/svg+xml,{encoded(svg)}>)"


def encoded(svg: str) -> str:
    """A picture, or a part of one, as it stands in Markdown."""
    return _UNSAFE.sub(lambda found: _quoted(found[0]), svg)


@lru_cache(maxsize=1024)  # the same few characters of the same few elements
def _quoted(unsafe: str) -> str:
    return quote(unsafe, safe="")


def text(x: int, y: int, words: str, attributes: str = "") -> str:
    """Words in a picture as they are, without markup of their own; `y` is their base line."""
    return f"<text x='{x}' y='{y}'{attributes}>{escape(words)}</text>"


def fitting(words: str, pixels: int) -> str:
    """The beginning of a text of the feed that fits into so many pixels; nothing where that would say nothing."""
    room = pixels // _CHARACTER
    line = one_line(words[: 3 * room], max(room, 1))
    if not line.isascii():  # characters of East Asia are as wide as two
        while sum(1 + (east_asian_width(one) in _WIDE) for one in line) > room > 0:
            line = line[:-2] + "…" if len(line) > 1 else ""
    return line if room > 2 else ""
