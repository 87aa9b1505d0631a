"""`planion init`: the questions, and a first planion.yaml from their answers or from options.

What a value may be is in `planion_assets.config`: the questions ask the same functions as the loader.
"""

import json
import os
import re
import signal
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import IO, Any

import click

from planion_assets.cli.command_options import end, refuse
from planion_assets.config import ConfigError, load, yaml_text
from planion_assets.config.constants import DEFAULT_FILE, EXAMPLE_FILE, FEED_URL, FILE_VARIABLE
from planion_assets.config.data_address import checked_data
from planion_assets.config.setting_values import checked_name, checked_timezone, checked_url, checked_variable_name
from planion_assets.config.sources import GIVEN_SOURCE

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:-]*(?<!:)", re.ASCII)  # text that YAML reads as it stands
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_HEADING = """# yaml-language-server: $schema=planion.schema.json
# Which conferences are read. Every other key, with its default: planion init --example
"""


@click.command()
@click.option("--account", help="The account acronym, as Planstone gave it.")
@click.option(
    "--token-env",
    help="The environment variable that holds the account's API token; PLANION_TOKEN_ACCOUNT if left out.",
)
@click.option("--conference", "conferences", multiple=True, help="A conference container ID; may be repeated.")
@click.option("--timezone", help="The IANA name of the venues' time zone, for example America/Chicago.")
@click.option("--url", help=f"The address of the feed; {FEED_URL} if left out.")
@click.option("--data", help="The folder of the tables, or an address such as s3://bucket/prefix; data if left out.")
@click.option("--example", is_flag=True, help=f"Print {EXAMPLE_FILE}, which explains every key, and write nothing.")
def init(*, example: bool, **given: Any) -> None:
    """Write planion.yaml in the working directory, or the file that PLANION_CONFIG names.

    Asks for what it needs; with --account and --conference it asks nothing. A file that is there stays as it is.
    Exits 2 where it cannot be written or a value cannot be used.
    """
    if example:
        click.echo((files("planion_assets.config") / EXAMPLE_FILE).read_text(encoding="utf-8"), nl=False)
        end()
    path = Path(os.environ.get(FILE_VARIABLE, "").strip() or DEFAULT_FILE)
    if os.path.lexists(path):
        refuse(f"{path} is there already, and stays as it is; change it, or name another file with {FILE_VARIABLE}")
    try:
        text, variable = _filled_in(**given)
    except click.Abort:  # Ctrl-C, or nobody there to answer
        refuse("nothing is written; where nobody answers, give --account and --conference")
    _write(path, text)
    click.echo(f"{path} is written. Next:\n\n  export {variable}=...\n  planion check\n  planion refresh\n")
    click.echo("For an editor that completes and checks it: planion schema > planion.schema.json")
    end()


def _filled_in(
    *,
    account: str | None,
    token_env: str | None,
    conferences: Sequence[str],
    timezone: str | None,
    url: str | None,
    data: str | None,
) -> tuple[str, str]:
    """The text of the file and the variable of the token, from options, and from answers where options are missing."""
    asks = not (account and conferences)
    account = _value("Account acronym", account, checked_name, asks=asks)
    variable = _value(
        "Environment variable of its API token (the name, not the token)",
        token_env,
        checked_variable_name,
        default=f"PLANION_TOKEN_{re.sub(r'[^A-Za-z0-9]', '_', account).upper()}",
        asks=asks,
    )
    names = [_value("Conference ID", name, checked_name, asks=False) for name in conferences] or _ask_conferences()
    where = "Time zone of the venue of {}, such as America/Chicago (empty for none)"
    zoned = [(name, _value(where.format(name), timezone, _checked_zone, default="", asks=asks)) for name in names]
    url = _value("Address of the feed", url, lambda text: checked_url(text, False), default=FEED_URL, asks=asks)
    if data is not None:
        data = _value("Folder or address of the tables", data, lambda text: str(checked_data(text)), asks=False)
    return _text(account, variable, zoned, url, data), variable


def _value(
    question: str, given: str | None, check: Callable[[str], str], *, default: str | None = None, asks: bool
) -> str:
    """The value of an option, else the answer to a question, asked until it can be used, else the default."""

    def checked(text: str) -> str:
        try:
            return check(text.strip())
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    try:
        if given is not None or not asks:
            return check((given if given is not None else default or "").strip())
    except ValueError as error:
        refuse(f"{question}: {error}")
    answer: str = click.prompt(question, default=default, show_default=bool(default), value_proc=checked)
    return answer


def _checked_zone(name: str) -> str:
    return checked_timezone(name) if name else ""


def _ask_conferences() -> list[str]:
    """Conferences, asked for until an empty answer."""
    names = [_value("Conference ID", None, checked_name, asks=True)]

    def checked(name: str) -> str:
        if name in names:
            raise ValueError("is named already")
        return checked_name(name) if name else ""

    while name := _value("Another conference ID (empty to go on)", None, checked, default="", asks=True):
        names.append(name)
    return names


def _text(account: str, token_env: str, conferences: Sequence[tuple[str, str]], url: str, data: str | None) -> str:
    lines = [
        _HEADING,
        f"feed:\n  url: {_quoted(url)}\n",
        *([] if data is None else [f"data: {_quoted(data)}\n"]),
        f"accounts:\n  - account: {_quoted(account)}\n    token_env: {token_env}\n    conferences:",
    ]
    for name, zone in conferences:
        lines.append(f"      - conference: {_quoted(name)}")
        lines.append(f"        timezone: {zone}" if zone else "        # timezone: America/Chicago")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _write(path: Path, text: str) -> None:
    """Write the file once its text has been loaded as settings, whole or not at all.

    Signals are blocked while it is written: Ctrl-C ends the command before the file exists, or when it is whole.
    """
    document: Any = yaml_text.parse(text.encode())[0]
    try:
        load(given=document)
    except ConfigError as error:
        refuse(str(error).replace(GIVEN_SOURCE, str(path)))
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    try:
        with path.open("x", encoding="utf-8") as file:
            try:
                _put(file, text)
            except OSError:
                path.unlink()
                raise
    except OSError as error:
        refuse(f"{path} cannot be written ({error.strerror}); run this where you may write, or set {FILE_VARIABLE}")
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)


def _put(file: IO[str], text: str) -> None:
    file.write(text)
    file.flush()
