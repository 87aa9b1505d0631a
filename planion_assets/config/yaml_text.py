"""YAML as text: mappings and lists whose scalars are all str, as they were written.

Belongs here: decoding, YAML syntax, duplicate keys, and their messages.
Does not belong here: what the keys mean (models.py).
"""

import re
from collections.abc import Hashable
from typing import Any

import yaml


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
        loader = _TextLoader(text)
        document = loader.get_single_data()
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        # Not YAMLError: an escape beyond Unicode ("\\UFFFFFFFF"), brackets nested by the thousand.
        return None, (_syntax_problem(text, error),)
    return document, tuple(loader.problems)


class _TextLoader(yaml.BaseLoader):
    """BaseLoader leaves every scalar as written.

    The other loaders guess: a conference 2018 or 2024_1 becomes an integer, the account NO false, 1.0 a
    float; the name that was written is gone then.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.problems: list[str] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        # YAML forbids a repeated key; the library keeps the last one in silence.
        lines: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            line = key.start_mark.line + 1
            if key.value in lines:
                first = lines[key.value]
                self.problems.append(f"{key.value}: is given on line {first} and again on line {line}; keep one")
            lines.setdefault(key.value, line)
        return super().construct_mapping(node, deep)


def _syntax_problem(text: str, error: Exception) -> str:
    if isinstance(error, yaml.reader.ReaderError):
        line, column = _place(text, error.position)
        return f"line {line}, column {column}: holds an unprintable character; take it out"
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return "line 1: cannot be read as YAML; compare it with planion.example.yaml"
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
