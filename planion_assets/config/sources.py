"""Where settings come from: a file, or the sandbox on request, and variables of the environment that override them.

Whether the values make sense is in models.py and settings.py.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planion_assets.config import yaml_text
from planion_assets.config.config_errors import ConfigError
from planion_assets.config.constants import (
    DATA_VARIABLE,
    DEFAULT_FILE,
    EXAMPLE,
    FILE_VARIABLE,
    SANDBOX_DATA,
    SANDBOX_SOURCE,
    SANDBOX_URL,
    SANDBOX_VARIABLE,
    URL_VARIABLE,
)
from planion_assets.config.models import Location
from planion_assets.guide import Heading

GIVEN_SOURCE = "the given settings"
"""What messages call settings that came as a mapping."""


@dataclass(frozen=True)
class Source:
    """A document of settings, and where it was found."""

    name: str
    folder: Path | None  # of the file; None for the sandbox
    document: Mapping[str, Any]
    problems: tuple[str, ...]  # of the YAML text
    tokens: Mapping[str, str]


def find(
    environ: Mapping[str, str], here: Path, *, sandbox: bool = False, given: str | Mapping[str, Any] | None = None
) -> Source:
    """Where the settings are, with the arguments of `load`. Raises ConfigError.

    PLANION_SANDBOX counts only where there is no file: exported by accident, it must not keep a feed from being read.
    Without it, and without a file, made-up data is never read in place of a file that was lost.
    """
    if sandbox:
        return _sandbox()
    if given is not None:
        if isinstance(given, Mapping):
            return Source(GIVEN_SOURCE, here, given, (), {})
        return _file(given, here, "config")
    named = environ.get(FILE_VARIABLE, "").strip()
    if not _sandbox_requested(environ):
        return _file(named, here, FILE_VARIABLE)
    if named or os.path.lexists(here / DEFAULT_FILE):
        raise ConfigError(
            f"environment: {SANDBOX_VARIABLE}: asks for the sandbox, and {named or DEFAULT_FILE} is to be read; unset "
            "the variable to read your feed, or say --sandbox to read the sandbox all the same"
        )
    return _sandbox()


def _sandbox_requested(environ: Mapping[str, str]) -> bool:
    value = environ.get(SANDBOX_VARIABLE, "").strip()
    if value not in ("", "0", "1"):
        raise ConfigError(f"environment: {SANDBOX_VARIABLE}: is neither 1 nor 0; set it to 1, or unset it")
    return value == "1"


def _file(given: str, here: Path, given_by: str) -> Source:
    """The file's content. Raises ConfigError for one that is not there, or cannot be read."""
    name = given or DEFAULT_FILE
    path = here / name
    where = f"{name}: {given_by if given else 'the file'}"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        if given:
            failure = f"does not exist; correct {given_by}, or leave it out"
        elif path.is_symlink():
            failure = "links to no file; remove it"
        else:
            failure = (
                f"is not there, in {here}; write it (`planion init`, or a copy of {EXAMPLE}), name another "
                f"with {FILE_VARIABLE}, or ask for the made-up sandbox feed: --sandbox or {SANDBOX_VARIABLE}=1"
            )
        raise ConfigError(f"{where}: {failure}", heading=Heading.LOST_SETTINGS) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise ConfigError(f"{where}: cannot be read ({reason}); put a readable file there") from None
    document, problems = yaml_text.parse(content)
    if isinstance(document, dict):
        return Source(name, path.parent, document, problems, {})
    kind = "is empty" if document in (None, "") else "is not a set of keys"
    problems = problems or (f"the file: {kind}; begin with {EXAMPLE}",)
    raise ConfigError(*(f"{name}: {problem}" for problem in problems))


def _sandbox() -> Source:
    """The sandbox's settings: every account and conference of it, and a data folder of its own."""
    # Imported here: with a file of settings no sandbox is needed.
    from planion_assets.sandbox import CONFERENCES, SPEAKERS_OF, TIMEZONES, TOKENS

    accounts: dict[str, list[dict[str, str]]] = {}
    for account, conference in CONFERENCES:
        timezone = TIMEZONES.get((account, conference), "")
        accounts.setdefault(account, []).append({"conference": conference, "timezone": timezone})
    entries = [
        {
            "account": account,
            "token_env": "PLANION_SANDBOX_TOKEN_" + re.sub(r"[^A-Za-z0-9]", "_", account),
            "endpoints": ["sessions", "speakers"] if account in SPEAKERS_OF else ["sessions"],
            "conferences": conferences,
        }
        for account, conferences in accounts.items()
    ]
    document = {"feed": {"url": SANDBOX_URL}, "data": SANDBOX_DATA, "accounts": entries}
    return Source(SANDBOX_SOURCE, None, document, (), TOKENS)


def with_overrides(
    document: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[dict[str, Any], dict[Location, str]]:
    """`document` with the values that variables override, and the variable of each such location."""
    result = dict(document)
    overridden: dict[Location, str] = {}
    feed = result.get("feed") or {}
    if (url := environ.get(URL_VARIABLE, "")).strip() and isinstance(feed, dict):
        result["feed"] = {**feed, "url": url}
        overridden["feed", "url"] = URL_VARIABLE
    if (data := environ.get(DATA_VARIABLE, "")).strip():
        result["data"] = data
        overridden[("data",)] = DATA_VARIABLE
    return result, overridden
