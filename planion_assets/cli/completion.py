"""Completion of conference keys by the shell: what click asks for while somebody presses Tab.

Belongs here: the keys of the configuration, in the form in which a shell takes them. The scripts that shells load are
click's own (`_PLANION_COMPLETE=bash_source planion`).
"""

import os
import shlex

import click
from click.shell_completion import CompletionItem

from planion_assets.config import ConfigError, load


def complete_key(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The configured keys that begin so and are not named yet; none where the configuration cannot be used."""
    try:
        settings = load(sandbox=bool(context.params.get("sandbox")))
    except ConfigError:
        return []
    named = context.params.get(parameter.name or "") or ()
    keys = [str(key) for key in settings.keys()]
    return [CompletionItem(_written(key)) for key in keys if key.startswith(incomplete) and key not in named]


def _written(key: str) -> str:
    """A key as it is put on the command line: zsh and fish quote by themselves, bash takes `|` for a pipe."""
    if os.environ.get("_PLANION_COMPLETE") != "bash_complete":
        return key
    words, place = os.environ.get("COMP_WORDS", "").split(), os.environ.get("COMP_CWORD", "")
    begun = words[int(place)] if place.isdigit() and int(place) < len(words) else ""
    return key if begun[:1] in ("'", '"') else shlex.quote(key)
