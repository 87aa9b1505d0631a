"""What the commands of `planion` share: exit codes, options, the end of a command that prints.

Belongs here: what more than one command's arguments or end are made of. Imports nothing large.
"""

import sys
from typing import NoReturn

import click

from planion_assets.cli import streams
from planion_assets.config import Config
from planion_assets.guide import Heading, see
from planion_assets.keys import ConferenceKey

EXIT_FAILED = 1
EXIT_USAGE = 2

sandbox_option = click.option(
    "--sandbox",
    is_flag=True,
    help="Read the sandbox, made-up conferences, into a data folder of its own, whatever the configuration says.",
)


def wanted_keys(settings: Config, keys: tuple[str, ...]) -> tuple[ConferenceKey, ...]:
    """The conferences named, each once, or all.

    Raises ValueError or `ConfigError` for one that is malformed or not configured.
    """
    if not keys:
        return settings.keys()
    wanted = tuple(dict.fromkeys(ConferenceKey.parse(key) for key in keys))
    for key in wanted:
        settings.conference(key)
    return wanted


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
