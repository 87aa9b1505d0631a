"""The text of markup as Python's own parser finds it: what `planion_assets.tables.fields.markup` is compared with."""

from html import unescape
from html.parser import HTMLParser

from planion_assets.tables.fields import markup


class _Text(HTMLParser):
    """Collects text, with a line break at each border of a block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in markup._SILENT
        self.parts.append("\n" if tag in markup._BLOCKS else " " if tag in markup._CELLS else "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in markup._SILENT and self._silent > 0
        self.parts.append("\n" if tag in markup._BLOCKS else "")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(" ".join(data.splitlines()) + " " * data[-1:].isspace())


def stdlib_text(markup: str) -> str | None:
    """The text of markup that has a tag, as lines; None for none."""
    parser = _Text()
    end = markup.rfind(">") + 1
    parser.feed(markup[:end])
    parser.close()
    parser.handle_data(unescape(markup[end:]))
    lines = (" ".join(line.split()) for line in "".join(parser.parts).splitlines())
    return "\n".join(line for line in lines if line) or None
