"""From HTML markup to the text that a reader sees. Pure."""

import html
import re
from html.parser import HTMLParser

# Elements that begin and end a line; what they hold is set apart from the text around it.
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figure", "footer"),
        *("form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section"),
        *("table", "tr", "ul"),
    )
)
_SILENT = frozenset({"script", "style", "template"})
_CELLS = frozenset({"td", "th"})
# What follows these is not read as markup, in one release of Python or another.
_UNLIKE_OTHERS = _SILENT | {
    *("iframe", "noembed", "noframes", "noscript", "plaintext", "svg", "math", "textarea", "title", "xmp")
}
# A tag that everybody reads alike: a closing one, or one whose attributes are all in double quotes.
_TAG = re.compile(
    r"<(?:/([a-zA-Z][a-zA-Z0-9]*)[ \t\n\r\f]*"
    r"|([a-zA-Z][a-zA-Z0-9]*)(?:[ \t\n\r\f]+[a-zA-Z-]+=\"[^\"<>]*\")*[ \t\n\r\f]*/?)>"
)
# Where `str.splitlines` would split.
_BREAKS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")


class _Text(HTMLParser):
    """Collects text, with a line break at each border of a block."""

    def __init__(self, *, marked_up: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._marked_up = marked_up
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BLOCKS:
            self.parts.append("\n")
        elif tag in _CELLS:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def updatepos(self, i: int, j: int) -> int:
        """Where the parser is, without counting the lines up to there, which nobody asks for."""
        return j

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Pass over `<![...>`, which browsers take for a comment and the base class may raise for."""
        return self.parse_bogus_comment(i, report)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            # A line break in markup is a space; in text without markup it is what it looks like.
            self.parts.append(_BREAKS.sub(" ", data) if self._marked_up else data)


def plain_text(markup: str | None) -> str | None:
    """The text of a piece of HTML: entities decoded, runs of space as one, paragraphs as lines; None for no text."""
    if markup is None:
        return None
    parts = _of_well_formed(markup) or _parsed(markup)
    lines = (" ".join(line.split()) for line in "".join(parts).splitlines())
    return "\n".join(line for line in lines if line) or None


def _of_well_formed(markup: str) -> list[str] | None:
    """What the parser would collect, in a third of its time; None unless every "<" begins a tag that is plain."""
    first, *tagged = _TAG.split(markup)
    if not tagged:
        return None
    texts = [first, *tagged[2::3]]
    if any("<" in text for text in texts):
        return None
    texts = [_BREAKS.sub(" ", html.unescape(text)) for text in texts]
    parts = texts[:1]
    for closed, opened, text in zip(tagged[::3], tagged[1::3], texts[1:], strict=True):
        tag = (closed or opened).lower()
        if tag in _UNLIKE_OTHERS:
            return None
        parts.append("\n" if tag in _BLOCKS else " " if opened and tag in _CELLS else "")
        parts.append(text)
    return parts


def _parsed(markup: str) -> list[str]:
    parser = _Text(marked_up="<" in markup)
    # What follows the last ">" can be nothing but text; the parser would look through all of it again at each "<".
    end = markup.rfind(">") + 1
    parser.feed(markup[:end])
    parser.close()
    parser.handle_data(html.unescape(markup[end:]))
    return parser.parts
