"""Shell completion of conference keys.

Belongs here: the keys of the configuration, in the form in which a shell takes them. The scripts that shells load are
click's own (`_PLANION_COMPLETE=bash_source planion`).
"""

import os
import shlex
from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from planion_assets.config import Config, ConfigError, load
from planion_assets.keys import ConferenceKey
from planion_assets.tables.sessions import SESSIONS


def complete_key(
    context: click.Context, parameter: click.Parameter, incomplete: str, *, removed: bool = False
) -> list[CompletionItem]:
    """The configured keys that begin so and are not named yet; none where the configuration cannot be used.

    With `removed` those of the conferences that are stored and not configured.
    """
    try:
        settings = load(sandbox=bool(context.params.get("sandbox")))
        keys: Sequence[ConferenceKey] = _removed(settings) if removed else settings.keys()
    except (ConfigError, OSError):
        return []
    named = context.params.get(parameter.name or "") or ()
    found = [key for key in map(str, keys) if key.startswith(incomplete) and key not in named]
    return [CompletionItem(_written(key)) for key in found]


def _removed(settings: Config) -> list[ConferenceKey]:
    # Imported here: completion of anything else need not wait for pyarrow.
    from planion_assets.refresh.stores import store_of

    configured = set(settings.keys())
    return [key for key in store_of(settings).keys(SESSIONS.location) if key not in configured]


def _written(key: str) -> str:
    """A key as it is put on the command line: zsh and fish quote by themselves, bash takes `|` for a pipe."""
    if os.environ.get("_PLANION_COMPLETE") != "bash_complete":
        return key
    words, place = os.environ.get("COMP_WORDS", "").split(), os.environ.get("COMP_CWORD", "")
    word = words[int(place)] if place.isdigit() and int(place) < len(words) else ""
    return key if word[:1] in ("'", '"') else shlex.quote(key)
