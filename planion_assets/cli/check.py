"""`planion check`: the command and its exit code. check_feed.py asks the feed, check_report.py prints the answers."""

import contextlib

import click

from planion_assets.cli.command_options import end, keys_argument, refusing, sandbox_option, wanted_keys
from planion_assets.cli.signals import at_once
from planion_assets.config import Config, ConfigError, load
from planion_assets.defs.instance_settings import problems as dagster_problems
from planion_assets.refresh.feed_note import check as check_folder


@click.command()
@keys_argument
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@sandbox_option
def check(keys: tuple[str, ...], as_json: bool, sandbox: bool) -> None:
    """Try the configuration on the feed: tokens, what the contract includes, rows, time zones. Writes nothing.

    One request for each collection of the conferences KEY (written ACCOUNT|CONFERENCE), or of all. Exits 1 if
    anything failed, 2 if the configuration or a KEY cannot be used; a warning is none.
    """
    with at_once("nothing was written"):
        with refusing():
            settings = load(sandbox=sandbox)
            wanted = wanted_keys(settings, keys)
        complete = _is_complete(settings)
        for problem in dagster_problems():
            click.echo(f"warning: {problem}", err=True)
        # Imported here: `planion --help` and a configuration mistake need no HTTP.
        from planion_assets.cli import check_report
        from planion_assets.cli.check_feed import check_accounts
        from planion_assets.sandbox import SandboxServer

        with SandboxServer() if settings.is_sandbox else contextlib.nullcontext() as served:
            url = served.url if served else settings.feed.url
            accounts = list(check_accounts(settings, wanted, url))
        if as_json:
            check_report.print_json(accounts, settings.source, url)
        else:
            check_report.print_table(accounts, settings.source, url)
        end(succeeded=complete and not check_report.failed(accounts))


def _is_complete(settings: Config) -> bool:
    """Whether the data folder is of this feed and the webhook has an address; prints to stderr what is missing."""
    complete = True
    for look in (check_folder, Config.failure_webhook):
        try:
            look(settings)
        except ConfigError as error:
            complete = False
            click.echo(str(error), err=True)
    return complete
