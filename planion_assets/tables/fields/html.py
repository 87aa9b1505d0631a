"""From HTML markup to the text that a reader sees: paragraphs as lines, runs of space as one.

Belongs here: how the pieces of a text become lines. Where they begin and end is in `markup.py`. Pure.
"""

from collections.abc import Iterable, Iterator

from planion_assets.tables.fields.markup import has_break, pieces_of_markup, pieces_of_text

# Characters that are made into lines at once: a text takes hardly more memory than it and its result.
_AT_ONCE = 8192


def plain_text(markup: str | None) -> str | None:
    """The text of a piece of HTML: entities decoded, runs of space as one, paragraphs as lines; None for no text."""
    if markup is None:
        return None
    pieces = pieces_of_markup(markup) if "<" in markup else pieces_of_text(markup)
    return "".join(_lines_of_parts(_parts(pieces))) or None


def _lines(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _parts(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces, as many at a time as are made into lines at once."""
    part: list[str] = []
    size = 0
    for piece in pieces:
        part.append(piece)
        size += len(piece) + 1  # empty ones are no memory but a place in the list
        if size >= _AT_ONCE:
            yield "".join(part)
            part, size = [], 0
    yield "".join(part)


def _lines_of_parts(parts: Iterable[str]) -> Iterator[str]:
    """What `_lines` would make of all parts together, some at a time."""
    gap: str | None = None  # what parts the words before from those that come; None before the first
    for part in parts:
        words = part.lstrip()
        gap = _wider(gap, part[: len(part) - len(words)])
        if words:
            text = words.rstrip()
            yield (gap or "") + _lines(text)
            gap = _wider("", words[len(text) :])


def _wider(gap: str | None, space: str) -> str | None:
    """A gap with more space after it: a line break for one that has any, else one space."""
    if gap is None or not space:
        return gap
    return "\n" if gap == "\n" or has_break(space) else " "
