"""What the commands of `planion` share: exit codes, options and their shell completion, the end of one that prints.

Imports nothing large. The scripts that shells load are click's own (`_PLANION_COMPLETE=bash_source planion`).
"""

import contextlib
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import NoReturn

import click
from click.shell_completion import CompletionItem

from planion_assets.cli import streams
from planion_assets.config import Config, ConfigError, load
from planion_assets.guide import GuidedError, Heading, see
from planion_assets.keys import ConferenceKey
from planion_assets.tables.sessions import SESSIONS

EXIT_FAILED = 1
EXIT_USAGE = 2


def complete_key(
    context: click.Context, parameter: click.Parameter, incomplete: str, *, removed: bool = False
) -> list[CompletionItem]:
    """The configured keys that complete `incomplete`, each once; none where the configuration cannot be used.

    With `removed` those of the conferences that are stored and not configured.
    """
    try:
        settings = load(sandbox=bool(context.params.get("sandbox")))
        keys: Sequence[ConferenceKey] = _removed(settings) if removed else settings.keys()
    except (ConfigError, OSError):
        return []
    named = context.params.get(parameter.name or "") or ()
    found = [key for key in map(str, keys) if key.startswith(incomplete) and key not in named]
    return [CompletionItem(_shell_quoted(key)) for key in found]


def _removed(settings: Config) -> list[ConferenceKey]:
    # Imported here: completion of anything else need not wait for pyarrow.
    from planion_assets.refresh.stores import store_of

    configured = set(settings.keys())
    return [key for key in store_of(settings).keys(SESSIONS.location) if key not in configured]


def _shell_quoted(key: str) -> str:
    """A key as it is put on the command line: zsh and fish quote by themselves, bash takes `|` for a pipe."""
    if os.environ.get("_PLANION_COMPLETE") != "bash_complete":
        return key
    words, place = os.environ.get("COMP_WORDS", "").split(), os.environ.get("COMP_CWORD", "")
    word = words[int(place)] if place.isdigit() and int(place) < len(words) else ""
    return key if word[:1] in ("'", '"') else shlex.quote(key)


keys_argument = click.argument("keys", nargs=-1, metavar="[KEY]...", shell_complete=complete_key)
sandbox_option = click.option(
    "--sandbox",
    is_flag=True,
    help="Read the sandbox, made-up conferences, into a data folder of its own, whatever the configuration says.",
)


def parsed_keys(keys: tuple[str, ...]) -> tuple[ConferenceKey, ...]:
    """The conferences named, each once; one that is malformed is refused."""
    try:
        return tuple(dict.fromkeys(map(ConferenceKey.parse, keys)))
    except ValueError as error:
        refuse(error)


def wanted_keys(settings: Config, keys: tuple[str, ...]) -> tuple[ConferenceKey, ...]:
    """The conferences named, each once, or all. Raises `ConfigError` for one that is not configured."""
    wanted = parsed_keys(keys)
    for key in wanted:
        settings.conference(key)
    return wanted or settings.keys()


@contextlib.contextmanager
def refusing() -> Iterator[None]:
    """Refuse settings, a data folder or an instance of Dagster that cannot be used."""
    try:
        yield
    except GuidedError as error:
        refuse(error)


def refuse(error: Exception | str) -> NoReturn:
    """Print to stderr why the command cannot be carried out, and where to read on, and exit with 2."""
    click.echo(see(str(error), Heading.ARGUMENTS), err=True)
    sys.exit(EXIT_USAGE)


def end(*, succeeded: bool = True) -> NoReturn:
    """Exit with 0, or with 1 without success; with 1 and a message where a part of the output was lost."""
    if reason := streams.write_error(sys.stdout):
        click.echo(f"standard output took only a part of what was to be printed: {reason}", err=True)
        sys.exit(EXIT_FAILED)
    sys.exit(0 if succeeded else EXIT_FAILED)
