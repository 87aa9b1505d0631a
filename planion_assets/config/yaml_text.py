"""YAML as text: mappings and lists whose scalars are all str, as they were written.

Belongs here: decoding, YAML syntax, duplicate keys, and their messages.
Does not belong here: what the keys mean (models.py).
"""

import re
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from planion_assets.config.constants import EXAMPLE

try:
    from yaml.cyaml import CParser as _Parser  # type: ignore[attr-defined]
except ImportError:  # PyYAML built without libyaml: ten times slower, and the same events
    from yaml import BaseLoader as _Parser  # type: ignore[assignment]

_LONG = 1 << 20
"""Characters of a text beyond which libyaml words what is wrong: the library in Python takes minutes to find it."""


def parse(content: bytes) -> tuple[object, tuple[str, ...]]:
    """The document in `content` (dict, list, str; None when there is none) and what is wrong with the text.

    Each problem is one line `WHERE: what is wrong; what to do` without the file's name, and repeats no value.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return None, (f"line {line}: is not UTF-8 text; save the file as UTF-8",)
    try:
        return _Document(_Parser(text)).read()
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        return None, (_syntax_problem(text, _worded(text, error)),)


def _worded(text: str, error: Exception) -> Exception:
    """What the library itself says of a text that is wrong: the clearest words, and always the same."""
    if len(text) > _LONG:
        return error
    try:
        yaml.BaseLoader(text).get_single_data()
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as said:
        # Not YAMLError: an escape beyond Unicode ("\\UFFFFFFFF"), brackets nested by the thousand.
        return said
    return error


class _List:
    """A list that is being filled."""

    __slots__ = ("mark", "value")

    def __init__(self, mark: Any) -> None:
        self.mark = mark
        self.value: list[Any] = []

    def add(self, value: Any, event: Any) -> None:
        """Take the next entry."""
        self.value.append(value)


class _Mapping:
    """A mapping that is being filled: keys and values come by turns."""

    __slots__ = ("key", "mark", "marks", "problems", "value")

    def __init__(self, mark: Any, problems: list[str]) -> None:
        self.mark = mark
        self.problems = problems
        self.value: dict[str, Any] = {}
        self.key: str | None = None  # the one whose value comes next
        self.marks: list[Any] = []  # where each key of `value` is

    def add(self, value: Any, event: Any) -> None:
        """Take the next key, or the value of the one that waits for it."""
        if self.key is not None:
            self.value[self.key] = value
            self.key = None
        elif not isinstance(value, str):
            raise yaml.MarkedYAMLError(problem="found a key that is no text", problem_mark=event.start_mark)
        else:
            # YAML forbids a repeated key; the last one would win in silence.
            if value in self.value:
                first, again = self.marks[list(self.value).index(value)].line + 1, event.start_mark.line + 1
                self.problems.append(f"{value}: is given on line {first} and again on line {again}; keep one")
            else:
                self.marks.append(event.start_mark)
            self.key = value


class _Document:
    """The one document of a text, put together from a parser's events; every scalar stays as it was written.

    YAML's own rules guess: a conference 2018 or 2024_1 becomes an integer, the account NO false, 1.0 a float; the name
    that was written is gone then. Events in place of the library's nodes: a file with 100,000 accounts takes a third
    of the time.
    """

    def __init__(self, parser: Any) -> None:
        self._parser = parser
        self._documents = _List(None)
        self._open: list[_List | _Mapping] = [self._documents]
        self._anchors: dict[str, Any] = {}
        self._problems: list[str] = []

    def read(self) -> tuple[object, tuple[str, ...]]:
        """The document, None where there is none, and a line for each key that is given twice. Raises YAMLError."""
        documents = self._documents.value
        next_event, add = self._parser.get_event, self._documents.add
        while (kind := type(event := next_event())) is not StreamEndEvent:
            if kind is ScalarEvent:
                add(event.value, event)
                if event.anchor:
                    self._anchors[event.anchor] = event.value
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._open.pop()
                add = self._open[-1].add
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                add(self._opened(event), event)
                add = self._open[-1].add
            elif kind is AliasEvent:
                add(self._aliased(event), event)
            elif kind is DocumentStartEvent and documents:
                mark: Any = event.start_mark
                raise yaml.MarkedYAMLError(problem="found another document", problem_mark=mark)
        return documents[0] if documents else None, tuple(self._problems)

    def _opened(self, event: MappingStartEvent | SequenceStartEvent) -> Any:
        mapping = isinstance(event, MappingStartEvent)
        mark = event.start_mark
        collection: _List | _Mapping = _Mapping(mark, self._problems) if mapping else _List(mark)
        self._open.append(collection)
        if event.anchor:
            self._anchors[event.anchor] = collection.value
        return collection.value

    def _aliased(self, event: AliasEvent) -> Any:
        if event.anchor not in self._anchors:
            mark: Any = event.start_mark
            raise yaml.MarkedYAMLError(problem="found undefined alias", problem_mark=mark)
        value = self._anchors[event.anchor]
        for collection in self._open:
            if collection.value is value:
                raise yaml.MarkedYAMLError(problem="found recursive alias", problem_mark=collection.mark)
        return value


def _syntax_problem(text: str, error: Exception) -> str:
    if isinstance(error, yaml.reader.ReaderError) and (found := yaml.reader.Reader.NON_PRINTABLE.search(text)):
        line, column = _place(text, found.start())
        return f"line {line}, column {column}: holds an unprintable character; take it out"
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return f"line 1: cannot be read as YAML; compare it with {EXAMPLE}"
    # Not str(error): it repeats the line, which may hold a secret. So may the name of an alias or tag handle.
    problem = re.sub(r"(alias|tag handle) ['\"].*", r"\1", error.problem or "is not YAML")
    mark = error.problem_mark
    return (
        f"line {mark.line + 1}, column {mark.column + 1}: cannot be read as YAML ({problem}); "
        "indent with spaces, and put text that holds ': ', ' #' or begins with a sign in quotes"
    )


def _place(text: str, position: int) -> tuple[int, int]:
    """Line and column, both from 1, of the character at `position`."""
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1
