"""What the commands of `planion` share: exit codes, options, the end of a command that prints.

Belongs here: what more than one command's arguments or end are made of. Imports nothing large.
"""

import contextlib
import sys
from collections.abc import Iterator
from typing import NoReturn

import click

from planion_assets.cli import streams
from planion_assets.cli.completion import complete_key
from planion_assets.config import Config
from planion_assets.guide import GuidedError, Heading, see
from planion_assets.keys import ConferenceKey

EXIT_FAILED = 1
EXIT_USAGE = 2

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
    """Say on stderr why the command cannot be carried out, and where to read on, and exit with 2."""
    click.echo(see(str(error), Heading.ARGUMENTS), err=True)
    sys.exit(EXIT_USAGE)


def end(code: int) -> NoReturn:
    """Exit with that code; where what was printed did not arrive, with 1 and a line that says so."""
    if reason := streams.lost(sys.stdout):
        click.echo(f"standard output took only a part of what was to be printed: {reason}", err=True)
        sys.exit(EXIT_FAILED)
    sys.exit(code)
