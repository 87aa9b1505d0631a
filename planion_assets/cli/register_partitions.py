"""`planion register`: make the partitions of all configured conferences, without a refresh."""

import click

from planion_assets.cli.command_options import end, refusing, sandbox_option
from planion_assets.cli.signals import at_once
from planion_assets.config import load
from planion_assets.guide import Heading, see


@click.command()
@sandbox_option
def register(sandbox: bool) -> None:
    """Make a partition of every configured conference in the Dagster instance, without refreshing it.

    Partitions that are there and not configured stay, and are named. Exits 1 if Dagster's storage failed, 2 if the
    configuration or the instance cannot be used.
    """
    with at_once("run the command again for the partitions that are missing"):
        with refusing():
            settings = load(sandbox=sandbox)
        # Imported here: `planion --help` and a configuration mistake need no Dagster.
        from planion_assets.defs.instance import opened, reason_of
        from planion_assets.defs.register import register as register_partitions

        keys = settings.keys()
        with refusing(), opened() as instance:
            where = instance.root_directory
            try:
                registered = register_partitions(instance, keys)
            except Exception as error:  # noqa: BLE001 - a storage, and the database behind it, raise what they like
                problem = f"the partitions could not be made in {where}: {reason_of(error)}"
                click.echo(see(problem, Heading.DAGSTER_STORAGE), err=True)
                end(succeeded=False)
        for key in registered.added:
            click.echo(f"added: {key}")
        state = "there and not configured"
        for key in registered.not_configured:
            click.echo(f"{state}: {key} (its tables and its partition stay; `planion forget` deletes them)")
        click.echo(
            f"{len(keys)} conferences configured, {len(registered.added)} partitions added, "
            f"{len(registered.not_configured)} {state}; instance: {where}; settings: {settings.source}"
        )
        end()
