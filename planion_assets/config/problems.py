"""What pydantic found wrong with a file, in words: one line `FILE: KEY: what is wrong; what to do` per error.

Belongs here: the translation of pydantic's errors, and advice about unknown keys.
Does not belong here: problems of the YAML text (yaml_text.py), of repeated names (duplicates.py), or of a single
value (values.py, whose words are passed on as they are).
"""

from collections.abc import Mapping
from difflib import get_close_matches

from pydantic_core import ErrorDetails

from planion_assets.config.models import (
    AccountConfig,
    ConferenceConfig,
    FeedConfig,
    File,
    Location,
    MaxUpdateAge,
    Model,
)

_MODELS: dict[Location, type[Model]] = {
    (): File,
    ("feed",): FeedConfig,
    ("max_update_age",): MaxUpdateAge,
    ("accounts",): AccountConfig,
    ("accounts", "conferences"): ConferenceConfig,
    ("accounts", "conferences", "max_update_age"): MaxUpdateAge,
}

# pydantic's kinds of errors, in words that follow a key.
_WRONG = {
    "missing": "is not given",
    "greater_than_equal": "is less than {ge:g}",
    "less_than_equal": "is more than {le:g}",
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
    wrong = _WRONG.get(error["type"], "cannot be used").format(**error.get("ctx", {}))
    return f"{file}: {key}: {wrong}; give {model.model_fields[name].description}"


def _advice(key: str, model: type[Model]) -> str:
    if near := get_close_matches(key, model.model_fields, n=1):
        return f"did you mean {near[0]}?"
    return f"take it out; the keys here are {', '.join(model.model_fields)}"
