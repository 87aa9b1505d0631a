"""planion.yaml as an editor sees it: values typed by YAML 1.2, held against the schema of the file."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError

from planion_assets.config.json_schema import json_schema

_VALIDATOR = Draft202012Validator(json_schema())
_LONG = 1 << 16  # characters of a text that is about speed, not about what may be written


class _Editor(yaml.SafeLoader):
    """The core schema of YAML 1.2: a date and `no` are text."""


_Editor.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in ("null", "merge")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _kind, _pattern, _first in (
    ("bool", "true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", "[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _Editor.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(f"^(?:{_pattern})$"), list(_first))


def underlined(text: str | bytes) -> list[str]:
    """Where an editor underlines a file: the paths of the values that are not as the schema says."""
    if len(text) > _LONG:
        return []
    document: Any = yaml.load(text, _Editor)  # noqa: S506 - a safe loader
    return list(_paths(_VALIDATOR.iter_errors(document)))


def _paths(errors: Iterable[ValidationError]) -> Iterator[str]:
    """Of errors and, where a value is none of several kinds, of what is wrong with each."""
    for error in errors:
        yield error.json_path
        yield from _paths(error.context or ())
