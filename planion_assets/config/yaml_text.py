"""YAML as text: mappings and lists whose scalars are all str, as they were written; what is wrong with the text."""

import re
from typing import Any

import yaml

from planion_assets.config.constants import EXAMPLE

try:
    from yaml import CBaseLoader as _Loader
except ImportError:  # PyYAML built without libyaml: ten times slower, and the same nodes
    from yaml import BaseLoader as _Loader  # type: ignore[assignment]

_LONG = 1 << 20
"""Characters of a text beyond which libyaml words what is wrong: the library in Python takes minutes to find it."""
# Not YAMLError alone: an escape beyond Unicode ("\\UFFFFFFFF"), brackets nested by the thousand.
_FAILURES = (yaml.YAMLError, ValueError, OverflowError, RecursionError)


def parse(content: bytes) -> tuple[object, tuple[str, ...]]:
    """The document in `content` (dict, list, str; None when there is none) and what is wrong with the text.

    Each problem is one line `WHERE: what is wrong; what to do` without the file's name, and repeats no value.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return None, (f"line {line}: is not UTF-8 text; save the file as UTF-8",)
    document = _Document()
    try:
        node = _Loader(text).get_single_node()
        return document.value(node) if node else None, tuple(document.problems)
    except _FAILURES as error:
        return None, (_syntax_problem(text, _worded(text, error)),)


def _worded(text: str, error: Exception) -> Exception:
    """The error of PyYAML's own parser, whose words are clearer than libyaml's, and the same with and without it."""
    if len(text) > _LONG:
        return error
    try:
        yaml.BaseLoader(text).get_single_data()
    except _FAILURES as said:
        return said
    return error


class _Document:
    """Values of the nodes of one document, every scalar as it was written, and a line for each key given twice.

    YAML's own rules guess: a conference 2018 or 2024_1 becomes an integer, the account NO false, 1.0 a float; the name
    that was written is gone then.
    """

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._values: dict[yaml.Node, Any] = {}  # of lists and mappings: an alias is the same node again

    def value(self, node: yaml.Node) -> Any:
        """The value of a node. Raises YAMLError for a key that is no text and a list or mapping within itself."""
        if isinstance(node, yaml.ScalarNode):
            return node.value
        if node in self._values:
            if self._values[node] is None:
                raise yaml.MarkedYAMLError(problem="found recursive alias", problem_mark=node.start_mark)
            return self._values[node]
        self._values[node] = None  # until it is whole
        is_list = isinstance(node, yaml.SequenceNode)
        found = [self.value(entry) for entry in node.value] if is_list else self._mapping(node)
        self._values[node] = found
        return found

    def _mapping(self, node: yaml.Node) -> dict[str, Any]:
        found: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="found a key that is no text", problem_mark=key.start_mark)
            name, line = key.value, key.start_mark.line + 1
            # YAML forbids a repeated key; the last one would win in silence.
            if name in found:
                self.problems.append(f"{name}: is given on line {lines[name]} and again on line {line}; keep one")
            lines.setdefault(name, line)
            found[name] = self.value(value)
        return found


def _syntax_problem(text: str, error: Exception) -> str:
    if isinstance(error, yaml.reader.ReaderError) and (found := yaml.reader.Reader.NON_PRINTABLE.search(text)):
        lines = text[: found.start()].split("\n")
        return f"line {len(lines)}, column {len(lines[-1]) + 1}: holds an unprintable character; take it out"
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return f"line 1: cannot be read as YAML; compare it with {EXAMPLE}"
    # Not str(error): it repeats the line, which may hold a secret. So may the name of an alias or tag handle.
    problem = re.sub(r"(alias|tag handle) ['\"].*", r"\1", error.problem or "is not YAML")
    mark = error.problem_mark
    return (
        f"line {mark.line + 1}, column {mark.column + 1}: cannot be read as YAML ({problem}); "
        "indent with spaces, and put text that holds ': ', ' #' or begins with a sign in quotes"
    )
