"""Pictures taken out of the Markdown that they are shown in, and how well colours are told from each other."""

import re
from urllib.parse import unquote
from xml.etree import ElementTree

_PICTURE = re.compile(r"!\[((?:[^\]\\]|\\.)*)\]\(<data:image/svg\+xml,([^<>\n\\&]*)>\)")
_COLOUR = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})\b")
_LINEAR = 0.03928


def picture(markdown: str) -> str:
    """The text of the first picture of some Markdown."""
    match = _PICTURE.match(markdown)
    assert match, markdown[:200]
    return unquote(match[2])


def parsed(markdown: str) -> ElementTree.Element:
    """That picture, which must be sound XML."""
    return ElementTree.fromstring(picture(markdown))  # noqa: S314 - our own text


def words(markdown: str) -> list[str]:
    """All texts of that picture."""
    return ["".join(one.itertext()) for one in parsed(markdown).iter() if one.tag.endswith("text")]


def colours(markdown: str, rule: str) -> list[str]:
    """The first colour that each rule of this selector names: that of the light scheme, then that of the dark one."""
    style = picture(markdown).partition("<style>")[2].partition("</style>")[0]
    return [
        found[0]
        for body in re.findall(rf"(?<![\w.]){re.escape(rule)}\{{([^}}]*)", style)
        if (found := _COLOUR.search(body))
    ]


def contrast(one: str, other: str) -> float:
    """How well two colours are told from each other, by the formula of WCAG: from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    shares = (int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))
    red, green, blue = (one / 12.92 if one <= _LINEAR else ((one + 0.055) / 1.055) ** 2.4 for one in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
