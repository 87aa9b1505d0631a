"""HTML cut into what a reader sees of it: text, and the borders of paragraphs and cells.

Belongs here: where text, tags and comments begin and end, and what character references stand for. How the pieces are
put together is in `html.py`. Pure.

One pass over the markup: no character is looked at more than a few times, whatever the markup, and no more than some
kilobytes are held beside it. What is well-formed is read as Python's `html.parser` reads it, which is neither. Of what
is not, only this is text: what follows the last ">", and from its "<" to a ">" a comment or a quoted value without end.
"""

import html
import re
from collections.abc import Iterator

# Elements that begin and end a line; what they hold is set apart from the text around it.
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figure", "footer"),
        *("form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section"),
        *("table", "tr", "ul"),
    )
)
_CELLS = frozenset({"td", "th"})
_SILENT = frozenset({"script", "style", "template"})
# Of these nothing is markup but their end.
_ENDS = {name: re.compile(rf"</\s*{name}(?=[\s/>])[^>]*>", re.IGNORECASE) for name in ("script", "style")}

# Characters that are looked at together.
_PIECE = 8192
# A tag whose attributes are all in double quotes, or a closing one.
_PLAIN_TAG = re.compile(
    r"<(?:/([a-zA-Z][a-zA-Z0-9]*)[ \t\n\r\f]*"
    r"|([a-zA-Z][a-zA-Z0-9]*)(?:[ \t\n\r\f]+[a-zA-Z-]+=\"[^\"<>]*\")*[ \t\n\r\f]*/?)>"
)
_OPENING = re.compile(r"<(?=[a-zA-Z/!?])")
_NAME = re.compile(r"[a-zA-Z][^\t\n\r\f />]*")
_END_NAME = re.compile(r"</\s*([a-zA-Z][^\t\n\r\f />]*)")
# An attribute, up to the quote that begins its value; or space alone.
_ATTRIBUTE = re.compile(
    r"""[\s/]*(?P<name>[^\s/>][^\s/=>]*(?:\s*=+\s*(?:(?P<quote>["'])|[^\s>"'][^\s>]*)?)?)?""", re.VERBOSE
)
_COMMENT_END = re.compile(r"--!?\s*>")
_EMPTY_COMMENT = re.compile(r"<!---?>")
_REFERENCE = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)")
# More digits than any character has. Python refuses to read thousands of them as a number.
_LONG_NUMBER = re.compile(r"(?<=&#)[0-9]{9,}")
# Where `str.splitlines` would split.
_BREAKS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")


def pieces_of_markup(markup: str) -> Iterator[str]:
    """The text between tags, its line breaks as spaces; a line break for the border of a block, a space for a cell."""
    return _Tokens(markup).pieces()


def pieces_of_text(text: str, start: int = 0, stop: int | None = None) -> Iterator[str]:
    """A part of a text with its character references decoded, some at a time."""
    stop = len(text) if stop is None else stop
    while start < stop:
        cut = min(start + _PIECE, stop)
        last = text.rfind("&", start, cut) if cut < stop else -1
        if last >= 0 and (reference := _REFERENCE.match(text, last, stop)):
            cut = max(cut, reference.end())
        yield _decoded(text[start:cut])
        start = cut


def has_break(space: str) -> bool:
    """Whether a text has a line break."""
    return _BREAKS.search(space) is not None


def _decoded(text: str) -> str:
    if "&" not in text:
        return text
    return html.unescape(_LONG_NUMBER.sub(_shortened, text) if "&#" in text else text)


def _shortened(digits: re.Match[str]) -> str:
    """A number that stands for the same character: without leading zeros, or too large to be one all the same."""
    return digits[0].lstrip("0")[:8] or "0"


def _border(name: str, *, opened: bool) -> str:
    return "\n" if name in _BLOCKS else " " if opened and name in _CELLS else ""


class _Tokens:
    """Any markup, token by token."""

    def __init__(self, markup: str) -> None:
        self._markup = markup
        # What follows the last ">" can be nothing but text.
        self._end = markup.rfind(">") + 1
        self._silent = 0
        self._comments_end = True

    def pieces(self) -> Iterator[str]:
        position = 0
        while position < self._end:
            opening = _OPENING.search(self._markup, position, self._end)
            start = opening.start() if opening else self._end
            yield from self._text(position, start)
            position = start
            if opening:
                position, border = self._token(start)
                yield from self._text(start, position) if border is None else (border,)
        yield from self._text(position, len(self._markup))

    def _text(self, start: int, stop: int) -> Iterator[str]:
        if not self._silent:
            for piece in pieces_of_text(self._markup, start, stop):
                # A line break is not printable; most pieces have none.
                yield piece if piece.isprintable() else _BREAKS.sub(" ", piece)

    def _token(self, start: int) -> tuple[int, str | None]:
        """Where the tag or comment that begins there ends, and the border it is; None for one that is text."""
        if plain := _PLAIN_TAG.match(self._markup, start):
            closed, opened = plain.groups()
            if (name := (closed or opened).lower()) not in _SILENT:
                return plain.end(), _border(name, opened=bool(opened))
        following = self._markup[start + 1]
        if following == "/":
            return self._end_tag(start)
        if self._markup.startswith("<!--", start):
            return self._comment(start)
        if following in "!?":
            return self._after_bracket(start), ""
        return self._start_tag(start)

    def _comment(self, start: int) -> tuple[int, str | None]:
        closing = _EMPTY_COMMENT.match(self._markup, start)
        if not closing and self._comments_end:
            closing = _COMMENT_END.search(self._markup, start + len("<!--"))
            self._comments_end = closing is not None
        return (closing.end(), "") if closing else (self._after_bracket(start), None)

    def _end_tag(self, start: int) -> tuple[int, str]:
        named = _END_NAME.match(self._markup, start)
        name = named[1].lower() if named else ""
        if name in _SILENT:
            self._silent = max(0, self._silent - 1)
        return self._after_bracket(named.end() if named else start), _border(name, opened=False)

    def _start_tag(self, start: int) -> tuple[int, str | None]:
        position, itself_closed, whole = self._tag_end(start)
        if not whole:
            return position, None
        named = _NAME.match(self._markup, start + 1)
        name = named[0].lower() if named else ""
        if itself_closed or name not in _SILENT:
            return position, _border(name, opened=True)
        if name in _ENDS:
            closing = _ENDS[name].search(self._markup, position, self._end)
            return closing.end() if closing else len(self._markup), ""
        self._silent += 1
        return position, ""

    def _tag_end(self, start: int) -> tuple[int, bool, bool]:
        """Where a start tag ends, whether by "/>", and whether it is whole; else where what is text of it ends."""
        named = _NAME.match(self._markup, start + 1)
        position = named.end() if named else start + 1
        while position < self._end:
            attribute = _ATTRIBUTE.match(self._markup, position)
            name, quote = (attribute["name"], attribute["quote"]) if attribute else (None, None)
            position = attribute.end() if attribute else position
            if quote:
                closing = self._markup.find(quote, position)
                if closing < 0:
                    return self._after_bracket(position), False, False
                position = closing + 1
            elif self._markup.startswith(">", position):
                return position + 1, name is None and self._markup[position - 1] == "/", True
        return self._end, False, False

    def _after_bracket(self, position: int) -> int:
        """After the next ">"; the end of the markup where there is none."""
        return self._markup.find(">", position) + 1 or self._end
