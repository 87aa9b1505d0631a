"""The `planion` command: its group, and the arguments and exit codes of the commands that have no module of their own.

Nothing large is imported here before a command needs it.
"""

import json
import signal
import sys
from datetime import UTC, datetime
from typing import Any

import click

from planion_assets.cli import streams
from planion_assets.cli.as_of import as_of
from planion_assets.cli.check import check as check_command
from planion_assets.cli.command_options import (
    EXIT_FAILED,
    end,
    keys_argument,
    parsed_keys,
    refuse,
    refusing,
    sandbox_option,
    wanted_keys,
)
from planion_assets.cli.explain import explain
from planion_assets.cli.forget import forget
from planion_assets.cli.init import init
from planion_assets.cli.register_partitions import register
from planion_assets.cli.signals import at_once, ending
from planion_assets.config import load
from planion_assets.config.constants import SANDBOX_PORT
from planion_assets.process_tuning import rare_collections, tuned
from planion_assets.refresh.feed_note import check, claim
from planion_assets.version import __version__

_STOPPED = "every stored table is whole; run the command again for the rest"
_STOPPED_VERIFYING = "not everything was verified, and no file is mended by half; run the command again"


class _Planion(click.Group):
    """The command, whose standard streams are prepared before anything is printed."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run it."""
        streams.prepare()
        return super().main(*args, **extra)


@click.group(cls=_Planion, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="planion")
def main() -> None:
    """Complete, typed Parquet tables of a Planion events feed."""


@main.command()
@keys_argument
@click.option(
    "--allow-shrink",
    is_flag=True,
    help="Store conferences of which no rows are listed or usable any more, or far fewer than are stored. Refused "
    "otherwise.",
)
@click.option(
    "--adopt",
    is_flag=True,
    help="Take over a data folder that shows another address of the same feed, and note the one that is read.",
)
@sandbox_option
@tuned()
def refresh(keys: tuple[str, ...], allow_shrink: bool, adopt: bool, sandbox: bool) -> None:
    """Refresh the conferences KEY (written ACCOUNT|CONFERENCE), or all that are configured.

    One line per conference; errors go to stderr. Exits 1 if any conference failed, 2 if the configuration, the
    data folder or a KEY cannot be used, 143, 130 or 129 if SIGTERM, SIGINT (Ctrl-C) or SIGHUP stopped it, which
    takes seconds; a second signal ends it at once.
    """
    with at_once(_STOPPED):
        with refusing():
            settings = load(sandbox=sandbox)
            wanted = wanted_keys(settings, keys)
            claim(settings, adopt=adopt)
        # Imported here: `planion --help` and a configuration mistake need no Dagster.
        with rare_collections():
            from planion_assets.cli.refresh import refresh_all

    with ending(_STOPPED) as signals:
        succeeded = refresh_all(settings, wanted, signals, allow_shrink=allow_shrink)
    sys.exit(0 if succeeded else EXIT_FAILED)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the rows of conference_status as JSON.")
@sandbox_option
def status(as_json: bool, sandbox: bool) -> None:
    """Say of every conference how fresh its tables are and when it was last read, from the files alone.

    Exits 1 if anything is an error, 2 if the configuration or the data folder cannot be used; a warning is
    none.
    """
    with refusing():
        settings = load(sandbox=sandbox)
        check(settings)
    # Imported here: `planion --help` and a configuration mistake need no pyarrow.
    from planion_assets.cli.status import print_json, print_table
    from planion_assets.freshness.rows import level
    from planion_assets.freshness.survey import survey
    from planion_assets.freshness.verdicts import Level
    from planion_assets.refresh.stores import store_of

    now = datetime.now(UTC)
    surveyed = survey(settings, store_of(settings), now)
    if as_json:
        print_json(surveyed, now)
    else:
        print_table(surveyed, now, settings.source)
    end(succeeded=Level.ERROR not in map(level, surveyed))


@main.command()
@keys_argument
@click.option(
    "--repair",
    is_flag=True,
    help="Make damaged tables anew from the stored raw table, and that from the feed where it is damaged itself. What "
    "is lost is set aside in the folder .damaged of the tables.",
)
@sandbox_option
@tuned()
def verify(keys: tuple[str, ...], repair: bool, sandbox: bool) -> None:
    """Read every stored file of the conferences KEY, or of all, and say which are not what they should be.

    Each file is read against its checksums, its snapshot and the tables made anew; the feed is not asked. One line per
    file that differs. Exits 0 if all is right in the end, 1 if anything is damaged, 2 if the configuration, the data
    folder or a KEY cannot be used, 143, 130 or 129 if SIGTERM, SIGINT (Ctrl-C) or SIGHUP stopped it.
    """
    with at_once(_STOPPED_VERIFYING):
        with refusing():
            settings = load(sandbox=sandbox)
            wanted = parsed_keys(keys)
            check(settings)
        # Imported here: `planion --help` and a configuration mistake need no pyarrow.
        from planion_assets.cli.verify import unknown, verify_stored

        if problem := unknown(settings, wanted):
            refuse(problem)
    with ending(_STOPPED_VERIFYING) as signals:
        right = verify_stored(settings, wanted or None, signals, repair=repair)
    end(succeeded=right)


@main.command()
@click.option("--port", default=SANDBOX_PORT, show_default=True, help="Port on 127.0.0.1.")
@click.option("--seed", default=None, type=int, help="Seed of the made-up content.")
def sandbox(port: int, seed: int | None) -> None:
    """Serve the sandbox feed until interrupted: made-up conferences in the feed's own format."""
    from planion_assets.sandbox import Sandbox, SandboxServer

    try:
        server = SandboxServer(Sandbox() if seed is None else Sandbox(seed), port=port)
    except OSError as error:
        problem = f"port {port} of 127.0.0.1 cannot be served ({error.strerror}); choose another with --port"
        click.echo(problem, err=True)
        sys.exit(EXIT_FAILED)
    # Other commands end at SIGINT at once; this one frees its port and prints a line first.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    click.echo(f"sandbox feed at {server.url} (POST /sandbox/advance moves its content on)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        click.echo("stopped", err=True)


@main.command()
def tables() -> None:
    """Print the data dictionary: every table and column, as Markdown."""
    from planion_assets.cli.data_dictionary import dictionary

    click.echo(dictionary(), nl=False)
    end()


@main.command()
def schema() -> None:
    """Print the JSON Schema of planion.yaml, for editors: `planion schema > planion.schema.json`."""
    from planion_assets.config.json_schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
    end()


for command in (as_of, check_command, explain, forget, init, register):
    main.add_command(command)

if __name__ == "__main__":
    main()
