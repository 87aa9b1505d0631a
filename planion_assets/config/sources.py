"""Where settings come from: a file, or the sandbox where there is none, and the environment's overrides.

Belongs here: finding and reading the file, the sandbox's settings, the variables that go before a file's values.
Does not belong here: whether the document that is found makes sense (models.py, settings.py), tokens' variables.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planion_assets.config import yaml_text
from planion_assets.config.constants import (
    DATA_VARIABLE,
    DEFAULT_FILE,
    EXAMPLE_FILE,
    FILE_VARIABLE,
    SANDBOX_SOURCE,
    SANDBOX_URL,
    URL_VARIABLE,
)
from planion_assets.config.errors import ConfigError
from planion_assets.config.models import Location


@dataclass(frozen=True)
class Source:
    """A document of settings, and where it was found."""

    name: str
    folder: Path | None  # of the file; None for the sandbox
    document: Mapping[str, Any]
    problems: tuple[str, ...]  # of the YAML text
    tokens: Mapping[str, str]


def read_file(environ: Mapping[str, str], here: Path) -> Source | None:
    """The file's content; None when no file is asked for and none is there. Could not read is never None."""
    asked = environ.get(FILE_VARIABLE, "").strip()
    name = asked or DEFAULT_FILE
    path = here / name
    content, failure = b"", None
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        if not asked and not path.is_symlink():
            return None
        failure = f"does not exist; correct or unset {FILE_VARIABLE}" if asked else "links to no file; remove it"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        failure = f"cannot be read ({reason}); put a readable file there"
    if failure:
        raise ConfigError(f"{name}: {FILE_VARIABLE if asked else 'the file'}: {failure}")
    document, problems = yaml_text.parse(content)
    if isinstance(document, dict):
        return Source(name, path.parent, document, problems, {})
    kind = "is empty" if document in (None, "") else "is not a set of keys"
    problems = problems or (f"the file: {kind}; begin with a copy of {EXAMPLE_FILE}",)
    raise ConfigError(*(f"{name}: {problem}" for problem in problems))


def sandbox() -> Source:
    """The settings where there is no file: every account and conference of the sandbox."""
    # Not at the top: whoever has a file needs no sandbox.
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
    return Source(SANDBOX_SOURCE, None, {"feed": {"url": SANDBOX_URL}, "accounts": entries}, (), TOKENS)


def with_overrides(
    document: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[dict[str, Any], dict[Location, str]]:
    """`document` with the locations that variables give, and which variable each of them comes from."""
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
