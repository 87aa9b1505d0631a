"""What is wrong with the settings: one line `FILE: KEY: what is wrong; what to do` for each problem.

Belongs here: the translation of pydantic's errors, unknown keys, repeated names. The words about a single value are in
the function that checks it, those about YAML in yaml_text.py.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from annotated_types import Ge, Le
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from planion_assets.config import models
from planion_assets.config.model_base import Model
from planion_assets.config.models import Location
from planion_assets.config.setting_values import value_text
from planion_assets.config.storage_config import StorageConfig
from planion_assets.keys import path_name, quoted

_MODELS: dict[Location, type[Model]] = {
    (): models.File,
    ("feed",): models.FeedConfig,
    ("storage",): StorageConfig,
    ("max_update_age",): models.MaxUpdateAge,
    ("accounts",): models.AccountConfig,
    ("accounts", "conferences"): models.ConferenceConfig,
    ("accounts", "conferences", "max_update_age"): models.MaxUpdateAge,
}

# pydantic's kinds of errors, in words that follow a key.
_WRONG = {
    "missing": "is not given",
    "greater_than_equal": "is less than {least}",
    "less_than_equal": "is more than {most}",
    "int_parsing": "is not a whole number",
    "int_parsing_size": "has too many digits",
    "int_type": "is not a whole number",
    "float_parsing": "is not a number",
    "float_type": "is not a number",
    "finite_number": "is not a number",
    "bool_parsing": "is neither true nor false",
    "bool_type": "is neither true nor false",
    "literal_error": "is not {expected}",
    "string_type": "is not one piece of text",
    "tuple_type": "is not a list, each entry of which begins with '- '",
    "model_type": "is not a set of keys, indented below it",
}


def problem_line(error: ErrorDetails, file: str, overridden: Mapping[Location, str]) -> str:
    """One line for one of pydantic's errors, without the value: it may be a token in the wrong place."""
    location = error["loc"]
    if variable := overridden.get(location):
        file, key = "environment", variable
    else:
        key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
    *parents, name = (part for part in location if isinstance(part, str))
    model = _MODELS[tuple(parents)]
    if error["type"] == "extra_forbidden":
        return f"{file}: {key}: is not a known key; {_advice(name, model)}"
    if error["type"] == "value_error":
        return f"{file}: {key}: {error['ctx']['error']}"
    if isinstance(location[-1], int) and (*parents, name) in _MODELS:
        keys = ", ".join(_MODELS[*parents, name].model_fields)
        return f"{file}: {key}: is not a set of keys; give {keys}"
    field = model.model_fields[name]
    least, most = limits(field)
    wrong = _WRONG.get(error["type"], "cannot be used").format(least=least, most=most, **error.get("ctx", {}))
    return f"{file}: {key}: {wrong}; give {field.description}"


def limits(field: FieldInfo) -> tuple[str | None, str | None]:
    """The least and the most that a setting may be, as planion.yaml would write them; None where it has no limit."""
    least = next((value_text(entry.ge) for entry in field.metadata if isinstance(entry, Ge)), None)
    most = next((value_text(entry.le) for entry in field.metadata if isinstance(entry, Le)), None)
    return least, most


def _advice(key: str, model: type[Model]) -> str:
    near = get_close_matches(key, model.model_fields, n=1)
    return f"did you mean {near[0]}?" if near else f"take it out; the keys here are {', '.join(model.model_fields)}"


def duplicates(document: Mapping[str, Any]) -> Iterator[str]:
    """A line, without the file's name, for each name that is given twice or would share a file with another.

    Of the document: there are no models where something else is wrong.
    """
    accounts = document.get("accounts")
    yield from _repeated(accounts, "account", "accounts")
    for index, entry in enumerate(accounts if isinstance(accounts, list) else ()):
        conferences = entry.get("conferences") if isinstance(entry, dict) else None
        yield from _repeated(conferences, "conference", f"accounts[{index}].conferences")


def _repeated(entries: object, key: str, where: str) -> Iterator[str]:
    """Names whose files have one name where letter case is ignored, as disks of macOS and Windows do.

    Refused on every disk: tables are copied from one to another, and a file of settings means the same on both.
    """
    first: dict[str, tuple[int, str]] = {}
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        name = entry.get(key) if isinstance(entry, dict) else None
        if not isinstance(name, str) or not name:
            continue
        before, other = first.setdefault(_file_name(name), (index, name))
        if before == index:
            continue
        if name == other:
            yield f"{where}[{index}].{key}: {quoted(name)} is in {where}[{before}] already; keep one"
        else:
            yield (
                f"{where}[{index}].{key}: {quoted(name)} is {quoted(other)} of {where}[{before}] in other letter case, "
                "and many disks would make one file of both; keep one, or read the other with a file and a data folder "
                "of its own"
            )


def _file_name(name: str) -> str:
    """The file name as a disk that ignores letter case compares it; letters beyond ASCII are percent-encoded in it."""
    try:
        return path_name(name).lower()
    except UnicodeEncodeError:  # a lone surrogate, which the models refuse
        return name
